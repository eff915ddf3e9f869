#include "daemon/message.h"

static const char *const names[ROLES] = {
    [ROLE_HASH] = "hash",
    [ROLE_SYNC] = "sync",
    [ROLE_AUTH] = "auth",
    [ROLE_TLS] = "tls",
    [ROLE_WORKER] = "worker",
    [ROLE_KEEPER] = "keeper",
    [ROLE_DELIVER] = "deliver",
    [ROLE_LOGIN] = "login",
};

/* P1, P2: nobody has a channel it does not need. */
static const unsigned meets[ROLES] = {
    [ROLE_HASH] = 1 << ROLE_AUTH,
    [ROLE_SYNC] = 1 << ROLE_WORKER,
    [ROLE_AUTH] =
	1 << ROLE_HASH | 1 << ROLE_WORKER | 1 << ROLE_DELIVER | 1 << ROLE_LOGIN,
    [ROLE_TLS] = 1 << ROLE_LOGIN | 1 << ROLE_DELIVER,
    [ROLE_WORKER] = 1 << ROLE_SYNC | 1 << ROLE_AUTH | 1 << ROLE_KEEPER |
	1 << ROLE_DELIVER | 1 << ROLE_LOGIN,
    [ROLE_KEEPER] = 1 << ROLE_WORKER,
    [ROLE_DELIVER] = 1 << ROLE_TLS | 1 << ROLE_AUTH | 1 << ROLE_WORKER,
    [ROLE_LOGIN] = 1 << ROLE_TLS | 1 << ROLE_AUTH | 1 << ROLE_WORKER,
};

const char *
role_name(enum role r)
{
	return names[r];
}

bool
role_of(struct str name, enum role *out)
{
	for (size_t i = 0; i < ROLES; i++)
		if (str_eq(name, str_from(names[i]))) {
			*out = (enum role)i;
			return true;
		}
	return false;
}

bool
roles_meet(enum role a, enum role b)
{
	return meets[a] & 1u << b;
}

void
facts_encode(const struct tls_facts *f, struct buf *out)
{
	wire_put_u8(out, f->on);
	wire_put_str(out, f->version);
	wire_put_str(out, f->cipher);
	wire_put_str(out, f->sni);
	wire_put_str(out, f->exporter);
	wire_put_str(out, f->unique);
	wire_put_str(out, f->endpoint);
}

void
facts_decode(struct wire *w, struct arena *a, struct tls_facts *out)
{
	out->on = wire_u8(w) != 0;
	out->version = arena_str(a, wire_str(w));
	out->cipher = arena_str(a, wire_str(w));
	out->sni = arena_str(a, wire_str(w));
	out->exporter = arena_str(a, wire_str(w));
	out->unique = arena_str(a, wire_str(w));
	out->endpoint = arena_str(a, wire_str(w));
}

void
peer_encode(const struct peer *p, struct buf *out)
{
	wire_put_str(out, p->address);
	wire_put_u16(out, p->port);
	wire_put_u8(out, (uint8_t)(p->loopback | p->proxied_tls << 1));
}

void
peer_decode(struct wire *w, struct arena *a, struct peer *out)
{
	uint8_t bits;

	out->address = arena_str(a, wire_str(w));
	out->port = wire_u16(w);
	bits = wire_u8(w);
	out->loopback = bits & 1;
	out->proxied_tls = bits & 2;
}

void
handover_encode(const struct handover *h, struct buf *out)
{
	wire_put_str(out, h->tag);
	wire_put_str(out, h->client);
	wire_put_u8(out, (uint8_t)(h->sasl_final | h->utf8 << 1));
	wire_put_str(out, h->lang);
}

void
handover_decode(struct wire *w, struct arena *a, struct handover *out)
{
	uint8_t bits;

	out->tag = arena_str(a, wire_str(w));
	out->client = arena_str(a, wire_str(w));
	bits = wire_u8(w);
	out->sasl_final = bits & 1;
	out->utf8 = bits & 2;
	out->lang = arena_str(a, wire_str(w));
}

/*
 * The role `tls`: takes a socket, answers with a plaintext socket and the
 * facts, and relays bytes. It holds the keys, and knows no protocol.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/child.h"
#include "daemon/protocols.h"
#include "net/relay.h"

enum { DRAIN_STEP_MS = 2 * 1000, SPARE_FDS = 64, FDS_EACH = 3 };

struct tls {
	struct child *child;
	struct tls_set *set, *next; /* in force; being received */
	bool bad;                   /* of `next` */
	unsigned char tickets[TLS_TICKET_KEYS];
	bool has_tickets;
	size_t n, most;
	struct handshake *oldest, *newest; /* of those not done */
	struct mem_crowd crowd;
	struct timer timer;
};

/* Until the handshake is done; then only the count remains. */
struct handshake {
	struct tls *tls;
	struct handshake *older, *newer;
	struct relay *relay; /* NULL: it is done */
	struct link *to;
	unsigned generation; /* of the link */
	uint64_t id;
};

static struct tls tls;

static void
failed(struct link *to, uint64_t id)
{
	struct buf b;

	buf_init(&b, 16);
	wire_put_u64(&b, id);
	link_tell(to, MSG_TLS_FAILED, buf_str(&b));
	buf_release(&b);
}

static void
list_add(struct tls *t, struct handshake *h)
{
	h->older = t->newest;
	*(h->older ? &h->older->newer : &t->oldest) = h;
	t->newest = h;
}

static void
list_remove(struct tls *t, struct handshake *h)
{
	*(h->older ? &h->older->newer : &t->oldest) = h->newer;
	*(h->newer ? &h->newer->older : &t->newest) = h->older;
	h->relay = NULL;
}

/*
 * At the limit of descriptors the oldest handshake that is not done goes, so
 * that many who say nothing do not keep out who does. False: all are in use.
 */
static bool
make_room(struct tls *t)
{
	struct handshake *h = t->oldest;
	struct relay *r;

	if (!h)
		return false;
	r = h->relay;
	list_remove(t, h);
	relay_free(&r);
	if (h->to->generation == h->generation)
		failed(h->to, h->id);
	free(h);
	t->n--;
	return true;
}

static void
secured(
    void *ctx, struct relay *r UNUSED, int plain, const struct tls_info *info)
{
	struct handshake *h = ctx;
	struct tls_facts f = {
	    .on = true,
	    .version = info->version,
	    .cipher = info->cipher,
	    .sni = info->sni,
	    .exporter = str_of((const char *)info->exporter, info->n_exporter),
	    .unique = str_of((const char *)info->unique, info->n_unique),
	    .endpoint = str_of((const char *)info->endpoint, info->n_endpoint),
	};
	struct buf b;

	list_remove(h->tls, h);
	buf_init(&b, 4096);
	wire_put_u64(&b, h->id);
	facts_encode(&f, &b);
	if (h->to->generation != h->generation ||
	    link_send(h->to, MSG_TLS_DONE, buf_str(&b), plain) != ST_OK)
		close(plain); /* which ends the relay */
	buf_release(&b);
}

static void
ended(void *ctx, struct relay *r UNUSED, bool was_secured)
{
	struct handshake *h = ctx;
	struct tls *t = h->tls;

	if (!was_secured)
		list_remove(t, h);
	if (!was_secured && h->to->generation == h->generation)
		failed(h->to, h->id);
	free(h);
	mem_crowd(&t->crowd, --t->n);
	if (t->child->draining && !t->n)
		child_done(t->child);
}

static const struct relay_ops ops = {secured, ended};

/* Static: the connection keeps it. */
static const char *
alpn_of(struct str protocol)
{
	const struct protocol *p = protocol_named(protocol);

	if (str_eq(protocol, S("lmtp")))
		return "lmtp";
	return p ? p->name : NULL;
}

static int64_t
handshake_ms(const struct tls *t)
{
	int64_t within = proto_login_ms(&t->child->proto);

	return within < RELAY_HANDSHAKE_MS ? within : RELAY_HANDSHAKE_MS;
}

static void
take(struct tls *t, struct link *from, struct packet *m)
{
	struct wire w = wire_of(m->body);
	struct handshake *h = mem_zalloc(sizeof(*h));
	const char *alpn;
	int fd = packet_take(m, 0);

	h->tls = t;
	h->to = from;
	h->generation = from->generation;
	h->id = wire_u64(&w);
	alpn = alpn_of(wire_str(&w));
	if (!wire_end(&w) || !alpn || fd < 0 ||
	    (t->n >= t->most && !make_room(t))) {
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	h->relay = fd < 0 ? NULL
			  : relay_new(t->child->loop, t->set, fd, alpn,
				handshake_ms(t), &ops, h);
	if (h->relay) {
		mem_crowd(&t->crowd, ++t->n);
		list_add(t, h);
		return;
	}
	failed(from, h->id);
	free(h);
}

/* --- certificates --- */

static void
key_pair(struct tls *t, struct packet *m)
{
	struct wire w = wire_of(m->body);
	unsigned index = wire_u32(&w);
	struct str name = wire_str(&w), cert = wire_str(&w), key = wire_str(&w);
	const char *why = "unreadable message";

	if (index == 0) {
		tls_set_unref(&t->next);
		t->next = tls_set_new();
		t->bad = false;
	}
	if (!wire_end(&w) || !t->next ||
	    tls_set_add(t->next, cert, key, &why) != ST_OK) {
		log_error("certificate not usable",
		    LOG_STR("pair", name.n ? name : S("tls")),
		    LOG_Z("why", why));
		t->bad = true;
	}
	explicit_bzero((void *)(uintptr_t)m->body.p, m->body.n);
}

/* The last of a set: it takes the place of the one before as a whole. */
static void
tickets(struct tls *t, struct packet *m)
{
	if (m->body.n != TLS_TICKET_KEYS)
		return;
	memcpy(t->tickets, m->body.p, TLS_TICKET_KEYS);
	explicit_bzero((void *)(uintptr_t)m->body.p, m->body.n);
	t->has_tickets = true;
	if (t->next && t->bad) {
		tls_set_unref(&t->next);
		if (t->set)
			log_error("the certificates from before stay");
		else
			channel_tell(t->child->up, MSG_FAILED,
			    S("a certificate cannot be used"));
	}
	if (t->next) {
		tls_set_unref(&t->set);
		t->set = t->next;
		t->next = NULL;
	}
	if (t->set)
		tls_set_tickets(t->set, t->tickets);
}

/* --- the role --- */

static void
start(struct child *c)
{
	struct rlimit r;

	tls.child = c;
	tls.most = 1000;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur > SPARE_FDS * 2)
		tls.most = (size_t)(r.rlim_cur - SPARE_FDS) / FDS_EACH;
	if (!tls.set)
		tls.set = tls_set_new();
}

static void
told(struct child *c, struct packet *m)
{
	tls.child = c;
	if (m->type == MSG_KEYS)
		key_pair(&tls, m);
	else if (m->type == MSG_TICKETS)
		tickets(&tls, m);
}

static void
message(struct child *c UNUSED, struct link *l, struct packet *m)
{
	if (m->type == MSG_TLS_ACCEPT)
		take(&tls, l, m);
}

static void
waited(void *ctx)
{
	child_done(ctx);
}

static void
drain(struct child *c)
{
	if (!tls.n) {
		child_done(c);
		return;
	}
	tls.timer.fire = waited;
	tls.timer.ctx = c;
	loop_timer(c->loop, &tls.timer, loop_now(c->loop) + DRAIN_STEP_MS);
}

const struct role_def role_tls = {
    .role = ROLE_TLS,
    .start = start,
    .told = told,
    .message = message,
    .drain = drain,
};

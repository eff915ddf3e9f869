#include "cli/uidls.h"

#include <sodium.h>

#include "base/map.h"
#include "base/vec.h"

enum {
	KEY = 16,
	HEADER_MAX = 1024 * 1024,
	MESSAGES_MAX = 10 * 1000 * 1000,
	AHEAD = 50, /* commands, where the server allows that (RFC 2449) */
};

struct uidl {
	struct uidl *next; /* with the same header */
	uint32_t number;
	struct str id;
};

struct uidls {
	struct arena arena;
	struct uidl *list;
	size_t n_list, cap_list;
	struct map by_header; /* key -> struct uidl, the next to give */
	/* While it is being loaded: */
	struct stream *s;
	struct buf line, header;
	bool tls, top, user, pipelining;
};

/* Servers write these themselves, and not into both views of a message. */
static const struct str ignored[] = {STR_INIT("Status:"), STR_INIT("X-Status:"),
    STR_INIT("X-UID:"), STR_INIT("X-UIDL:"), STR_INIT("X-Keywords:"),
    STR_INIT("Content-Length:")};

static bool
is_ignored(struct str line)
{
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		if (str_startsi(line, ignored[i]))
			return true;
	return false;
}

static void
header_key(struct str header, unsigned char out[KEY])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, KEY);
	while (header.n > 0) {
		struct str line = str_cut(&header, '\n');

		if (str_ends(line, S("\r")))
			line = str_first(line, line.n - 1);
		if (line.n == 0)
			break;
		if (is_ignored(line))
			continue;
		crypto_generichash_update(
		    &state, (const unsigned char *)line.p, line.n);
		crypto_generichash_update(
		    &state, (const unsigned char *)"\n", 1);
	}
	crypto_generichash_final(&state, out, KEY);
}

/* --- POP3 --- */

static enum status say(struct uidls *u, const char *fmt, ...) PRINTF(2, 3);

static enum status
say(struct uidls *u, const char *fmt, ...)
{
	enum status st;
	struct buf b;
	va_list ap;

	buf_init(&b, 8192);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addz(&b, "\r\n");
	st = buf_full(&b) ? ST_LIMIT : stream_write(u->s, buf_str(&b));
	explicit_bzero(b.p, b.n); /* it may hold the password */
	buf_release(&b);
	return st;
}

static enum status
line(struct uidls *u)
{
	buf_clear(&u->line);
	return stream_line(u->s, &u->line);
}

/* +OK, or -ERR: ST_DENIED. */
static enum status
reply(struct uidls *u)
{
	enum status st = line(u);

	if (st != ST_OK)
		return st;
	if (str_startsi(buf_str(&u->line), S("+OK")))
		return ST_OK;
	return str_startsi(buf_str(&u->line), S("-ERR")) ? ST_DENIED
							 : ST_SYNTAX;
}

/* A line of a multi-line answer, unstuffed; *end at the last one. */
static enum status
more(struct uidls *u, struct str *out, bool *end)
{
	enum status st = line(u);
	struct str l = buf_str(&u->line);

	*end = str_eq(l, S("."));
	*out = str_starts(l, S(".")) ? str_from_pos(l, 1) : l;
	return st;
}

static enum status
capa(struct uidls *u)
{
	enum status st = say(u, "CAPA");
	bool end = false;
	struct str l;

	u->tls = u->top = u->user = u->pipelining = false;
	if (st == ST_OK)
		st = reply(u);
	if (st == ST_DENIED) { /* RFC 1939 knows no CAPA */
		u->top = u->user = true;
		return ST_OK;
	}
	while (st == ST_OK && (st = more(u, &l, &end)) == ST_OK && !end) {
		u->tls = u->tls || str_eqi(l, S("STLS"));
		u->top = u->top || str_eqi(l, S("TOP"));
		u->user = u->user || str_eqi(l, S("USER"));
		u->pipelining = u->pipelining || str_eqi(l, S("PIPELINING"));
	}
	return st;
}

static enum status
secure(struct uidls *u, const struct mail_server *m, struct buf *why)
{
	enum status st;

	if (m->tls || !u->tls)
		return mail_server_private(m, u->s, why);
	if ((st = say(u, "STLS")) == ST_OK && (st = reply(u)) == ST_OK &&
	    (st = stream_start_tls(u->s, m->unverified, why)) == ST_OK)
		st = capa(u);
	return st;
}

static enum status
login(struct uidls *u, const struct mail_server *m)
{
	enum status st;
	struct buf b;

	if (u->user) {
		if ((st = say(u, "USER " STR_FMT, STR_ARG(m->user))) != ST_OK ||
		    (st = reply(u)) != ST_OK ||
		    (st = say(u, "PASS " STR_FMT, STR_ARG(m->password))) !=
			ST_OK)
			return st;
		return reply(u);
	}
	buf_init(&b, 8192);
	mail_server_plain(m, &b);
	if ((st = say(u, "AUTH PLAIN")) == ST_OK && (st = line(u)) == ST_OK) {
		st = str_starts(buf_str(&u->line), S("+ ")) ||
			str_eq(buf_str(&u->line), S("+"))
		    ? say(u, STR_FMT, STR_ARG(buf_str(&b)))
		    : ST_DENIED;
		if (st == ST_OK)
			st = reply(u);
	}
	explicit_bzero(b.p, b.n);
	buf_release(&b);
	return st;
}

/* --- the list --- */

static enum status
read_ids(struct uidls *u)
{
	enum status st = say(u, "UIDL");
	bool end = false;
	struct str l;

	if (st == ST_OK)
		st = reply(u);
	while (st == ST_OK && (st = more(u, &l, &end)) == ST_OK && !end) {
		struct str number = str_cut(&l, ' ');
		struct uidl *one;

		if (u->n_list >= MESSAGES_MAX)
			return ST_LIMIT;
		one = VEC_ADD(u, list);
		*one = (struct uidl){.id = arena_str(&u->arena, str_trim(l))};
		if (!str_to_u32(number, &one->number) || one->id.n == 0)
			return ST_SYNTAX;
	}
	return st;
}

static enum status
read_header(struct uidls *u, struct uidl *one)
{
	unsigned char key[KEY];
	enum status st = reply(u);
	bool end = false;
	struct uidl *was;
	struct str l;

	if (st == ST_DENIED) /* gone meanwhile */
		return ST_OK;
	buf_clear(&u->header);
	while (st == ST_OK && (st = more(u, &l, &end)) == ST_OK && !end) {
		buf_adds(&u->header, l);
		buf_addc(&u->header, '\n');
	}
	if (st != ST_OK)
		return st;
	header_key(buf_str(&u->header), key);
	was = map_get(&u->by_header, str_of((const char *)key, KEY));
	if (!was) {
		(void)map_set(
		    &u->by_header, str_of((const char *)key, KEY), one);
		return ST_OK;
	}
	while (was->next)
		was = was->next;
	was->next = one;
	return ST_OK;
}

static enum status
read_headers(struct uidls *u, void (*tell)(void *ctx, uint64_t done), void *ctx)
{
	size_t ahead = u->pipelining ? AHEAD : 1, asked = 0;
	enum status st = ST_OK;

	for (size_t i = 0; i < u->n_list && st == ST_OK; i++) {
		while (asked < u->n_list && asked < i + ahead && st == ST_OK)
			st = say(u, "TOP %u 0", u->list[asked++].number);
		if (st == ST_OK)
			st = read_header(u, &u->list[i]);
		tell(ctx, i + 1);
	}
	return st;
}

enum status
uidls_load(const struct mail_server *m, void (*tell)(void *ctx, uint64_t done),
    void *ctx, struct uidls **out, struct buf *why)
{
	struct uidls *u = mem_zalloc(sizeof(*u));
	enum status st;

	buf_init(&u->line, STREAM_LINE_MAX);
	buf_init(&u->header, HEADER_MAX);
	if ((st = mail_server_open(m, &u->s, why)) == ST_OK &&
	    (st = reply(u)) == ST_OK && (st = capa(u)) == ST_OK &&
	    (st = secure(u, m, why)) == ST_OK) {
		st = login(u, m);
		if (st == ST_DENIED)
			buf_addf(why, "the POP3 login was refused: " STR_FMT,
			    STR_ARG(buf_str(&u->line)));
		if (st == ST_OK)
			st = read_ids(u);
		if (st == ST_OK)
			st = read_headers(u, tell, ctx);
		if (st == ST_OK) /* nothing was deleted; no need to wait */
			st = say(u, "QUIT");
	}
	stream_close(&u->s);
	if (st != ST_OK) {
		if (why->n == 0)
			buf_addf(why, "the POP3 server at " STR_FMT ": %s",
			    STR_ARG(m->host), status_text(st));
		uidls_free(&u);
	} else {
		*out = u;
	}
	return st;
}

void
uidls_free(struct uidls **out)
{
	struct uidls *u = *out;

	*out = NULL;
	if (!u)
		return;
	stream_close(&u->s);
	buf_release(&u->line);
	buf_release(&u->header);
	map_release(&u->by_header);
	arena_release(&u->arena);
	free(u->list);
	free(u);
}

size_t
uidls_count(const struct uidls *u)
{
	return u->n_list;
}

struct str
uidls_take(struct uidls *u, struct str header)
{
	unsigned char key[KEY];
	struct str k = str_of((const char *)key, KEY);
	struct uidl *one;

	header_key(header, key);
	one = map_get(&u->by_header, k);
	if (!one)
		return S("");
	if (one->next)
		(void)map_set(&u->by_header, k, one->next);
	else
		(void)map_remove(&u->by_header, k);
	return one->id;
}

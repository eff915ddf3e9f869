#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/login_int.h"
#include "daemon/protocols.h"
#include "net/listen.h"
#include "net/proxy.h"

enum { STEP_MAX = 64 * 1024 };

static bool
is_tls(enum listener kind)
{
	return kind == LISTEN_IMAPS || kind == LISTEN_POP3S;
}

static struct str
name_of(const struct conn *c)
{
	return str_from(protocol_of(c->kind)->name);
}

static void
line_add(struct conn_line *line, struct conn *c)
{
	c->line = line;
	c->newer = NULL;
	c->older = line->newest;
	*(c->older ? &c->older->newer : &line->oldest) = c;
	line->newest = c;
	line->n++;
}

static void
line_remove(struct conn *c)
{
	*(c->older ? &c->older->newer : &c->line->oldest) = c->newer;
	*(c->newer ? &c->newer->older : &c->line->newest) = c->older;
	c->line->n--;
}

void
conn_free(struct conn *c)
{
	struct login *lg = c->login;
	struct buf b;

	line_remove(c);
	(void)map_remove_u64(&lg->conns, c->id);
	if (c->asked) {
		buf_init(&b, 16);
		wire_put_u64(&b, c->id);
		link_tell(&lg->child->links[ROLE_AUTH][0], MSG_AUTH_GONE,
		    buf_str(&b));
		buf_release(&b);
	}
	if (c->session.machine)
		session_end(&c->session);
	loop_unwatch(lg->child->loop, &c->watch);
	loop_untimer(lg->child->loop, &c->timer);
	if (c->fd >= 0)
		close(c->fd);
	if (c->group)
		address_drop(lg->addresses, c->group);
	buf_release(&c->proxy);
	arena_release(&c->arena);
	free(c);
	mem_crowd(&lg->crowd, lg->conns.n);
	if (lg->conns.n + LOGIN_ACCEPTS < lg->most && !lg->child->draining)
		login_pause(lg, false);
	if (lg->child->draining && !lg->conns.n)
		child_done(lg->child);
}

/* A word of the client's: a command, or a TLS handshake that was finished. */
static void
spoke(struct conn *c)
{
	struct login *lg = c->login;

	if (c->line == &lg->spoken)
		return;
	line_remove(c);
	line_add(&lg->spoken, c);
}

static struct conn *
oldest_idle(const struct conn_line *line)
{
	struct conn *c = line->oldest;

	while (c && (c->state == CONN_HANDING || c->asking))
		c = c->newer;
	return c;
}

/*
 * Many that say nothing must not keep out those who have something to say: at
 * the limit of descriptors the oldest connection goes that nobody works for,
 * one that said nothing first. Those have half of all places for themselves,
 * or a crowd that says one word each would let nobody else begin.
 */
static bool
make_room(struct login *lg)
{
	int64_t now = loop_now(lg->child->loop);
	bool many = lg->silent.n * 2 >= lg->conns.n;
	struct conn *c = oldest_idle(many ? &lg->silent : &lg->spoken);
	struct str sorry;

	if (!c)
		c = oldest_idle(many ? &lg->spoken : &lg->silent);
	if (!c)
		return false;
	if (!lg->warned || now - lg->warned >= LOGIN_WARN_MS) {
		log_warn("too many connections without a login: "
			 "the oldest are dropped",
		    LOG_U64("connections", lg->conns.n));
		lg->warned = now;
	}
	if (c->state == CONN_TALK && !c->session.out.n) {
		sorry = protocol_of(c->kind)->busy;
		(void)send(c->session.fd, sorry.p, sorry.n,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	conn_free(c);
	return true;
}

static void
too_late(void *ctx)
{
	conn_free(ctx);
}

static void
expect_within(struct conn *c, int64_t ms)
{
	c->timer.fire = too_late;
	c->timer.ctx = c;
	loop_timer(c->login->child->loop, &c->timer,
	    loop_now(c->login->child->loop) + ms);
}

/* --- questions of the machine --- */

static void
answer_outcome(struct conn *c, uint32_t id, enum auth_outcome outcome)
{
	session_answer(&c->session,
	    &(struct answer){
		.id = id, .status = ST_OK, .auth = {.outcome = outcome}});
}

static void
ask(struct session *s, const struct question *q)
{
	struct conn *c = s->owner;
	struct buf b;

	ASSERT(q->kind == ASK_AUTH && !c->asking);
	buf_init(&b, STEP_MAX);
	wire_put_u64(&b, c->id);
	wire_put_u32(&b, q->id);
	wire_put_str(&b, name_of(c));
	peer_encode(&c->peer, &b);
	facts_encode(&c->facts, &b);
	wire_put_str(&b, q->auth.mechanism);
	wire_put_u8(&b, (uint8_t)(q->auth.has_response | q->auth.cancel << 1));
	wire_put_str(&b, q->auth.response);
	if (buf_full(&b) ||
	    link_send(&c->login->child->links[ROLE_AUTH][0], MSG_AUTH_STEP,
		buf_str(&b), -1) != ST_OK) {
		answer_outcome(c, q->id, AUTH_UNAVAILABLE);
	} else {
		c->asking = q->id;
		c->asked = true;
	}
	/* It may hold a password. */
	explicit_bzero(b.p, b.n);
	buf_release(&b);
}

void
conn_authenticated(struct conn *c, struct wire *w)
{
	struct answer a = {.id = wire_u32(w), .status = ST_OK};
	struct str ticket, name, mechanism;

	a.auth.outcome = (enum auth_outcome)wire_u8(w);
	a.auth.data = wire_str(w);
	ticket = wire_bytes(w, TICKET_SIZE);
	c->home = wire_u32(w);
	name = wire_str(w);
	mechanism = wire_str(w);
	if (!wire_end(w) || a.id != c->asking || c->state != CONN_TALK)
		return;
	memcpy(c->ticket, ticket.p, TICKET_SIZE);
	c->asking = 0;
	if (a.auth.outcome != AUTH_CHALLENGE)
		c->asked = false;
	/* One line that fail2ban can read, and no secret in it (P13). */
	if (a.auth.outcome == AUTH_FAILED || a.auth.outcome == AUTH_EXPIRED)
		log_notice("login failed", LOG_STR("protocol", name_of(c)),
		    LOG_STR("name", name), LOG_STR("mechanism", mechanism),
		    LOG_STR("peer", c->peer.address));
	session_answer(&c->session, &a);
}

void
conn_auth_lost(struct conn *c)
{
	uint32_t id = c->asking;

	c->asking = 0;
	c->asked = false;
	if (id)
		answer_outcome(c, id, AUTH_UNAVAILABLE);
}

/* --- TLS --- */

static void
to_tls(struct conn *c)
{
	struct login *lg = c->login;
	int64_t within = proto_login_ms(&lg->child->proto);
	unsigned n = lg->child->counts[ROLE_TLS];
	struct buf b;

	c->state = CONN_TLS;
	expect_within(c, within < LOGIN_TLS_MS ? within : LOGIN_TLS_MS);
	buf_init(&b, 64);
	wire_put_u64(&b, c->id);
	wire_put_str(&b, name_of(c));
	for (unsigned i = 0; i < n && c->fd >= 0; i++) {
		c->tls = lg->next_tls++ % n;
		if (link_send(&lg->child->links[ROLE_TLS][c->tls],
			MSG_TLS_ACCEPT, buf_str(&b), c->fd) == ST_OK)
			c->fd = -1;
	}
	buf_release(&b);
	if (c->fd >= 0)
		conn_free(c);
}

static void
starttls(struct session *s)
{
	struct conn *c = s->owner;

	/* What came behind the command was not protected (P6). */
	buf_clear(&s->in);
	buf_shrink(&s->in);
	c->fd = session_detach(s);
	to_tls(c);
}

static void talk(struct conn *c);

void
conn_secured(struct conn *c, struct wire *w, int fd)
{
	facts_decode(w, &c->arena, &c->facts);
	if (!wire_end(w) || c->state != CONN_TLS || fd < 0) {
		if (fd >= 0)
			close(fd);
		conn_free(c);
		return;
	}
	c->state = CONN_TALK;
	spoke(c);
	loop_untimer(c->login->child->loop, &c->timer);
	if (c->session.machine) {
		session_secured(&c->session, fd, &c->facts);
	} else {
		c->fd = fd;
		talk(c);
	}
}

/* --- handover --- */

/*
 * P5: whole or not at all. We keep our copy of the socket until the worker
 * has answered, so that a worker that dies meanwhile does not leave a client
 * hanging on a connection that nobody reads: it is closed.
 */
static void
handover(struct session *s)
{
	struct conn *c = s->owner;
	int copy;
	struct buf b;

	c->fd = session_detach(s);
	c->state = CONN_HANDING;
	expect_within(c, LOGIN_HANDOVER_MS);
	copy = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	buf_init(&b, CHANNEL_MESSAGE);
	wire_put_u64(&b, c->id);
	buf_add(&b, c->ticket, TICKET_SIZE);
	wire_put_str(&b, name_of(c));
	handover_encode(&c->handover, &b);
	peer_encode(&c->peer, &b);
	facts_encode(&c->facts, &b);
	wire_put_str(&b, buf_str(&s->in));
	if (copy < 0 || c->home >= c->login->child->counts[ROLE_WORKER] ||
	    link_send(&c->login->child->links[ROLE_WORKER][c->home],
		MSG_HANDOVER, buf_str(&b), copy) != ST_OK) {
		if (copy >= 0)
			close(copy);
		conn_free(c);
	}
	buf_release(&b);
}

static void
closed(struct session *s)
{
	conn_free(s->owner);
}

static void
enter(struct session *s)
{
	if (s->in.n)
		spoke(s->owner);
}

static const struct session_ops ops = {
    .enter = enter,
    .ask = ask,
    .starttls = starttls,
    .handover = handover,
    .closed = closed,
};

static void
talk_from(struct conn *c, struct str unread)
{
	struct login *lg = c->login;
	int fd = c->fd;

	c->fd = -1;
	c->state = CONN_TALK;
	c->session.host = (struct host){
	    .clock = &clock_system,
	    .random = &random_system,
	    .config = &lg->child->proto,
	    .peer = &c->peer,
	    .tls = &c->facts,
	    .handover = &c->handover,
	};
	c->session.secret = true;
	session_start(&c->session, lg->child->loop, protocol_of(c->kind)->login,
	    &ops, c, fd, HANDOVER_UNREAD, unread);
}

static void
talk(struct conn *c)
{
	talk_from(c, S(""));
}

/* --- the begin of a connection --- */

/* False: there are too many from there, and the connection is gone. */
static bool
count_peer(struct conn *c)
{
	struct login *lg = c->login;

	c->group = lg->addresses ? address_group(&c->from) : 0;
	if (!c->group)
		return true;
	address_add(lg->addresses, c->group);
	if (address_count(lg->addresses, c->group) <=
	    lg->child->config->address_limit)
		return true;
	conn_free(c);
	return false;
}

static bool
name_peer(struct conn *c)
{
	struct buf b;

	buf_init(&b, 64);
	address_text(&c->from, &b);
	c->peer.address = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	c->peer.port = address_port(&c->from);
	c->peer.loopback = address_is_loopback(&c->from);
	return count_peer(c);
}

static void
begin(struct conn *c)
{
	if (!name_peer(c))
		return;
	if (is_tls(c->kind))
		to_tls(c);
	else
		talk(c);
}

/* Reads up to n bytes of the header in all. ST_BUSY: they are still to come. */
static enum status
read_header(struct conn *c, size_t n)
{
	while (c->proxy.n < n) {
		size_t want = n - c->proxy.n;
		char *p = buf_reserve(&c->proxy, want);
		ssize_t got = p ? recv(c->fd, p, want, 0) : 0;

		if (got < 0 && errno == EAGAIN)
			return ST_BUSY;
		if (got <= 0)
			return ST_CLOSED;
		buf_commit(&c->proxy, (size_t)got);
	}
	return ST_OK;
}

/* `proxy` is set where no proxy is, or one that speaks another version. */
static void
no_header(const struct conn *c)
{
	struct buf b;

	buf_init(&b, 256);
	address_text(&c->from, &b);
	log_warn("closed: no PROXY header of version 2",
	    LOG_STR("protocol", name_of(c)), LOG_STR("peer", buf_str(&b)));
	buf_release(&b);
}

/* Exactly the header, and not a byte of what stands behind it (P6). */
static void
read_proxy(void *ctx, uint32_t events UNUSED)
{
	struct conn *c = ctx;
	struct proxy_info info;
	size_t rest = 0;
	enum status st = read_header(c, PROXY_HEADER);

	if (st == ST_OK)
		st = proxy_rest(buf_str(&c->proxy), &rest);
	if (st == ST_OK)
		st = read_header(c, PROXY_HEADER + rest);
	if (st == ST_BUSY)
		return;
	if (st == ST_OK)
		st = proxy_parse(buf_str(&c->proxy), &info);
	if (st != ST_OK && st != ST_CLOSED)
		no_header(c);
	if (st != ST_OK || info.local) {
		conn_free(c);
		return;
	}
	loop_unwatch(c->login->child->loop, &c->watch);
	loop_untimer(c->login->child->loop, &c->timer);
	buf_clear(&c->proxy);
	buf_shrink(&c->proxy);
	c->from = info.from;
	c->peer.proxied_tls = info.tls;
	begin(c);
}

static struct conn *
make(struct login *lg, enum listener kind, int fd)
{
	struct conn *c;

	if (lg->conns.n + 1 >= lg->most && !make_room(lg))
		login_pause(lg, true);
	c = mem_zalloc(sizeof(*c));
	c->login = lg;
	c->id = ++lg->last_id;
	c->kind = kind;
	c->fd = fd;
	c->watch = (struct watch){.fd = -1, .ready = read_proxy, .ctx = c};
	buf_init(&c->proxy, PROXY_HEADER + PROXY_MOST);
	line_add(&lg->silent, c);
	(void)map_set_u64(&lg->conns, c->id, c);
	mem_crowd(&lg->crowd, lg->conns.n);
	return c;
}

void
conn_returned(struct login *lg, struct packet *m)
{
	struct wire w = wire_of(m->body);
	const struct protocol *p = protocol_named(wire_str(&w));
	int fd = packet_take(m, 0);
	struct str unread;
	struct conn *c;

	/* IMAP alone has the command. Draining, we take nobody in. */
	if (fd < 0 || p != protocol_of(LISTEN_IMAP) || lg->child->draining) {
		if (fd >= 0)
			close(fd);
		return;
	}
	c = make(lg, LISTEN_IMAP, fd);
	peer_decode(&w, &c->arena, &c->peer);
	facts_decode(&w, &c->arena, &c->facts);
	unread = arena_str(&c->arena, wire_str(&w));
	if (!wire_end(&w) || unread.n > HANDOVER_UNREAD) {
		conn_free(c);
		return;
	}
	address_of(c->peer.address, &c->from);
	c->handover.returned = true;
	if (count_peer(c))
		talk_from(c, unread);
}

void
conn_new(struct login *lg, const struct listening_at *l, int fd,
    const struct sockaddr_storage *from)
{
	struct conn *c = make(lg, l->kind, fd);

	c->from = *from;
	if (l->proxy) {
		c->state = CONN_PROXY;
		expect_within(c, LOGIN_PROXY_MS);
		loop_watch(lg->child->loop, &c->watch, fd, EPOLLIN);
	} else {
		begin(c);
	}
}

/*
 * The role `deliver`: LMTP (P4). It sees no mailbox: recipients and their home
 * workers come from auth; a message is spooled and parsed once, and goes as a
 * descriptor to the worker of each recipient, side by side.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/child.h"
#include "daemon/recipients.h"
#include "daemon/session.h"
#include "net/listen.h"
#include "smtp/lmtp.h"
#include "store/incoming.h"

enum {
	DELIVER_SESSIONS = 50, /* of one process */
	/* Spooled bytes beyond which the next message is put off (P4). */
	DELIVER_SPOOL = 512 * 1024 * 1024,
	DELIVER_INPUT = 64 * 1024,
	DELIVER_LISTENERS = 16,
};

struct reception {
	struct session session;
	struct reception *next, **prev;
	struct peer peer;
	struct tls_facts facts; /* none: LMTP is local */
	struct arena arena;
	size_t asking;
	int spooled; /* our copy of the message's descriptor, or -1 */
};

/* A question that auth or a worker has. */
struct pending {
	uint32_t id;
	struct reception *reception; /* NULL: it has hung up */
	const struct link *at;
	char *address; /* of auth's */
	uint64_t seen; /* the directory's counter before it was asked */
};

struct deliver {
	struct child *child;
	struct watch listeners[DELIVER_LISTENERS];
	size_t n_listeners;
	struct reception *first;
	size_t n;
	struct map pending; /* by question id */
	struct proto_config proto;
	struct recipients recipients;
};

static struct deliver deliver;

/* --- the spool --- */

static void
forget_spool(struct reception *r)
{
	if (r->spooled >= 0)
		close(r->spooled);
	r->spooled = -1;
}

static uint64_t
spooled_bytes(void)
{
	uint64_t sum = 0;
	struct stat sb;

	for (const struct reception *r = deliver.first; r; r = r->next)
		if (r->spooled >= 0 && fstat(r->spooled, &sb) == 0)
			sum += (uint64_t)sb.st_blocks * 512;
	return sum;
}

/* When too much is spooled already, one that takes nothing: LMTP says 451. */
static int
spool(void *ctx)
{
	struct reception *r = ctx;
	int fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	forget_spool(r);
	if (fd < 0)
		return -1;
	if (spooled_bytes() >= DELIVER_SPOOL) {
		log_warn("too much mail is being received at once");
		(void)fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL);
		return fd;
	}
	r->spooled = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd;
}

/* --- questions --- */

static struct pending *
wait_for(struct reception *r, uint32_t id, const struct link *at)
{
	struct pending *p = mem_zalloc(sizeof(*p));

	p->id = id;
	p->reception = r;
	p->at = at;
	r->asking++;
	(void)map_set_u64(&deliver.pending, id, p);
	return p;
}

static struct reception *
answered(uint64_t id)
{
	struct pending *p = map_remove_u64(&deliver.pending, id);
	struct reception *r = p ? p->reception : NULL;

	if (r)
		r->asking--;
	if (p)
		free(p->address);
	free(p);
	return r;
}

static void
answer_status(struct reception *r, uint32_t id, enum status st)
{
	session_answer(&r->session, &(struct answer){.id = id, .status = st});
}

static enum status
ask_recipient(struct reception *r, const struct question *q)
{
	struct link *to = &deliver.child->links[ROLE_AUTH][0];
	uint64_t seen = board_read(deliver.child->board, BOARD_DIRECTORY);
	const struct recipient *known =
	    recipients_find(&deliver.recipients, q->recipient, seen);
	enum status st;
	struct buf b;

	if (known) {
		session_answer(&r->session,
		    &(struct answer){
			.id = q->id, .status = ST_OK, .recipient = known});
		return ST_OK;
	}
	buf_init(&b, 4096);
	wire_put_u64(&b, q->id);
	wire_put_str(&b, q->recipient);
	st = buf_full(&b) ? ST_NOT_FOUND
			  : link_send(to, MSG_RECIPIENT, buf_str(&b), -1);
	buf_release(&b);
	if (st == ST_OK) {
		struct pending *p = wait_for(r, q->id, to);

		p->address = str_dup(q->recipient);
		p->seen = seen;
	}
	return st;
}

static enum status
ask_deliver(struct reception *r, const struct question *q)
{
	const struct deliver_ask *d = &q->deliver;
	/* The machine lends us the message; only the store changes one. */
	struct incoming *in = (struct incoming *)(uintptr_t)d->message;
	int fd = incoming_fd(in);
	struct link *to;
	enum status st;
	struct buf b;

	if (d->to->home >= deliver.child->counts[ROLE_WORKER])
		return ST_STATE;
	fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return ST_IO;
	to = &deliver.child->links[ROLE_WORKER][d->to->home];
	buf_init(&b, CHANNEL_MESSAGE - 64);
	wire_put_u64(&b, q->id);
	wire_put_str(&b, d->to->account);
	wire_put_str(&b, d->to->address);
	wire_put_str(&b, d->to->detail);
	wire_put_str(&b, d->return_path);
	wire_put_str(&b, S(""));
	wire_put_str(&b, r->peer.address);
	wire_put_str(&b, d->trace);
	{
		struct buf text;

		buf_init(&text, CHANNEL_MESSAGE);
		incoming_encode(in, &text);
		wire_put_str(&b, buf_str(&text));
		buf_release(&text);
	}
	st = buf_full(&b) ? ST_LIMIT
			  : link_send(to, MSG_DELIVER, buf_str(&b), fd);
	buf_release(&b);
	if (st == ST_OK)
		(void)wait_for(r, q->id, to);
	else
		close(fd);
	return st;
}

static void
ask(struct session *s, const struct question *q)
{
	struct reception *r = s->owner;
	enum status st;

	if (q->kind == ASK_RECIPIENT)
		st = ask_recipient(r, q);
	else
		st = ask_deliver(r, q);
	if (st != ST_OK)
		answer_status(r, q->id, st == ST_CLOSED ? ST_BUSY : st);
}

static void
remember(uint64_t id, const struct recipient *who)
{
	const struct pending *p = map_get_u64(&deliver.pending, id);

	if (p && p->address)
		recipients_add(
		    &deliver.recipients, str_from(p->address), p->seen, who);
}

static void
recipient_is(struct str body)
{
	struct wire w = wire_of(body);
	uint64_t id = wire_u64(&w);
	struct answer a = {.id = (uint32_t)id};
	struct recipient who;
	struct reception *r;

	a.status = (enum status)wire_u32(&w);
	who.account = wire_str(&w);
	who.address = wire_str(&w);
	who.detail = wire_str(&w);
	who.home = wire_u32(&w);
	if (wire_end(&w) && a.status == ST_OK)
		remember(id, &who);
	r = wire_end(&w) ? answered(id) : NULL;
	if (!r)
		return;
	a.recipient = &who;
	session_answer(&r->session, &a);
}

static void
delivered(struct str body)
{
	struct wire w = wire_of(body);
	uint64_t id = wire_u64(&w);
	enum status st = (enum status)wire_u32(&w);
	struct reception *r = wire_end(&w) ? answered(id) : NULL;

	if (!r)
		return;
	if (!r->asking)
		forget_spool(r);
	answer_status(r, (uint32_t)id, st);
}

/* --- connections --- */

static void
closed(struct session *s)
{
	struct reception *r = s->owner;
	size_t pos = 0;
	void *value;

	/* A worker goes on with what it has; nobody waits for its answer. */
	while (r->asking && map_next(&deliver.pending, &pos, NULL, &value)) {
		struct pending *p = value;

		if (p->reception == r) {
			p->reception = NULL;
			r->asking--;
		}
	}
	session_end(s);
	forget_spool(r);
	*r->prev = r->next;
	if (r->next)
		r->next->prev = r->prev;
	arena_release(&r->arena);
	free(r);
	deliver.n--;
	if (deliver.child->draining && !deliver.n)
		child_done(deliver.child);
}

static const struct session_ops ops = {.ask = ask, .closed = closed};

static void
begin(int fd, const struct sockaddr_storage *from)
{
	struct reception *r = mem_zalloc(sizeof(*r));
	struct buf b;

	r->spooled = -1;
	r->next = deliver.first;
	r->prev = &deliver.first;
	if (r->next)
		r->next->prev = &r->next;
	deliver.first = r;
	deliver.n++;
	buf_init(&b, 64);
	address_text(from, &b);
	r->peer.address = arena_str(&r->arena, buf_str(&b));
	buf_release(&b);
	r->peer.port = address_port(from);
	r->peer.loopback = address_is_loopback(from);
	r->session.host = (struct host){
	    .clock = &clock_system,
	    .random = &random_system,
	    .config = &deliver.proto,
	    .peer = &r->peer,
	    .tls = &r->facts,
	    .spool = spool,
	    .ctx = r,
	};
	session_start(&r->session, deliver.child->loop, &lmtp_proto, &ops, r,
	    fd, DELIVER_INPUT, S(""));
}

static void
acceptable(void *ctx, uint32_t events UNUSED)
{
	struct watch *w = ctx;
	struct sockaddr_storage from = {0};
	socklen_t n = sizeof(from);
	struct str sorry;
	int fd = accept4(
	    w->fd, (struct sockaddr *)&from, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!address_in(&from, str_from(deliver.child->config->lmtp_networks)))
		sorry = S("550 5.7.1 LMTP is not for this address\r\n");
	else if (deliver.n >= DELIVER_SESSIONS)
		sorry = S("421 4.3.2 Too many connections\r\n");
	else {
		int on = 1;

		/* A reply in two pieces would wait for the peer's delayed ACK. */
		if (from.ss_family != AF_UNIX)
			(void)setsockopt(
			    fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		begin(fd, &from);
		return;
	}
	(void)send(fd, sorry.p, sorry.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

/* --- the role --- */

/* LMTP is local: it has no way to the tls processes (P4). */
static void
settings(struct child *c)
{
	deliver.proto = c->proto;
	deliver.proto.starttls = false;
}

static void
start(struct child *c)
{
	deliver.child = c;
	settings(c);
	for (size_t i = 0; i < deliver.n_listeners; i++) {
		struct watch *w = &deliver.listeners[i];
		int fd = w->fd;

		loop_watch(c->loop, w, fd, EPOLLIN | EPOLLEXCLUSIVE);
	}
}

static void
told(struct child *c UNUSED, struct packet *m)
{
	struct watch *w;

	if (m->type != MSG_LISTEN)
		return;
	if (deliver.n_listeners == DELIVER_LISTENERS) {
		log_error("too many addresses to listen on");
		return;
	}
	w = &deliver.listeners[deliver.n_listeners++];
	*w = (struct watch){
	    .fd = packet_take(m, 0), .ready = acceptable, .ctx = w};
}

static void
message(struct child *c UNUSED, struct link *l, struct packet *m)
{
	if (l->role == ROLE_AUTH && m->type == MSG_RECIPIENT_IS)
		recipient_is(m->body);
	else if (l->role == ROLE_WORKER && m->type == MSG_DELIVERED)
		delivered(m->body);
}

/*
 * V7: what a worker that died has done with a message is unknown; auth has
 * only not answered.
 */
static void
lost(struct child *c UNUSED, struct link *l)
{
	enum status st = l->role == ROLE_WORKER ? ST_UNKNOWN : ST_BUSY;
	size_t pos = 0;
	void *value;

	while (map_next(&deliver.pending, &pos, NULL, &value)) {
		struct pending *p = value;
		uint32_t id = p->id;
		struct reception *r;

		if (p->at != l)
			continue;
		r = answered(id);
		if (r)
			answer_status(r, id, st);
	}
}

static void
drain(struct child *c)
{
	struct reception *next;

	for (size_t i = 0; i < deliver.n_listeners; i++) {
		int fd = deliver.listeners[i].fd;

		loop_unwatch(c->loop, &deliver.listeners[i]);
		close(fd);
	}
	deliver.n_listeners = 0;
	if (!deliver.n)
		child_done(c);
	for (struct reception *r = deliver.first; r; r = next) {
		next = r->next;
		session_event(&r->session, EVENT_DRAIN);
	}
}

const struct role_def role_deliver = {
    .role = ROLE_DELIVER,
    .start = start,
    .told = told,
    .message = message,
    .lost = lost,
    .reloaded = settings,
    .drain = drain,
};

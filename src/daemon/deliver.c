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
#include "daemon/deliver_int.h"
#include "net/listen.h"
#include "smtp/lmtp.h"
#include "store/incoming.h"

struct deliver deliver;

/* --- the spool --- */

void
deliver_forget_spool(struct reception *r)
{
	if (r->spooled >= 0)
		close(r->spooled);
	r->spooled = -1;
	deliver.spooled -= r->bytes;
	r->bytes = 0;
}

static void
count(struct reception *r)
{
	struct stat sb;
	uint64_t now;

	if (fstat(r->spooled, &sb) < 0)
		return;
	now = (uint64_t)sb.st_blocks * 512;
	deliver.spooled += now - r->bytes;
	r->bytes = now;
}

static bool
began_first(const struct reception *r)
{
	for (const struct reception *o = deliver.first; o; o = o->next)
		if (o->spooled >= 0 && o->began < r->began)
			return false;
	return true;
}

static bool
over_spool(void)
{
	return deliver.spooled >= deliver.child->config->spool_limit;
}

/* It takes nothing any more: the machine says 451 at its end. */
static void
put_off(int fd)
{
	log_warn("too much mail is being received at once",
	    LOG_U64("bytes", deliver.spooled));
	(void)fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL);
}

/*
 * P4: what is spooled is bounded while it comes, not only when it begins.
 * Over the limit the message that began first goes on; so that one is always
 * received, and not all of them refused.
 */
static void
enter(struct session *s)
{
	struct reception *r = s->owner;

	/* What has been sent to workers is whole. */
	if (r->spooled < 0 || r->asking)
		return;
	count(r);
	if (!over_spool() || began_first(r))
		return;
	put_off(r->spooled);
	if (ftruncate(r->spooled, 0) < 0)
		log_warn("cannot empty a spool", LOG_ERRNO(errno));
	deliver_forget_spool(r);
}

/* When too much is spooled already, one that takes nothing. */
static int
spool(void *ctx)
{
	struct reception *r = ctx;
	int fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	deliver_forget_spool(r);
	if (fd < 0)
		return -1;
	if (over_spool()) {
		put_off(fd);
		return fd;
	}
	r->spooled = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r->began = ++deliver.messages;
	return fd;
}

/* --- connections --- */

/*
 * One that has as many sessions as it may leaves the next to the other process
 * that listens, or to wait (P8). An exclusive watch can only be taken back.
 */
static void
listen_on(bool on)
{
	if (on == deliver.listening)
		return;
	deliver.listening = on;
	for (size_t i = 0; i < deliver.n_listeners; i++) {
		struct watch *w = &deliver.listeners[i];

		loop_unwatch(deliver.child->loop, w);
		if (on)
			loop_watch(deliver.child->loop, w, deliver.fds[i],
			    EPOLLIN | EPOLLEXCLUSIVE);
	}
}

void
reception_free(struct reception *r)
{
	deliver_forget_questions(r);
	loop_untimer(deliver.child->loop, &r->timer);
	(void)map_remove_u64(&deliver.receptions, r->id);
	session_end(&r->session);
	deliver_forget_spool(r);
	*r->prev = r->next;
	if (r->next)
		r->next->prev = r->prev;
	arena_release(&r->arena);
	free(r);
	deliver.n--;
	listen_on(!deliver.child->draining);
	if (deliver.child->draining && !deliver.n)
		child_done(deliver.child);
}

static void
closed(struct session *s)
{
	reception_free(s->owner);
}

static const struct session_ops ops = {
    .enter = enter,
    .ask = deliver_ask,
    .starttls = deliver_starttls,
    .closed = closed,
};

static void
begin(int fd, const struct sockaddr_storage *from)
{
	struct reception *r = mem_zalloc(sizeof(*r));
	struct buf b;

	r->spooled = -1;
	r->id = ++deliver.last_id;
	(void)map_set_u64(&deliver.receptions, r->id, r);
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
	    .config = &deliver.child->proto,
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
	const int *listener = ctx;
	struct sockaddr_storage from = {0};
	socklen_t n = sizeof(from);
	struct str sorry = S("550 5.7.1 LMTP is not for this address\r\n");
	int on = 1;
	int fd = accept4(*listener, (struct sockaddr *)&from, &n,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!address_in(
		&from, str_from(deliver.child->config->lmtp_networks))) {
		(void)send(fd, sorry.p, sorry.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		return;
	}
	/* A reply in two pieces would wait for the peer's delayed ACK. */
	if (from.ss_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	begin(fd, &from);
	if (deliver.n == DELIVER_SESSIONS) {
		log_warn("as many LMTP connections as can be",
		    LOG_U64("connections", deliver.n));
		listen_on(false);
	}
}

/* --- the role --- */

static void
start(struct child *c)
{
	deliver.child = c;
	listen_on(true);
}

static void
told(struct child *c UNUSED, struct packet *m)
{
	int *fd;

	if (m->type != MSG_LISTEN)
		return;
	if (deliver.n_listeners == DELIVER_LISTENERS) {
		log_error("too many addresses to listen on");
		return;
	}
	fd = &deliver.fds[deliver.n_listeners];
	*fd = packet_take(m, 0);
	deliver.listeners[deliver.n_listeners++] =
	    (struct watch){.fd = -1, .ready = acceptable, .ctx = fd};
}

static void
message(struct child *c UNUSED, struct link *l, struct packet *m)
{
	if (l->role == ROLE_AUTH && m->type == MSG_RECIPIENT_IS)
		deliver_recipient_is(m->body);
	else if (l->role == ROLE_WORKER && m->type == MSG_DELIVERED)
		deliver_delivered(m->body);
	else if (l->role == ROLE_TLS)
		deliver_secured(l, m);
}

static void
lost(struct child *c UNUSED, struct link *l)
{
	if (l->role == ROLE_TLS)
		deliver_tls_lost(l);
	else
		deliver_unanswered(l);
}

static void
drain(struct child *c)
{
	struct reception *next;

	listen_on(false);
	for (size_t i = 0; i < deliver.n_listeners; i++)
		close(deliver.fds[i]);
	deliver.n_listeners = 0;
	if (!deliver.n)
		child_done(c);
	for (struct reception *r = deliver.first; r; r = next) {
		next = r->next;
		if (r->securing)
			reception_free(r);
		else
			session_event(&r->session, EVENT_DRAIN);
	}
}

const struct role_def role_deliver = {
    .role = ROLE_DELIVER,
    .start = start,
    .told = told,
    .message = message,
    .lost = lost,
    .drain = drain,
};

/*
 * Accepting: limits by address and by descriptors, before anything is read.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/login_int.h"
#include "daemon/protocols.h"
#include "net/listen.h"

static bool
over_limit(struct login *lg, const struct sockaddr_storage *from)
{
	uint64_t group = address_group(from);

	return group && lg->addresses &&
	    address_count(lg->addresses, group) >=
	    lg->child->config->address_limit;
}

static void
accept_one(struct listening_at *l, int fd, const struct sockaddr_storage *from)
{
	struct login *lg = l->login;
	const struct protocol *p = protocol_of(l->kind);
	int on = 1;

	if (!p) {
		close(fd);
		return;
	}

	/* Behind a proxy the address is known later. */
	if (!l->proxy && over_limit(lg, from)) {
		/* A TLS port just closes. */
		if (l->kind == LISTEN_IMAP || l->kind == LISTEN_POP3)
			(void)send(fd, p->busy.p, p->busy.n,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		return;
	}
	if (from->ss_family != AF_UNIX) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	}
	conn_new(lg, l, fd, from);
}

static void
acceptable(void *ctx, uint32_t events UNUSED)
{
	struct listening_at *l = ctx;

	for (int i = 0; i < LOGIN_ACCEPTS && !l->login->paused; i++) {
		struct sockaddr_storage from = {0};
		socklen_t n = sizeof(from);
		int fd = accept4(l->fd, (struct sockaddr *)&from, &n,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			/* The system as a whole has no descriptors left. */
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOMEM || errno == ENOBUFS)
				login_pause(l->login, true);
			return;
		}
		accept_one(l, fd, &from);
	}
}

/* All processes watch the same sockets: one of them is woken. An exclusive
 * watch cannot be changed, only taken back. */
static void
watch(struct listening_at *l)
{
	struct loop *loop = l->login->child->loop;

	loop_unwatch(loop, &l->watch);
	if (!l->login->paused)
		loop_watch(loop, &l->watch, l->fd, EPOLLIN | EPOLLEXCLUSIVE);
}

void
login_pause(struct login *lg, bool pause)
{
	if (lg->paused == pause)
		return;
	lg->paused = pause;
	if (pause)
		log_warn("accepting nothing: as many connections as can be",
		    LOG_U64("connections", lg->conns.n));
	for (size_t i = 0; i < lg->n_listeners; i++)
		watch(lg->listeners[i]);
}

void
login_listen(struct login *lg, struct packet *m)
{
	struct wire w = wire_of(m->body);
	struct listening_at *l = mem_zalloc(sizeof(*l));

	l->login = lg;
	l->kind = (enum listener)wire_u8(&w);
	l->proxy = wire_u8(&w) != 0;
	l->fd = packet_take(m, 0);
	l->watch = (struct watch){.fd = -1, .ready = acceptable, .ctx = l};
	ASSERT(wire_end(&w) && l->kind < LISTENERS && l->fd >= 0);
	if (lg->n_listeners == ARRAY_LEN(lg->listeners)) {
		log_error("too many addresses to listen on");
		close(l->fd);
		free(l);
		return;
	}
	lg->listeners[lg->n_listeners++] = l;
	watch(l);
}

void
login_stop(struct login *lg)
{
	for (size_t i = 0; i < lg->n_listeners; i++) {
		loop_unwatch(lg->child->loop, &lg->listeners[i]->watch);
		close(lg->listeners[i]->fd);
		free(lg->listeners[i]);
	}
	lg->n_listeners = 0;
}

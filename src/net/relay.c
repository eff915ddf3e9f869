#include "net/relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

enum phase { HANDSHAKE, CARRY, LINGER };

struct relay {
	struct loop *loop;
	const struct relay_ops *ops;
	void *ctx;
	struct tls_set *set; /* until the handshake is done */
	SSL *ssl;
	enum phase phase;
	int net, plain; /* plain: -1 before the handshake, and when closed */
	struct watch net_watch, plain_watch;
	struct timer timer;
	int64_t stalled; /* give up at, or INT64_MAX */
	struct buf in;   /* from TLS, not yet taken by the plain side */
	struct buf out;  /* from the plain side, not yet taken by TLS */
	bool net_eof;
	bool shut;       /* our close_notify is on its way */
	bool net_writes; /* OpenSSL waits for room in the socket */
	bool dead, more;
};

/* One record at a time passes through here; what is left over is kept. */
static char scratch[RELAY_RECORD];

static void
end(struct relay *r)
{
	r->ops->ended(r->ctx, r, r->phase != HANDSHAKE);
	relay_free(&r);
}

/* How an SSL call ended. False: it cannot go on now, or never. */
static bool
went_on(struct relay *r, int rc)
{
	int e;

	if (rc > 0)
		return true;
	e = SSL_get_error(r->ssl, rc);
	if (e == SSL_ERROR_WANT_WRITE)
		r->net_writes = true;
	else if (e == SSL_ERROR_ZERO_RETURN)
		r->net_eof = true;
	else if (e != SSL_ERROR_WANT_READ)
		r->dead = true;
	ERR_clear_error();
	return false;
}

static void
plain_closed(struct relay *r)
{
	loop_unwatch(r->loop, &r->plain_watch);
	if (r->plain >= 0)
		close(r->plain);
	r->plain = -1;
	buf_release(&r->in);
	buf_init(&r->in, RELAY_RECORD);
	r->in.secret = true; /* a password may be in it */
}

/* Bytes for the plain side; what does not fit stays in r->in. */
static void
give_plain(struct relay *r, const char *p, size_t n)
{
	ssize_t done = 0;

	if (r->plain < 0)
		return; /* nobody reads it any more */
	done = send(r->plain, p, n, MSG_NOSIGNAL);
	if (done < 0 && errno != EAGAIN && errno != EINTR) {
		/* Its end is seen by reading, after what it has still said. */
		return;
	}
	if (done < 0)
		done = 0;
	if (p == r->in.p) {
		buf_consume(&r->in, (size_t)done);
		if (!r->in.n)
			buf_shrink(&r->in);
	} else {
		buf_add(&r->in, p + done, n - (size_t)done);
	}
}

static void
from_net(struct relay *r)
{
	int n;

	if (r->in.n)
		give_plain(r, r->in.p, r->in.n);
	if (r->in.n || r->net_eof || r->dead)
		return;
	n = SSL_read(r->ssl, scratch, sizeof(scratch));
	if (went_on(r, n)) {
		r->more = true;
		if (r->phase == CARRY)
			give_plain(r, scratch, (size_t)n);
	} else if (r->net_eof && r->plain >= 0) {
		(void)shutdown(r->plain, SHUT_WR);
	}
}

/* Bytes for TLS; what does not fit stays in r->out. */
static void
give_net(struct relay *r, const char *p, size_t n)
{
	bool kept = p == r->out.p;
	size_t done = 0;
	int rc;

	while (done < n) {
		rc = SSL_write(r->ssl, p + done, (int)(n - done));
		if (!went_on(r, rc))
			break;
		done += (size_t)rc;
		r->stalled = INT64_MAX;
	}
	if (kept) {
		buf_consume(&r->out, done);
		if (!r->out.n)
			buf_shrink(&r->out);
	} else {
		buf_add(&r->out, p + done, n - done);
	}
	if (r->out.n && r->stalled == INT64_MAX)
		r->stalled = loop_now(r->loop) + RELAY_STALL_MS;
}

static void
from_plain(struct relay *r)
{
	ssize_t n;

	if (r->out.n)
		give_net(r, r->out.p, r->out.n);
	if (r->out.n || r->plain < 0 || r->dead)
		return;
	n = recv(r->plain, scratch, sizeof(scratch), 0);
	if (n > 0) {
		r->more = true;
		give_net(r, scratch, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		plain_closed(r);
	}
}

/*
 * Our side has said all: close_notify, FIN, and then we wait for the peer's
 * own end, so that no RST can take from it what it has not read.
 */
static void
say_end(struct relay *r)
{
	int rc;

	if (!r->shut) {
		rc = SSL_shutdown(r->ssl);
		if (rc < 0 && !went_on(r, rc) && r->net_writes)
			return;
		r->shut = true;
		r->dead = false;
		(void)shutdown(r->net, SHUT_WR);
		r->phase = LINGER;
		r->stalled = INT64_MAX;
		loop_timer(
		    r->loop, &r->timer, loop_now(r->loop) + RELAY_LINGER_MS);
	}
	if (r->net_eof)
		r->dead = true;
}

/* A hang-up is reported even when nothing is asked for: while nothing can be
 * done about it, it must not keep us awake. */
static void
watch_plain(struct relay *r, uint32_t events)
{
	if (!events)
		loop_unwatch(r->loop, &r->plain_watch);
	else if (r->plain_watch.fd < 0)
		loop_watch(r->loop, &r->plain_watch, r->plain, events);
	else
		loop_change(r->loop, &r->plain_watch, events);
}

static void
arm(struct relay *r)
{
	uint32_t net = 0, plain = 0;

	if (!r->in.n && !r->net_eof)
		net |= EPOLLIN;
	if (r->net_writes)
		net |= EPOLLOUT;
	loop_change(r->loop, &r->net_watch, net);
	if (r->plain >= 0) {
		plain |= r->out.n ? 0 : EPOLLIN;
		plain |= r->in.n ? EPOLLOUT : 0;
		watch_plain(r, plain);
	}
	if (r->phase == LINGER)
		return;
	if (r->more)
		loop_timer(r->loop, &r->timer, loop_now(r->loop));
	else if (r->stalled != INT64_MAX)
		loop_timer(r->loop, &r->timer, r->stalled);
	else if (r->phase == CARRY)
		loop_untimer(r->loop, &r->timer);
}

static void
carry(struct relay *r)
{
	r->net_writes = false;
	for (int i = 0; i < RELAY_TURNS; i++) {
		r->more = false;
		from_net(r);
		if (!r->dead)
			from_plain(r);
		if (!r->more || r->dead)
			break;
	}
	if (!r->dead && r->plain < 0 && !r->out.n)
		say_end(r);
	if (r->dead)
		end(r);
	else
		arm(r);
}

static void
plain_ready(void *ctx, uint32_t events UNUSED)
{
	carry(ctx);
}

static bool
open_plain(struct relay *r, int *other)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		ends) < 0)
		return false;
	r->plain = ends[0];
	*other = ends[1];
	loop_watch(r->loop, &r->plain_watch, r->plain, EPOLLIN);
	return true;
}

static void
handshake(struct relay *r)
{
	struct tls_info info;
	int rc, other = -1;

	r->net_writes = false;
	rc = SSL_do_handshake(r->ssl);
	if (!went_on(r, rc)) {
		if (r->dead || r->net_eof)
			end(r);
		else
			loop_change(r->loop, &r->net_watch,
			    r->net_writes ? EPOLLOUT : EPOLLIN);
		return;
	}
	tls_set_unref(&r->set);
	if (!open_plain(r, &other)) {
		end(r);
		return;
	}
	r->phase = CARRY;
	loop_untimer(r->loop, &r->timer);
	tls_describe(r->ssl, &info);
	r->ops->secured(r->ctx, r, other, &info);
	carry(r);
}

static void
net_ready(void *ctx, uint32_t events)
{
	struct relay *r = ctx;

	if (r->phase == HANDSHAKE) {
		handshake(r);
		return;
	}
	/* The peer is gone altogether, and nothing of it is left to read. */
	if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLIN) &&
	    (r->net_eof || events & EPOLLERR))
		r->dead = true;
	if (r->dead)
		end(r);
	else
		carry(r);
}

static void
timed(void *ctx)
{
	struct relay *r = ctx;

	if (r->phase == CARRY && r->more && r->stalled > loop_now(r->loop))
		carry(r);
	else
		end(r); /* handshake, linger or a stall took too long */
}

struct relay *
relay_new(struct loop *l, struct tls_set *set, int fd, const char *alpn,
    int64_t handshake_ms, const struct relay_ops *ops, void *ctx)
{
	int sndbuf = RELAY_SNDBUF, notsent = RELAY_NOTSENT;
	SSL *ssl = tls_server(set, fd, alpn);
	struct relay *r;

	if (!ssl) {
		close(fd);
		return NULL;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &notsent, sizeof(notsent));
	r = mem_zalloc(sizeof(*r));
	r->loop = l;
	r->ops = ops;
	r->ctx = ctx;
	r->set = tls_set_ref(set);
	r->ssl = ssl;
	r->net = fd;
	r->plain = -1;
	r->stalled = INT64_MAX;
	buf_init(&r->in, RELAY_RECORD);
	r->in.secret = true; /* a password may be in it */
	buf_init(&r->out, RELAY_RECORD);
	r->net_watch = (struct watch){.fd = -1, .ready = net_ready, .ctx = r};
	r->plain_watch =
	    (struct watch){.fd = -1, .ready = plain_ready, .ctx = r};
	r->timer.fire = timed;
	r->timer.ctx = r;
	loop_watch(l, &r->net_watch, fd, EPOLLIN);
	loop_timer(l, &r->timer, loop_now(l) + handshake_ms);
	return r;
}

void
relay_free(struct relay **rp)
{
	struct relay *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	loop_unwatch(r->loop, &r->net_watch);
	loop_unwatch(r->loop, &r->plain_watch);
	loop_untimer(r->loop, &r->timer);
	SSL_free(r->ssl);
	tls_set_unref(&r->set);
	close(r->net);
	if (r->plain >= 0)
		close(r->plain);
	buf_release(&r->in);
	buf_release(&r->out);
	free(r);
}

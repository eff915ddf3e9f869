#include "net/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/wire.h"

enum { READS_PER_ROUND = 64, TYPE_BYTES = 2 };

struct waiting {
	struct waiting *next;
	unsigned type;
	int fds[CHANNEL_FDS];
	size_t n_fds, n;
	char body[];
};

struct channel {
	struct loop *loop;
	struct watch watch;
	int fd;
	const struct channel_ops *ops;
	void *ctx;
	struct waiting *first, **last;
	size_t n_waiting, waiting_bytes;
	bool closed;
	bool *freed; /* set when freed from within its own callback */
};

/* Nothing is kept in it between two messages, so one serves all channels. */
static char inbox[CHANNEL_MESSAGE];

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int) * CHANNEL_FDS)];
};

static enum status
transmit(int fd, unsigned type, struct str body, const int *fds, size_t n_fds)
{
	unsigned char head[TYPE_BYTES] = {
	    (unsigned char)type, (unsigned char)(type >> 8)};
	struct iovec iov[2] = {
	    {head, sizeof(head)}, {(void *)(uintptr_t)body.p, body.n}};
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = 2};
	union control control;
	ssize_t n;

	if (n_fds) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		h.msg_control = control.room;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	do
		n = sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return ST_OK;
	/* Too many descriptors in flight is a matter of time as well. */
	if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS)
		return ST_BUSY;
	return ST_CLOSED;
}

static void
close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* ST_OK with n = 0 and type 0 in *out: the other side has closed. */
static enum status
receive(int fd, char *room, size_t size, int flags, struct packet *out)
{
	struct iovec iov = {room, size};
	union control control;
	struct msghdr h = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = sizeof(control.room)};
	ssize_t n;

	memset(out, 0, sizeof(*out));
	do
		n = recvmsg(fd, &h, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? ST_BUSY : ST_CLOSED;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		out->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(out->fds, CMSG_DATA(c), out->n_fds * sizeof(int));
	}
	if (h.msg_flags & (MSG_CTRUNC | MSG_TRUNC) || n < TYPE_BYTES) {
		close_all(out->fds, out->n_fds);
		return ST_CLOSED;
	}
	out->type =
	    (unsigned char)room[0] | (unsigned)(unsigned char)room[1] << 8;
	out->body = str_of(room + TYPE_BYTES, (size_t)n - TYPE_BYTES);
	return ST_OK;
}

int
packet_take(struct packet *m, size_t i)
{
	int fd;

	if (i >= m->n_fds)
		return -1;
	fd = m->fds[i];
	m->fds[i] = -1;
	return fd;
}

static void
lost(struct channel *c)
{
	if (c->closed)
		return;
	c->closed = true;
	loop_unwatch(c->loop, &c->watch);
	c->ops->closed(c->ctx, c);
}

static void
flush(struct channel *c)
{
	while (c->first) {
		struct waiting *w = c->first;
		enum status st = transmit(
		    c->fd, w->type, str_of(w->body, w->n), w->fds, w->n_fds);

		if (st != ST_OK)
			return; /* if closed, reading will find it */
		c->first = w->next;
		if (!c->first)
			c->last = &c->first;
		c->n_waiting--;
		c->waiting_bytes -= w->n;
		close_all(w->fds, w->n_fds);
		free(w);
	}
	loop_change(c->loop, &c->watch, EPOLLIN);
}

static void
ready(void *ctx, uint32_t events)
{
	struct channel *c = ctx;
	bool freed = false;

	if (events & EPOLLOUT)
		flush(c);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	c->freed = &freed;
	for (int i = 0; i < READS_PER_ROUND; i++) {
		struct packet m;
		enum status st =
		    receive(c->fd, inbox, sizeof(inbox), MSG_DONTWAIT, &m);

		if (st == ST_BUSY)
			break;
		if (st != ST_OK) {
			c->freed = NULL;
			lost(c);
			return;
		}
		c->ops->message(c->ctx, c, &m);
		close_all(m.fds, m.n_fds);
		if (freed)
			return;
	}
	c->freed = NULL;
}

struct channel *
channel_new(struct loop *l, int fd, const struct channel_ops *ops, void *ctx)
{
	struct channel *c = mem_zalloc(sizeof(*c));

	c->loop = l;
	c->fd = fd;
	c->ops = ops;
	c->ctx = ctx;
	c->last = &c->first;
	c->watch = (struct watch){.fd = -1, .ready = ready, .ctx = c};
	loop_watch(l, &c->watch, fd, EPOLLIN);
	return c;
}

void
channel_free(struct channel **cp)
{
	struct channel *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	if (c->freed)
		*c->freed = true;
	loop_unwatch(c->loop, &c->watch);
	while (c->first) {
		struct waiting *w = c->first;

		c->first = w->next;
		close_all(w->fds, w->n_fds);
		free(w);
	}
	close(c->fd);
	free(c);
}

static enum status
enqueue(struct channel *c, unsigned type, struct str body, const int *fds,
    size_t n_fds)
{
	struct waiting *w;

	if (c->n_waiting >= CHANNEL_QUEUE ||
	    c->waiting_bytes + body.n > CHANNEL_QUEUE_BYTES)
		return ST_BUSY;
	w = mem_alloc(sizeof(*w) + body.n);
	w->next = NULL;
	w->type = type;
	w->n_fds = n_fds;
	if (n_fds)
		memcpy(w->fds, fds, n_fds * sizeof(*fds));
	w->n = body.n;
	if (body.n)
		memcpy(w->body, body.p, body.n);
	*c->last = w;
	c->last = &w->next;
	c->n_waiting++;
	c->waiting_bytes += body.n;
	loop_change(c->loop, &c->watch, EPOLLIN | EPOLLOUT);
	return ST_OK;
}

enum status
channel_send(struct channel *c, unsigned type, struct str body, const int *fds,
    size_t n_fds)
{
	enum status st;

	ASSERT(n_fds <= CHANNEL_FDS);
	if (!c || c->closed)
		return ST_CLOSED;
	if (body.n > CHANNEL_MESSAGE - TYPE_BYTES)
		return ST_LIMIT;
	if (c->first)
		return enqueue(c, type, body, fds, n_fds);
	st = transmit(c->fd, type, body, fds, n_fds);
	if (st == ST_BUSY)
		return enqueue(c, type, body, fds, n_fds);
	if (st == ST_OK)
		close_all(fds, n_fds);
	return st;
}

void
channel_tell(struct channel *c, unsigned type, struct str body)
{
	enum status st = channel_send(c, type, body, NULL, 0);

	(void)st;
}

enum status
channel_wait(int fd, struct buf *body, struct packet *out)
{
	enum status st = receive(fd, inbox, sizeof(inbox), 0, out);

	if (st != ST_OK)
		return st;
	buf_clear(body);
	buf_adds(body, out->body);
	if (buf_full(body)) {
		close_all(out->fds, out->n_fds);
		return ST_LIMIT;
	}
	out->body = buf_str(body);
	return ST_OK;
}

bool
channel_pair(int ends[2])
{
	int size = 512 * 1024;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, ends) < 0)
		return false;
	/* A message is whole or not sent: the longest one must fit. */
	for (int i = 0; i < 2; i++)
		(void)setsockopt(
		    ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return true;
}

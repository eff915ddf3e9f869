/*
 * A channel between two processes of the server: a SOCK_SEQPACKET pair that
 * carries typed messages, each with up to CHANNEL_FDS descriptors. Sending
 * never blocks: what the kernel does not take waits in a bounded queue. A
 * message whose descriptors did not all arrive (MSG_CTRUNC) is an error and
 * ends the channel (P5).
 */
#ifndef NET_CHANNEL_H
#define NET_CHANNEL_H

#include "base/buf.h"
#include "net/loop.h"

enum {
	CHANNEL_FDS = 4,
	CHANNEL_MESSAGE = 128 * 1024, /* bytes of one message, its type too */
	CHANNEL_QUEUE = 4096,         /* messages that wait */
	CHANNEL_QUEUE_BYTES = 8 * 1024 * 1024,
};

struct packet {
	unsigned type;
	struct str body;
	int fds[CHANNEL_FDS]; /* set to -1 what you keep; the rest is closed */
	size_t n_fds;
};

struct channel;

struct channel_ops {
	/* May free the channel. */
	void (*message)(void *ctx, struct channel *c, struct packet *m);
	/* The other side went away; free the channel here, or later. */
	void (*closed)(void *ctx, struct channel *c);
};

/* Takes fd (made non-blocking) over. */
struct channel *channel_new(
    struct loop *l, int fd, const struct channel_ops *ops, void *ctx);
void channel_free(struct channel **c);

/*
 * ST_OK: sent or queued, and the descriptors belong to the channel. ST_BUSY:
 * the queue is full. ST_LIMIT: too long. ST_CLOSED: nobody is there.
 */
enum status channel_send(struct channel *c, unsigned type, struct str body,
    const int *fds, size_t n_fds) MUST_CHECK;
/* For news that may be lost when the other side is gone. */
void channel_tell(struct channel *c, unsigned type, struct str body);

/* Takes a message off, as message() does in a test or at start: blocks. */
enum status channel_wait(
    int fd, struct buf *body, struct packet *out) MUST_CHECK;

/* Two ends, close-on-exec. False with errno set. */
bool channel_pair(int ends[2]) MUST_CHECK;

/* The descriptor i of a message, now the caller's; -1 when it is not there. */
int packet_take(struct packet *m, size_t i);

#endif

/*
 * Drives one session machine (proto/proto.h) on one stream socket: reads what
 * it wants, writes what it says, hands its questions to the owner, keeps its
 * deadline. Memory is held only while there is something in it: an idle
 * session has no buffer.
 *
 * A call marked (*) may end in ops->closed, in which the owner frees; do not
 * touch the session after it.
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include "net/loop.h"
#include "proto/proto.h"
#include "proto/trace.h"

enum {
	SESSION_READ = 16 * 1024, /* bytes taken from the socket at a time */
	SESSION_STALL_MS = 60 * 1000, /* a peer that takes nothing is dropped */
	SESSION_SLICES = 4, /* in a row; then it is the others' turn */
};

struct session;
struct squeeze;

struct session_ops {
	/* The session gets its turn; may be NULL. */
	void (*enter)(struct session *s);
	/* Answer with session_answer, now or later. q is gone afterwards. */
	void (*ask)(struct session *s, const struct question *q);
	/* All output has left. Unread input is in s->in, the socket is the
	 * owner's to take with session_detach. */
	void (*starttls)(struct session *s);
	void (*handover)(struct session *s);
	void (*returned)(struct session *s); /* UNAUTHENTICATE */
	void (*closed)(struct session *s);
};

struct session {
	struct loop *loop;
	const struct session_ops *ops;
	void *owner;
	const struct proto *proto;
	void *machine;
	struct host host; /* filled by the owner; outbox by session_start */
	int fd;
	struct watch watch;
	struct timer timer;
	struct buf in, out;
	struct squeeze *squeeze; /* COMPRESS=DEFLATE is on */
	struct trace *trace;     /* the owner's; NULL: nobody wants to know */
	unsigned wants;
	int64_t deadline, stalled; /* mono ms; INT64_MAX: none */
	bool secret; /* set before session_start: passwords come in */
	bool stepping, again, eof, told_eof, broken, soon, stuck;
};

/*
 * s is zeroed but for host. `in_max` bounds what waits unread; `unread` was
 * read elsewhere and stands before what the socket has. (*)
 */
void session_start(struct session *s, struct loop *l, const struct proto *proto,
    const struct session_ops *ops, void *owner, int fd, size_t in_max,
    struct str unread);

void session_event(struct session *s, enum event_kind kind);    /* (*) */
void session_answer(struct session *s, const struct answer *a); /* (*) */

/* Gives the socket to the caller and goes quiet; then a new one, after which
 * SECURED is told. */
int session_detach(struct session *s);
void session_secured(
    struct session *s, int fd, const struct tls_facts *facts); /* (*) */

/* Closes the machine and the socket, frees buffers; not s itself. */
void session_end(struct session *s);

#endif

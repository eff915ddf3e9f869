/*
 * The event loop of a process: descriptors by epoll (level-triggered) and
 * timers in a heap. One thread, so a callback runs to its end before the next.
 * Watches and timers are embedded in their owners and never owned here; an
 * owner removes them before it frees itself, at any time, also from within a
 * callback of the same round.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <sys/epoll.h>

#include "base/base.h"

struct loop;

struct watch {
	int fd;          /* -1: not watched */
	uint32_t events; /* EPOLLIN, EPOLLOUT, EPOLLRDHUP */
	void (*ready)(void *ctx, uint32_t events);
	void *ctx;
};

struct timer {
	int64_t at; /* mono ms */
	uint64_t order;
	size_t place; /* in the heap, from 1; 0: not set */
	void (*fire)(void *ctx);
	void *ctx;
};

#define WATCH_INIT \
 {                 \
  .fd = -1         \
 }

struct loop *loop_new(void);
void loop_free(struct loop **l);

/* Watches w->fd; with events 0 only errors and hang-ups are reported. */
void loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events);
void loop_change(struct loop *l, struct watch *w, uint32_t events);
/* Forgets the descriptor (before it is closed); does nothing when not set. */
void loop_unwatch(struct loop *l, struct watch *w);

/* Sets or moves. A time that has passed fires in the next round. */
void loop_timer(struct loop *l, struct timer *t, int64_t at);
void loop_untimer(struct loop *l, struct timer *t);

/*
 * Called at the end of each round; true: more is to be done, do not sleep.
 */
void loop_after(struct loop *l, bool (*after)(void *ctx), void *ctx);

int64_t loop_now(const struct loop *l); /* mono ms at the round's begin */

void loop_run(struct loop *l); /* until loop_stop */
void loop_stop(struct loop *l);
bool loop_once(struct loop *l, int64_t most_ms); /* for tests; false: stopped */

#endif

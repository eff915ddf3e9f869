/*
 * How long ago was a wall time? A clock that is set wrong must not age the
 * past (S24), so age is counted in time that a running server has seen pass:
 * the keeper ticks; a gap of at most a day between two runs counts, too; what
 * a step of the clock or a longer downtime claims does not. After either,
 * nothing counts as old for a day.
 *
 * Pure; the keeper saves it in DATA/times. Lost, it begins anew, and what is
 * there by then is as old as that beginning.
 */
#ifndef STORE_TIMELINE_H
#define STORE_TIMELINE_H

#include "base/buf.h"
#include "base/status.h"

enum {
	TIMELINE_SPANS = 64,             /* of them the newest are kept */
	TIMELINE_STEP_MS = 3600 * 1000,  /* more is a step of the clock */
	TIMELINE_GAP_MS = 86400 * 1000,  /* more is not counted */
	TIMELINE_HOLD_MS = 86400 * 1000, /* after either of them */
};

/* The wall clock ran from `from` to `to` without a step. */
struct timespan {
	int64_t from, to;
	int64_t elapsed; /* at `from` */
};

struct timeline {
	struct timespan spans[TIMELINE_SPANS]; /* oldest first */
	size_t n;
	int64_t hold; /* nothing is old before this (elapsed) */
	/* Of the last tick in this run. */
	bool running;
	int64_t wall, mono;
};

/* Called at least every few minutes while the server runs. */
void timeline_tick(struct timeline *t, int64_t wall, int64_t mono);
/* The time that has passed, by the last tick. */
int64_t timeline_now(const struct timeline *t);
/* Has at least `age` passed since it was `wall`, whichever time that was? */
bool timeline_old(const struct timeline *t, int64_t wall, int64_t age);

void timeline_encode(const struct timeline *t, struct buf *out);
enum status timeline_decode(struct str in, struct timeline *out) MUST_CHECK;

#endif

/*
 * Time and randomness as values, so that sessions and the store can be run
 * under a clock and a generator of a test's own.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/base.h"

/* Wall time: milliseconds since 1970 UTC, may step. mono: never steps back. */
struct clock {
	int64_t (*wall_ms)(void *ctx);
	int64_t (*mono_ms)(void *ctx);
	void *ctx;
};

struct random {
	void (*fill)(void *ctx, void *p, size_t n);
	void *ctx;
};

extern const struct clock clock_system;
extern const struct random random_system; /* the kernel's generator */

static inline int64_t
clock_wall(const struct clock *c)
{
	return c->wall_ms(c->ctx);
}

static inline int64_t
clock_mono(const struct clock *c)
{
	return c->mono_ms(c->ctx);
}

static inline void
random_fill(const struct random *r, void *p, size_t n)
{
	r->fill(r->ctx, p, n);
}

#endif

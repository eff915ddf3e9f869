#include "base/clock.h"

#include <sodium.h>

static int64_t
now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
system_wall(void *ctx UNUSED)
{
	return now(CLOCK_REALTIME);
}

static int64_t
system_mono(void *ctx UNUSED)
{
	return now(CLOCK_MONOTONIC);
}

static void
system_fill(void *ctx UNUSED, void *p, size_t n)
{
	randombytes_buf(p, n);
}

const struct clock clock_system = {system_wall, system_mono, NULL};
const struct random random_system = {system_fill, NULL};

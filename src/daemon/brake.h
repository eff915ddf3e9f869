/*
 * The brake on mass deletion: who, with one credential, removes more than a
 * share of an account within ten minutes. Counting only; what is done about
 * it stands in worker_brake.c. Moves, into the Trash as well, remove nothing.
 */
#ifndef DAEMON_BRAKE_H
#define DAEMON_BRAKE_H

#include "base/buf.h"
#include "base/map.h"

enum {
	BRAKE_WINDOW_MS = 10 * 60 * 1000,
	BRAKE_BUCKETS = 20, /* the window goes on in steps of half a minute */
	BRAKE_KEPT = 256,   /* credentials, before those at rest are dropped */
};

struct brake_limits {
	uint64_t share;    /* percent of what the account held; 0: off */
	uint64_t messages; /* and at least so many */
};

struct brake {
	struct map counts; /* by account and credential */
	size_t n_pruned;
};

/*
 * That many messages are gone, and `left` are there still. True when that is
 * too much, once in a window; *removed_out: how many in all of it.
 */
bool brake_count(struct brake *b, struct str account, struct str credential,
    uint64_t removed, uint64_t left, const struct brake_limits *limits,
    int64_t now_ms, uint64_t *removed_out);
void brake_release(struct brake *b);

#endif

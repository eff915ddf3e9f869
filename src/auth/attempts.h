/*
 * Failed logins by (login name, network address): after a few, the answer to
 * the next failure comes later and later, and then none is tried for a while.
 * Nobody is locked out by what comes from elsewhere: the same name from
 * another address has a count of its own.
 *
 * The table is a plain region of memory; it forgets the oldest when it is
 * full. In the server it is shared memory that outlives auth (daemon/shared.c):
 * neither auth nor login can be made to forget by making it crash.
 */
#ifndef AUTH_ATTEMPTS_H
#define AUTH_ATTEMPTS_H

#include "base/str.h"

enum {
	ATTEMPTS_FREE = 3,                   /* failures answered at once */
	ATTEMPTS_DELAY_MAX_MS = 10000,       /* 1, 2, 4, 8, 10 s */
	ATTEMPTS_MOST = 30,                  /* then none is tried */
	ATTEMPTS_MEMORY_MS = 15 * 60 * 1000, /* since the last failure */
	ATTEMPTS_WAYS = 8,
	ATTEMPTS_ROWS = 2048,
};

struct attempt {
	uint64_t key;
	int64_t last_ms; /* mono */
	uint32_t failures;
	uint32_t spare;
};

struct attempts_table {
	unsigned char secret[16]; /* so that nobody picks his collisions */
	struct attempt rows[ATTEMPTS_ROWS][ATTEMPTS_WAYS];
};

struct random;
/* Zeroed memory becomes a table. */
void attempts_init(struct attempts_table *t, const struct random *r);

/*
 * What is counted: the name and the address ("192.0.2.1"; of an IPv6 one its
 * first 64 bits).
 */
uint64_t attempts_key(
    const struct attempts_table *t, struct str name, struct str address);
/* Of the address alone, for fairness between addresses. */
uint64_t attempts_group(const struct attempts_table *t, struct str address);

/* May another password be tried now? */
bool attempts_allowed(
    const struct attempts_table *t, uint64_t key, int64_t now_ms) MUST_CHECK;
/* Counts a failure; how long its answer has to wait. */
int64_t attempts_failed(struct attempts_table *t, uint64_t key, int64_t now_ms);
void attempts_succeeded(struct attempts_table *t, uint64_t key);

#endif

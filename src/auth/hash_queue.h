/*
 * Jobs that wait for a hashing child: bounded, and fair between those who
 * ask, so that a flood from one address delays itself and nobody else.
 */
#ifndef AUTH_HASH_QUEUE_H
#define AUTH_HASH_QUEUE_H

#include "base/str.h"

enum {
	HASH_QUEUE = 64,      /* jobs that wait; about a second of work */
	HASH_QUEUE_EACH = 16, /* of one address */
};

struct hash_queue {
	struct {
		uint64_t group; /* who asks */
		uint64_t job;   /* the caller's number, never 0 */
		uint64_t order;
	} waiting[HASH_QUEUE];
	size_t n;
	uint64_t last_order;
	/* When each group was last served: a small table, newest wins. */
	struct {
		uint64_t group, at;
	} served[HASH_QUEUE];
	uint64_t clock;
};

/*
 * ST_OK; ST_BUSY: full. *pushed_out is the job that had to go for this one, or
 * 0: when the queue is full, the newest of whoever has most in it.
 */
enum status hash_queue_add(struct hash_queue *q, uint64_t group, uint64_t job,
    uint64_t *pushed_out) MUST_CHECK;
/* The next job: of the group that was served longest ago. 0: none. */
uint64_t hash_queue_take(struct hash_queue *q);
void hash_queue_remove(struct hash_queue *q, uint64_t job);

#endif

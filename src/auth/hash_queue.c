#include "auth/hash_queue.h"

static size_t
count_of(const struct hash_queue *q, uint64_t group)
{
	size_t i, n = 0;

	for (i = 0; i < q->n; i++)
		n += q->waiting[i].group == group;
	return n;
}

static void
drop(struct hash_queue *q, size_t i)
{
	memmove(&q->waiting[i], &q->waiting[i + 1],
	    (q->n - i - 1) * sizeof(q->waiting[0]));
	q->n--;
}

/* The newest job of the group that has most. */
static size_t
greediest(const struct hash_queue *q, size_t *count_out)
{
	size_t i, n, best = 0;

	*count_out = 0;
	for (i = 0; i < q->n; i++) {
		n = count_of(q, q->waiting[i].group);
		if (n >= *count_out) {
			*count_out = n;
			best = i;
		}
	}
	return best;
}

enum status
hash_queue_add(
    struct hash_queue *q, uint64_t group, uint64_t job, uint64_t *pushed_out)
{
	size_t mine = count_of(q, group), most, victim;
	uint64_t pushed = 0;

	if (mine >= HASH_QUEUE_EACH)
		return ST_BUSY;
	if (q->n == HASH_QUEUE) {
		victim = greediest(q, &most);
		if (most <= mine + 1)
			return ST_BUSY;
		pushed = q->waiting[victim].job;
		drop(q, victim);
	}
	q->waiting[q->n].group = group;
	q->waiting[q->n].job = job;
	q->waiting[q->n].order = ++q->last_order;
	q->n++;
	*pushed_out = pushed;
	return ST_OK;
}

static uint64_t
served_at(const struct hash_queue *q, uint64_t group)
{
	size_t i;

	for (i = 0; i < HASH_QUEUE; i++)
		if (q->served[i].at > 0 && q->served[i].group == group)
			return q->served[i].at;
	return 0;
}

static void
note_served(struct hash_queue *q, uint64_t group)
{
	size_t i, oldest = 0;

	for (i = 0; i < HASH_QUEUE; i++) {
		if (q->served[i].at > 0 && q->served[i].group == group) {
			oldest = i;
			break;
		}
		if (q->served[i].at < q->served[oldest].at)
			oldest = i;
	}
	q->served[oldest].group = group;
	q->served[oldest].at = ++q->clock;
}

uint64_t
hash_queue_take(struct hash_queue *q)
{
	uint64_t job, at, least = UINT64_MAX;
	size_t i, best = 0;

	if (q->n == 0)
		return 0;
	/* The list is in order of arrival: the first of the best group wins. */
	for (i = 0; i < q->n; i++) {
		at = served_at(q, q->waiting[i].group);
		if (at < least) {
			least = at;
			best = i;
		}
	}
	job = q->waiting[best].job;
	note_served(q, q->waiting[best].group);
	drop(q, best);
	return job;
}

void
hash_queue_remove(struct hash_queue *q, uint64_t job)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (q->waiting[i].job == job) {
			drop(q, i);
			return;
		}
}

#include "daemon/brake.h"

struct count {
	int64_t step[BRAKE_BUCKETS]; /* of the window, which each is about */
	uint64_t n[BRAKE_BUCKETS];
	int64_t quiet_until_ms; /* it has been told */
	int64_t last_ms;
};

static void
prune(struct brake *b, int64_t now_ms)
{
	size_t pos = 0;
	struct str key;
	void *value;

	if (b->counts.n < BRAKE_KEPT + b->n_pruned)
		return;
	while (map_next(&b->counts, &pos, &key, &value)) {
		struct count *c = value;

		if (now_ms - c->last_ms < BRAKE_WINDOW_MS)
			continue;
		(void)map_remove(&b->counts, key);
		free(c);
	}
	/* Those in use are looked at again when they have doubled. */
	b->n_pruned = b->counts.n;
}

static struct count *
find(struct brake *b, struct str account, struct str credential)
{
	struct count *c;
	struct buf key;

	buf_init(&key, SIZE_MAX / 2);
	buf_adds(&key, account);
	buf_addc(&key, '\0');
	buf_adds(&key, credential);
	c = map_get(&b->counts, buf_str(&key));
	if (!c) {
		c = mem_zalloc(sizeof(*c));
		(void)map_set(&b->counts, buf_str(&key), c);
	}
	buf_release(&key);
	return c;
}

static uint64_t
add(struct count *c, uint64_t removed, int64_t now_ms)
{
	int64_t step = now_ms / (BRAKE_WINDOW_MS / BRAKE_BUCKETS);
	size_t i = (size_t)(step % BRAKE_BUCKETS);
	uint64_t sum = 0;

	if (c->step[i] != step) {
		c->step[i] = step;
		c->n[i] = 0;
	}
	c->n[i] += removed;
	for (i = 0; i < BRAKE_BUCKETS; i++)
		if (step - c->step[i] < BRAKE_BUCKETS)
			sum += c->n[i];
	return sum;
}

bool
brake_count(struct brake *b, struct str account, struct str credential,
    uint64_t removed, uint64_t left, const struct brake_limits *limits,
    int64_t now_ms, uint64_t *removed_out)
{
	struct count *c;
	uint64_t sum;

	if (limits->share == 0 || removed == 0)
		return false;
	prune(b, now_ms);
	c = find(b, account, credential);
	c->last_ms = now_ms;
	sum = add(c, removed, now_ms);
	if (now_ms < c->quiet_until_ms || sum < limits->messages ||
	    sum * 100 < limits->share * (sum + left))
		return false;
	c->quiet_until_ms = now_ms + BRAKE_WINDOW_MS;
	*removed_out = sum;
	return true;
}

void
brake_release(struct brake *b)
{
	size_t pos = 0;
	void *value;

	while (map_next(&b->counts, &pos, NULL, &value))
		free(value);
	map_release(&b->counts);
}

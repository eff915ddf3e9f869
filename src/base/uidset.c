#include "base/uidset.h"

#include "base/vec.h"

/* The first range whose end is not before uid. */
static size_t
lower(const struct uidset *set, uint32_t uid)
{
	size_t lo = 0, hi = set->n_ranges;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (set->ranges[mid].last < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
splice(struct uidset *set, size_t at, size_t drop, const struct uidrange *put,
    size_t n)
{
	size_t tail = set->n_ranges - at - drop;

	mem_grow(&set->ranges, &set->cap_ranges, set->n_ranges + n,
	    sizeof(*set->ranges));
	if (tail)
		memmove(set->ranges + at + n, set->ranges + at + drop,
		    tail * sizeof(*set->ranges));
	if (n)
		memcpy(set->ranges + at, put, n * sizeof(*put));
	set->n_ranges = at + n + tail;
}

void
uidset_add(struct uidset *set, uint32_t first, uint32_t last)
{
	struct uidrange r = {first, last};
	size_t from, to;

	ASSERT(first > 0 && first <= last);
	from = lower(set, first > 1 ? first - 1 : first);
	for (to = from; to < set->n_ranges &&
	     set->ranges[to].first <= (last == UINT32_MAX ? last : last + 1);
	     to++) {
		if (set->ranges[to].first < r.first)
			r.first = set->ranges[to].first;
		if (set->ranges[to].last > r.last)
			r.last = set->ranges[to].last;
	}
	splice(set, from, to - from, &r, 1);
}

void
uidset_remove(struct uidset *set, uint32_t first, uint32_t last)
{
	struct uidrange keep[2];
	size_t from = lower(set, first), to, n = 0;

	ASSERT(first > 0 && first <= last);
	for (to = from; to < set->n_ranges && set->ranges[to].first <= last;
	     to++) {
		struct uidrange r = set->ranges[to];

		if (r.first < first)
			keep[n++] = (struct uidrange){r.first, first - 1};
		if (r.last > last)
			keep[n++] = (struct uidrange){last + 1, r.last};
	}
	if (to > from)
		splice(set, from, to - from, keep, n);
}

void
uidset_copy(struct uidset *to, const struct uidset *from)
{
	*to = (struct uidset)UIDSET_INIT;
	splice(to, 0, 0, from->ranges, from->n_ranges);
}

void
uidset_clear(struct uidset *set)
{
	set->n_ranges = 0;
}

void
uidset_release(struct uidset *set)
{
	free(set->ranges);
	*set = (struct uidset)UIDSET_INIT;
}

bool
uidset_has(const struct uidset *set, uint32_t uid)
{
	size_t i = lower(set, uid);

	return i < set->n_ranges && set->ranges[i].first <= uid;
}

uint64_t
uidset_count(const struct uidset *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n_ranges; i++)
		n += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
	return n;
}

bool
uidset_next(const struct uidset *set, size_t *pos, uint32_t *uid)
{
	if (*pos >= set->n_ranges)
		return false;
	if (*uid < set->ranges[*pos].first) {
		*uid = set->ranges[*pos].first;
		return true;
	}
	if (*uid < set->ranges[*pos].last) {
		++*uid;
		return true;
	}
	if (++*pos >= set->n_ranges)
		return false;
	*uid = set->ranges[*pos].first;
	return true;
}

void
uidset_write(const struct uidset *set, struct buf *out)
{
	for (size_t i = 0; i < set->n_ranges; i++) {
		const struct uidrange *r = &set->ranges[i];

		if (i)
			buf_addc(out, ',');
		buf_addu(out, r->first);
		if (r->last > r->first) {
			buf_addc(out, ':');
			buf_addu(out, r->last);
		}
	}
}

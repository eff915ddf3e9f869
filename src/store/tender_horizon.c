/* Up to where the history is older than the retention (S24, S25). */
#include "store/tender_int.h"

static bool
is_old(const struct tender *t, int64_t wall)
{
	return timeline_old(t->cfg.times, wall, t->cfg.retention);
}

/* Times ascend within a clock segment: the last old row of [first, last]. */
static enum status
last_old(struct tender *t, uint64_t first, uint64_t last, uint64_t *out)
{
	*out = 0;
	while (first <= last) {
		uint64_t mid = first + (last - first) / 2, at;
		int64_t wall;
		enum status st = db_history_at(t->a, mid, &at, &wall);

		if (st != ST_OK && st != ST_NOT_FOUND)
			return st;
		if (st == ST_NOT_FOUND || at < first) {
			first = mid + 1;
		} else if (is_old(t, wall)) {
			*out = at;
			first = mid + 1;
		} else {
			last = at - 1;
		}
	}
	return ST_OK;
}

static enum status
is_last_old(struct tender *t, uint64_t first, uint64_t last, bool *out)
{
	uint64_t at;
	int64_t wall;
	enum status st = db_history_at(t->a, last, &at, &wall);

	*out = st == ST_NOT_FOUND || (st == ST_OK && at < first) ||
	    is_old(t, wall);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

/*
 * A row is as old as the rows behind it at least (S21), whatever its clock
 * said. So the newest that is old decides; but a clock that was wrong behind
 * our back may have made one seem old, and then one before it does not.
 */
enum status
tender_horizon(struct tender *t, uint64_t *out)
{
	uint64_t last = t->row.modseq, best = 0, found, start;
	enum status st = ST_OK;
	int64_t wall;
	bool old;

	while (st == ST_OK && last > t->row.history_from) {
		st = db_clock_before(t->a, last, &start, &wall);
		if (st == ST_NOT_FOUND) {
			st = ST_OK;
			start = 0;
		}
		if (start <= t->row.history_from)
			start = t->row.history_from + 1;
		if (st == ST_OK)
			st = is_last_old(t, start, last, &old);
		if (st == ST_OK && (!best || !old)) {
			st = last_old(t, start, last, &found);
			best = found;
		}
		last = start - 1;
	}
	if (st == ST_OK)
		*out = best;
	return st;
}

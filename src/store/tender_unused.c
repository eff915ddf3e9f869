/*
 * Origins, threads and flag sets that nothing refers to any more. First all
 * that is referred to is gathered, a slice at a time; then what is not among
 * that is named to the owner, who knows what has been referred to meanwhile.
 *
 * Entries come before the history: a set that an entry loses in between
 * stands in a row of the history that is looked at later.
 */
#include "base/map.h"
#include "store/history_int.h"
#include "store/tender_int.h"

enum { UNUSED_SLICE = 1024 /* rows between two pauses */ };

struct tender_unused {
	enum {
		GATHER_ENTRIES,
		GATHER_HISTORY,
		GATHER_MESSAGES,
		NAME_FLAGSETS,
		NAME_ORIGINS,
		NAME_THREADS,
		UNUSED_DONE
	} step;
	struct db_account row; /* before all of it */
	struct map flagsets, origins, threads;
	uint64_t mailbox, history, message; /* gathered up to here */
	uint32_t uid;
	int64_t named, next; /* named up to here, when the owner is done */
	struct unused_ids ids;
	unsigned n_rows;
	bool damaged;
};

void
tender_unused_end(struct tender *t)
{
	struct tender_unused *u = t->unused;

	t->unused = NULL;
	if (!u)
		return;
	map_release(&u->flagsets);
	map_release(&u->origins);
	map_release(&u->threads);
	free(u);
}

/* --- what is referred to --- */

static bool
gather_row(void *ctx, const struct history_row *row)
{
	struct tender_unused *u = ctx;
	enum effect_kind kind = history_effect(row);
	struct history_reader r;
	struct entry e;
	uint64_t size;

	if (u->n_rows >= UNUSED_SLICE && row->modseq != u->history)
		return false;
	u->n_rows++;
	u->history = row->modseq;
	(void)map_set_u64(&u->origins, row->origin, u);
	if (kind != EFFECT_FLAGS && kind != EFFECT_GONE)
		return true;
	history_read(&r, row);
	while (history_next(&r, &e, &size)) {
		u->n_rows++;
		(void)map_set_u64(&u->flagsets, e.flagset, u);
	}
	u->damaged = u->damaged || !wire_ok(&r.w);
	return true;
}

static enum status
gather_history(struct tender *t, struct tender_unused *u, bool *more_out)
{
	enum status st;

	u->n_rows = 0;
	st = db_history(t->a, false, u->history, gather_row, u);
	*more_out = u->n_rows >= UNUSED_SLICE;
	/* One that cannot be read may refer to anything. */
	return st == ST_OK && u->damaged ? ST_CORRUPT : st;
}

static enum status
gather(struct tender *t, struct tender_unused *u)
{
	bool more = false;
	enum status st;

	if (u->step == GATHER_ENTRIES)
		st = db_used_flagsets(t->a, &u->mailbox, &u->uid, UNUSED_SLICE,
		    &u->flagsets, &more);
	else if (u->step == GATHER_HISTORY)
		st = gather_history(t, u, &more);
	else
		st = db_used_threads(
		    t->a, &u->message, UNUSED_SLICE, &u->threads, &more);
	if (st == ST_OK && !more) {
		u->step++;
		u->named = INT64_MIN;
	}
	return st;
}

/* --- what is not --- */

static const struct map *
used_of(const struct tender_unused *u, enum tend_kind kind)
{
	return kind == TEND_FLAGSETS ? &u->flagsets
	    : kind == TEND_ORIGINS   ? &u->origins
				     : &u->threads;
}

static enum tender_next
name(struct tender *t, struct tender_unused *u)
{
	enum tend_kind kind = u->step == NAME_FLAGSETS ? TEND_FLAGSETS
	    : u->step == NAME_ORIGINS                  ? TEND_ORIGINS
						       : TEND_THREADS;
	enum status st;

	u->next = u->named;
	st = db_unused(t->a, kind, &u->next, used_of(u, kind), &u->ids);
	if (st != ST_OK) {
		tender_fail(t, st);
		return TENDER_AGAIN;
	}
	if (u->ids.n == 0) {
		u->named = u->next;
		if (!u->ids.more) {
			u->step++;
			u->named = INT64_MIN;
		}
		return TENDER_AGAIN;
	}
	t->piece = (struct tend){
	    .kind = kind,
	    .modseq = kind == TEND_THREADS ? u->row.next_id : u->row.modseq,
	    .messages = u->ids.ids,
	    .n_messages = u->ids.n,
	};
	return TENDER_ASK;
}

enum tender_next
tender_unused(struct tender *t)
{
	struct tender_unused *u = t->unused;
	enum status st;

	if (!u) {
		if (!tender_refresh(t))
			return TENDER_AGAIN;
		u = t->unused = mem_zalloc(sizeof(*u));
		u->row = t->row;
	}
	if (u->step == UNUSED_DONE) {
		tender_unused_end(t);
		t->phase = PHASE_CHOOSE;
		return TENDER_AGAIN;
	}
	if (u->step >= NAME_FLAGSETS)
		return name(t, u);
	if ((st = gather(t, u)) != ST_OK)
		tender_fail(t, st);
	return TENDER_AGAIN;
}

/* Those that the owner left alone are not named again. */
void
tender_unused_told(struct tender *t, const struct tended *tended)
{
	t->report.unused += tended->count;
	if (!tended->more)
		t->unused->named = t->unused->next;
}

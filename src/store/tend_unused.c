/*
 * The owner's side of what nothing refers to (tender_unused.c). Rows of the
 * state and of the history are written here alone, so it is enough to remember
 * what they have referred to since the account was opened: the keeper has seen
 * all that was there when it began.
 */
#include "store/flagset.h"
#include "store/tend_int.h"

void
account_used(struct account *a, struct map *used, uint64_t id)
{
	/* The commit under way has that modseq, or a later one. */
	(void)map_set_u64(used, id, (void *)(uintptr_t)(a->modseq + 1));
}

static bool
used_since(const struct account *a, const struct map *used, uint64_t id,
    uint64_t modseq)
{
	uint64_t at = (uintptr_t)map_get_u64(used, id);

	return (at ? at : a->opened_modseq) > modseq;
}

/* The newest stays: ids go on from it (S20). */
static enum status
drop_origin(struct account *a, uint64_t id, uint64_t modseq, bool *done_out)
{
	struct arena arena = ARENA_INIT;
	struct str encoded;
	enum status st;

	if (id >= a->last_origin || used_since(a, &a->used_origins, id, modseq))
		return ST_OK;
	st = db_drop_origin(a, id, &arena, &encoded);
	if (st == ST_OK) {
		(void)map_remove(&a->origins, encoded);
		*done_out = true;
	}
	arena_release(&arena);
	return st;
}

static enum status
drop_flagset(struct account *a, uint64_t id, uint64_t modseq, bool *done_out)
{
	enum status st;

	if (id >= a->flagsets_saved ||
	    used_since(a, &a->used_flagsets, id, modseq))
		return ST_OK;
	st = db_drop_flagset(a, (uint32_t)id);
	if (st == ST_OK) {
		/* Who shows an old state may still ask what it means. */
		flagset_unsaved(a->flagsets, (uint32_t)id);
		*done_out = true;
	}
	return st;
}

/* `next_id`: messages from there on have not been looked at. */
static enum status
drop_thread(struct account *a, uint64_t hash, uint64_t next_id, bool *done_out)
{
	enum status st;

	if (a->next_id - next_id > UNUSED_ARRIVED ||
	    db_thread_joined(a, hash, next_id))
		return ST_OK;
	st = db_drop_thread(a, hash);
	*done_out = st == ST_OK;
	return st;
}

enum status
tend_unused(struct tend_work *w, const struct tend *t)
{
	enum status st = ST_OK;

	if (t->modseq >
	    (t->kind == TEND_THREADS ? w->row.next_id : w->row.modseq))
		return ST_INVALID;
	for (size_t i = 0; i < t->n_messages && st == ST_OK; i++) {
		uint64_t id = t->messages[i];
		bool done = false;

		if (tend_time_is_up(w)) {
			w->done.more = true;
			break;
		}
		if (t->kind == TEND_FLAGSETS)
			st = drop_flagset(w->a, id, t->modseq, &done);
		else if (t->kind == TEND_ORIGINS)
			st = drop_origin(w->a, id, t->modseq, &done);
		else
			st = drop_thread(w->a, id, t->modseq, &done);
		w->done.count += done;
	}
	return st;
}

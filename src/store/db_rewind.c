/*
 * An account put back to a moment of its past, for good: rows are made what
 * they were, and history ends there. Only for an account out of a backup that
 * nobody has seen yet; for a living one there is restore, which only adds.
 */
#include "store/columns.h"
#include "store/db_int.h"
#include "store/past_int.h"
#include "store/recreate.h"

static enum status
run_sql(struct account *a, const char *sql, uint64_t n)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(a->db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(q, 1, (int64_t)n);
		do
			rc = sqlite3_step(q);
		while (rc == SQLITE_ROW);
	}
	sqlite3_finalize(q);
	return db_status(rc);
}

/* Its UIDNEXT stays what it is now: no UID is given twice (S20). */
static uint32_t
uidnext_now(struct account *a, const struct past_box *p)
{
	sqlite3_stmt *q = NULL;
	uint32_t uidnext = p->m.uidnext;

	if (sqlite3_prepare_v2(a->db, "SELECT uidnext FROM mailbox WHERE id=?",
		-1, &q, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(q, 1, (int64_t)p->m.id);
		if (sqlite3_step(q) == SQLITE_ROW &&
		    sqlite3_column_int64(q, 0) > uidnext)
			uidnext = (uint32_t)sqlite3_column_int64(q, 0);
	}
	sqlite3_finalize(q);
	return uidnext;
}

static enum status
rewind_box(struct account *a, struct past_walk *w, struct past_box *p)
{
	enum status st;

	if (!p->exists)
		return mbox_get(a, p->m.id)
		    ? db_mailbox_died(a, p->m.id, a->modseq)
		    : ST_OK;
	if ((st = past_touch(w, p)) != ST_OK)
		return st;
	past_count(a, p);
	p->m.uidnext = uidnext_now(a, p);
	p->m.highestmodseq = a->modseq;
	for (size_t i = 0; i < p->n_items && st == ST_OK; i++) {
		struct entry e = p->items[i].e;

		e.modseq = a->modseq;
		if (p->items[i].present)
			st = db_add_entry(a, p->m.id, &e, p->items[i].size);
	}
	return st == ST_OK ? db_set_mailbox(a, &p->m, a->modseq) : st;
}

static bool
set_subscription(struct account *a, struct str name, uintptr_t was)
{
	return db_subscribe(a, name, was == 2) == ST_OK;
}

static enum status
rewind_names(struct account *a, struct past_walk *w)
{
	size_t pos = 0;
	struct str name;
	void *was;

	while (map_next(&w->subscribed, &pos, &name, &was))
		if (!set_subscription(a, name, (uintptr_t)was))
			return ST_IO;
	return ST_OK;
}

/* What hangs on the entries; and history ends. */
static enum status
rewind_rest(struct account *a, uint64_t modseq)
{
	static const char *const after[] = {
	    "DELETE FROM history WHERE modseq>?1",
	    "DELETE FROM clock WHERE modseq>?1",
	    "DELETE FROM shared WHERE ?1>=0",
	    "INSERT INTO shared SELECT message,count(*) FROM entry WHERE ?1>=0"
	    " GROUP BY message HAVING count(*)>1",
	    "DELETE FROM retained WHERE ?1>=0",
	    "INSERT INTO retained SELECT id,?1+1,size FROM message WHERE id"
	    " NOT IN (SELECT message FROM entry)",
	    "UPDATE account SET messages=(SELECT count(*) FROM entry),"
	    "bytes=(SELECT coalesce(sum(size),0) FROM entry),"
	    "retained=(SELECT coalesce(sum(size),0) FROM retained)"
	    " WHERE ?1>=0",
	};
	enum status st = ST_OK;

	for (size_t i = 0; i < ARRAY_LEN(after) && st == ST_OK; i++)
		st = run_sql(a, after[i], modseq);
	return st;
}

static enum status
rewind_all(struct account *a, struct past_walk *w, uint64_t modseq)
{
	enum status st = ST_OK;

	/* Loaded before rows go. */
	for (size_t i = 0; i < w->n_boxes && st == ST_OK; i++)
		if (w->boxes[i]->exists)
			st = past_touch(w, w->boxes[i]);
	for (size_t i = 0; i < w->n_boxes && st == ST_OK; i++)
		st = run_sql(
		    a, "DELETE FROM entry WHERE mailbox=?", w->boxes[i]->m.id);
	for (size_t i = 0; i < w->n_boxes && st == ST_OK; i++)
		st = rewind_box(a, w, w->boxes[i]);
	if (st == ST_OK)
		st = rewind_names(a, w);
	if (st == ST_OK)
		st = rewind_rest(a, modseq);
	/* S22: whoever saw what came after it is told everything. */
	if (st == ST_OK && modseq < a->modseq)
		st = db_add_lost(a, modseq + 1, a->modseq, a->last_wall);
	return st;
}

enum status
recreate_rewind(struct account *a, uint64_t modseq)
{
	struct arena arena = ARENA_INIT;
	struct past_walk w = {.a = a, .arena = &arena, .modseq = modseq};
	enum status st = past_walk(&w);

	if (st == ST_OK && (st = db_begin(a)) == ST_OK) {
		st = db_finish(a, rewind_all(a, &w, modseq));
	}
	past_walk_release(&w);
	arena_release(&arena);
	/* What is in memory is of before: it is opened anew. */
	a->broken = true;
	return st == ST_OK ? db_checkpoint(a) : st;
}

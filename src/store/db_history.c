/* The history: its rows, who made them, and the times they speak of. */
#include "base/wire.h"
#include "store/db_int.h"

static void
read_history(sqlite3_stmt *s, struct history_row *row)
{
	*row = (struct history_row){
	    .modseq = db_u64(s, 0),
	    .part = db_u32(s, 1),
	    .kind = db_u32(s, 2),
	    .mailbox = db_u64(s, 3),
	    .origin = db_u64(s, 4),
	    .wall = sqlite3_column_int64(s, 5),
	    .data = db_column(s, 6),
	};
}

enum status
db_history(struct account *a, bool down, uint64_t modseq,
    bool (*fn)(void *ctx, const struct history_row *row), void *ctx)
{
	sqlite3_stmt *s =
	    db_stmt(a, down ? STMT_HISTORY_DOWN : STMT_HISTORY_UP);
	struct history_row row;
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)modseq);
	while (db_row(s, &st)) {
		read_history(s, &row);
		if (!fn(ctx, &row)) {
			sqlite3_reset(s);
			return ST_OK;
		}
	}
	return st;
}

enum status
db_add_history(struct account *a, const struct history_row *row)
{
	sqlite3_stmt *s = db_stmt(a, STMT_HISTORY_ADD);
	const int64_t v[] = {
	    (int64_t)row->modseq,
	    row->part,
	    row->kind,
	    (int64_t)row->mailbox,
	    (int64_t)row->origin,
	    row->wall,
	};

	if (!s)
		return ST_CORRUPT;
	account_used(a, &a->used_origins, row->origin);
	db_bind(s, 7, row->data);
	return db_run(a, STMT_HISTORY_ADD, v, ARRAY_LEN(v));
}

enum status
db_drop_history(struct account *a, uint64_t modseq)
{
	return db_run_key(a, STMT_HISTORY_DROP, modseq);
}

/* The row nearest to modseq on the statement's side: its modseq and its wall time. */
static enum status
nearest(struct account *a, int id, uint64_t modseq, uint64_t *modseq_out,
    int64_t *wall_out)
{
	sqlite3_stmt *s = db_stmt(a, id);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)modseq);
	if (!db_row(s, &st))
		return st == ST_OK ? ST_NOT_FOUND : st;
	*modseq_out = db_u64(s, 0);
	*wall_out = sqlite3_column_int64(s, 1);
	sqlite3_reset(s);
	return ST_OK;
}

enum status
db_history_at(
    struct account *a, uint64_t modseq, uint64_t *modseq_out, int64_t *wall_out)
{
	return nearest(a, STMT_HISTORY_AT, modseq, modseq_out, wall_out);
}

enum status
db_history_next(
    struct account *a, uint64_t modseq, uint64_t *modseq_out, int64_t *wall_out)
{
	return nearest(a, STMT_HISTORY_NEXT, modseq, modseq_out, wall_out);
}

enum status
db_clock_before(
    struct account *a, uint64_t modseq, uint64_t *start_out, int64_t *wall_out)
{
	return nearest(a, STMT_CLOCK_BEFORE, modseq, start_out, wall_out);
}

enum status
db_add_clock(struct account *a, uint64_t modseq, int64_t wall)
{
	const int64_t v[] = {(int64_t)modseq, wall};

	return db_run(a, STMT_CLOCK_ADD, v, ARRAY_LEN(v));
}

enum status
db_origin(
    struct account *a, uint64_t id, struct arena *arena, struct origin *out)
{
	struct wire w = wire_of(db_text(a, STMT_ORIGIN, id, arena));
	struct origin o;

	o.person = wire_str(&w);
	o.credential = wire_str(&w);
	o.protocol = wire_str(&w);
	o.client = wire_str(&w);
	o.peer = wire_str(&w);
	if (!wire_end(&w))
		return ST_CORRUPT;
	*out = o;
	return ST_OK;
}

enum status
db_add_origin(struct account *a, uint64_t id, struct str encoded)
{
	sqlite3_stmt *s = db_stmt(a, STMT_ORIGIN_ADD);
	const int64_t v[] = {(int64_t)id};

	if (!s)
		return ST_CORRUPT;
	db_bind(s, 2, encoded);
	return db_run(a, STMT_ORIGIN_ADD, v, 1);
}

enum status
db_add_lost(struct account *a, uint64_t first, uint64_t last, int64_t wall)
{
	const int64_t v[] = {(int64_t)first, (int64_t)last, wall};

	return db_run(a, STMT_LOST_ADD, v, ARRAY_LEN(v));
}

bool
db_lost(struct account *a, uint64_t modseq)
{
	return db_has(a, STMT_LOST_HAS, modseq, 0);
}

enum status
db_forget_times(struct account *a, uint64_t modseq)
{
	enum status st = db_run_key(a, STMT_CLOCK_FORGET, modseq);

	return st == ST_OK ? db_run_key(a, STMT_LOST_FORGET, modseq) : st;
}

/* Writing mail.db on behalf of the keeper (store/tend.h). */
#include "store/db_int.h"

static enum status
run_one(struct account *a, int id, uint64_t key)
{
	const int64_t v[] = {(int64_t)key};

	return db_run(a, id, v, 1);
}

enum status
db_drop_history(struct account *a, uint64_t modseq)
{
	return run_one(a, STMT_HISTORY_DROP, modseq);
}

enum status
db_forget_times(struct account *a, uint64_t modseq)
{
	enum status st = run_one(a, STMT_CLOCK_FORGET, modseq);

	return st == ST_OK ? run_one(a, STMT_LOST_FORGET, modseq) : st;
}

enum status
db_unretain_old(
    struct account *a, uint64_t message, uint64_t modseq, uint64_t *size_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_UNRETAIN_OLD);
	bool found = false;
	uint64_t size = 0;
	enum status st;

	if (s) {
		sqlite3_bind_int64(s, 1, (int64_t)message);
		sqlite3_bind_int64(s, 2, (int64_t)modseq);
	}
	while (db_row(s, &st)) {
		found = true;
		size = (uint64_t)sqlite3_column_int64(s, 0);
	}
	if (st != ST_OK)
		return st;
	if (!found)
		return ST_NOT_FOUND;
	*size_out = size;
	return ST_OK;
}

enum status
db_drop_message(struct account *a, uint64_t message)
{
	return run_one(a, STMT_MESSAGE_DROP, message);
}

enum status
db_purge(struct account *a, uint64_t message)
{
	return run_one(a, STMT_PURGED_ADD, message);
}

enum status
db_pack_dead(struct account *a, uint32_t pack, uint64_t bytes)
{
	const int64_t v[] = {pack, (int64_t)bytes};

	return db_run(a, STMT_PACK_DEAD, v, ARRAY_LEN(v));
}

enum status
db_pack_gone(struct account *a, uint32_t pack)
{
	return run_one(a, STMT_PACK_GONE, pack);
}

/* One number of one row; ST_NOT_FOUND. */
static enum status
one_number(struct account *a, int id, uint64_t key, uint64_t *out)
{
	sqlite3_stmt *s = db_stmt(a, id);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)key);
	if (!db_row(s, &st))
		return st == ST_OK ? ST_NOT_FOUND : st;
	*out = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return ST_OK;
}

enum status
db_pack_dead_of(struct account *a, uint32_t pack, uint64_t *out)
{
	enum status st = one_number(a, STMT_PACK_DEAD_OF, pack, out);

	if (st == ST_NOT_FOUND)
		*out = 0;
	return st == ST_NOT_FOUND ? ST_OK : st;
}

enum status
db_any_in_pack(struct account *a, uint32_t pack, uint64_t *message_out)
{
	return one_number(a, STMT_ANY_IN_PACK, pack, message_out);
}

enum status
db_move_message(
    struct account *a, uint64_t message, struct place to, uint64_t stored)
{
	const int64_t v[] = {
	    (int64_t)message, to.pack, (int64_t)to.offset, (int64_t)stored};

	return db_run(a, STMT_MESSAGE_MOVE, v, ARRAY_LEN(v));
}

enum status
db_dead_bytes(struct account *a, uint64_t *out)
{
	return one_number(a, STMT_DEAD_BYTES, 1, out);
}

/*
 * Deleted rows stand in free pages and behind the rows of pages in use, and
 * in the WAL. The copy is made in memory (temp_store): it leaves no file.
 */
enum status
db_write_anew(struct account *a)
{
	enum status st = db_checkpoint(a);

	if (st == ST_OK)
		st = db_status(sqlite3_exec(a->db, "VACUUM", NULL, NULL, NULL));
	return st == ST_OK ? db_checkpoint(a) : st;
}

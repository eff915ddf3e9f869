/*
 * Giving pages of mail.db back that hold nothing. Those that come to stand in
 * a hole are moved there from the end, by SQLite itself, as `auto_vacuum` is
 * incremental: that costs nothing until it is asked for.
 */
#include "store/db_int.h"

static enum status
pragma(struct account *a, int id, uint64_t *out)
{
	sqlite3_stmt *s = db_stmt(a, id);
	enum status st;

	if (!db_row(s, &st))
		return st == ST_OK ? ST_CORRUPT : st;
	*out = db_u64(s, 0);
	sqlite3_reset(s);
	return ST_OK;
}

enum status
db_free_pages(struct account *a, uint64_t *free_out, uint64_t *all_out)
{
	uint64_t mode = 0;
	enum status st = pragma(a, STMT_VACUUM_MODE, &mode);

	*free_out = 0;
	*all_out = 0;
	if (st != ST_OK || mode != DB_VACUUM_INCREMENTAL)
		return st;
	st = pragma(a, STMT_FREE_PAGES, free_out);
	return st == ST_OK ? pragma(a, STMT_ALL_PAGES, all_out) : st;
}

enum status
db_give_pages(struct account *a, uint64_t *n_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_GIVE_PAGES);
	enum status st;

	*n_out = 0;
	while (db_row(s, &st)) /* a row for each */
		++*n_out;
	return st;
}

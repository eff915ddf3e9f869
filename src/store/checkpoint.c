#include "store/checkpoint.h"

#include "store/db_int.h"
#include "store/store_int.h"

enum status
store_checkpoint(struct str root, struct str account, struct checkpoint *out)
{
	struct buf path;
	sqlite3 *db = NULL;
	enum status st;

	if (!store_good_id(account))
		return ST_NOT_FOUND;
	buf_init(&path, 4096);
	buf_addf(&path, STR_FMT "/accounts/" STR_FMT "/" STR_FMT "/mail.db",
	    STR_ARG(root), STR_ARG(str_first(account, 2)), STR_ARG(account));
	st = buf_full(&path)
	    ? ST_NOT_FOUND
	    : db_status(sqlite3_open_v2(path.p, &db,
		  SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	if (st == ST_OK)
		st = db_move_wal(db, out);
	sqlite3_close(db);
	buf_release(&path);
	return st;
}

#include "store/checkpoint.h"

#include "store/db_int.h"
#include "store/store_int.h"

/*
 * SQLite says "nothing to do", and OK, to a connection that has never read:
 * it does not know yet that there is a WAL. So it reads first, and a result
 * of -1 pages is an error (measured, research on storage).
 */
static enum status
checkpoint(sqlite3 *db, struct checkpoint *out)
{
	int rc, pages = -1, moved = -1, on = 1;

	/* Closing must neither checkpoint again nor delete the WAL. */
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_file_control(db, NULL, SQLITE_FCNTL_PERSIST_WAL, &on);
	rc = sqlite3_exec(db, "SELECT modseq FROM account", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_wal_checkpoint_v2(
		    db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
	if ((rc & 0xff) == SQLITE_BUSY)
		return ST_BUSY; /* recovery, or another checkpoint */
	if (rc != SQLITE_OK)
		return db_status(rc);
	if (pages < 0 || moved < 0)
		return ST_IO;
	*out = (struct checkpoint){(uint32_t)pages, (uint32_t)moved};
	return ST_OK;
}

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
		st = checkpoint(db, out);
	sqlite3_close(db);
	buf_release(&path);
	return st;
}

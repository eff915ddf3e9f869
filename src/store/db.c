/* The connection to mail.db, and transactions on it. */
#include "store/db_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/store_int.h"

enum status
db_status(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ST_OK;
	case SQLITE_FULL:
		return ST_NO_SPACE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* a table is not what we made */
		return ST_CORRUPT;
	case SQLITE_READONLY:
		return ST_READONLY;
	case SQLITE_CANTOPEN:
		return errno == ENOSPC ? ST_NO_SPACE : ST_NOT_FOUND;
	default: /* BUSY as well: nobody else may write (S1) */
		/* Of -shm SQLite does not say that the disk is full. */
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	}
}

enum status
db_begin(struct account *a)
{
	return db_run(a, STMT_BEGIN, NULL, 0);
}

enum status
db_commit(struct account *a)
{
	return db_run(a, STMT_COMMIT, NULL, 0);
}

void
db_rollback(struct account *a)
{
	/* An error of SQLite's own may have ended the transaction before. */
	if (!sqlite3_get_autocommit(a->db) &&
	    db_run(a, STMT_ROLLBACK, NULL, 0) != ST_OK)
		log_debug("rollback failed", LOG_STR("account", a->id));
}

enum status
db_finish(struct account *a, enum status st)
{
	if (st == ST_OK)
		st = db_commit(a);
	if (st != ST_OK)
		db_rollback(a);
	return st;
}

bool
db_begin_reading(struct account *a)
{
	return sqlite3_get_autocommit(a->db) &&
	    db_run(a, STMT_BEGIN_READING, NULL, 0) == ST_OK;
}

void
db_end_reading(struct account *a)
{
	if (db_run(a, STMT_COMMIT, NULL, 0) != ST_OK)
		log_debug("reading did not end", LOG_STR("account", a->id));
}

enum status
db_open(struct account *a, bool create)
{
	struct buf path;
	int persist = 1, rc, flags = SQLITE_OPEN_NOMUTEX;
	enum status st;

	flags |= a->store->cfg.read_only ? SQLITE_OPEN_READONLY
					 : SQLITE_OPEN_READWRITE;
	if (create)
		flags |= SQLITE_OPEN_CREATE;
	if (create) { /* SQLite would make it readable for all */
		int fd = account_open_file(a, "mail.db", O_CREAT | O_RDWR);

		if (fd < 0)
			return file_errno();
		close(fd);
	}
	buf_init(&path, 4096);
	buf_addf(&path, "%s/mail.db", a->dir);
	rc = buf_full(&path)
	    ? SQLITE_CANTOPEN
	    : sqlite3_open_v2(path.p, &a->db, flags, store_vfs(a->store));
	buf_release(&path);
	st = db_status(rc);
	/* Before there is anything in it; each later time it would write. */
	if (st == ST_OK && create)
		st = db_exec(a, "PRAGMA auto_vacuum=INCREMENTAL", NULL);
	if (st == ST_OK) {
		sqlite3_extended_result_codes(a->db, 1);
		/* Its folder entry is synced once, when the account is made. */
		sqlite3_file_control(
		    a->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &persist);
		st = db_exec(a,
		    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
		    "PRAGMA secure_delete=OFF;PRAGMA cache_size=-2048;"
		    "PRAGMA wal_autocheckpoint=0;"
		    "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=268435456;"
		    "PRAGMA journal_size_limit=16777216;",
		    NULL);
	}
	if (st == ST_OK) {
		db_watch_wal(a);
		st = db_upgrade(a);
	}
	if (st != ST_OK)
		db_close(a);
	return st;
}

enum status
db_open_still(struct account *a, const char *name, bool still)
{
	struct buf path;
	enum status st;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/%s", a->dir, name);
	st = buf_full(&path) ? ST_NOT_FOUND
			     : db_look(buf_str(&path), still, &a->db);
	buf_release(&path);
	if (st == ST_OK)
		st = db_upgrade(a); /* which a read_only store only looks at */
	return st;
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
		st = db_exec(a, "PRAGMA auto_vacuum=INCREMENTAL;VACUUM", NULL);
	return st == ST_OK ? db_checkpoint(a) : st;
}

void
db_close(struct account *a)
{
	for (size_t i = 0; i < ARRAY_LEN(a->stmts); i++) {
		sqlite3_finalize(a->stmts[i]);
		a->stmts[i] = NULL;
	}
	if (!a->db)
		return;
	if (!a->broken && !a->store->cfg.read_only && db_checkpoint(a) != ST_OK)
		log_debug("no checkpoint", LOG_STR("account", a->id));
	ASSERT(sqlite3_close(a->db) == SQLITE_OK);
	a->db = NULL;
}

/* The WAL of mail.db: how far it has grown, and emptying it (S8). */
#include "base/log.h"
#include "store/checkpoint.h"
#include "store/db_int.h"
#include "store/store_int.h"

/* S8: then the owner itself makes the WAL begin anew. */
enum { WAL_PAGES_MAX = 64 * 1024 * 1024 / 4096 };

static int
wal_hook(void *ctx, sqlite3 *db UNUSED, const char *name UNUSED, int pages)
{
	struct account *a = ctx;

	a->wal_pages = (uint32_t)pages;
	return SQLITE_OK;
}

void
db_watch_wal(struct account *a)
{
	sqlite3_wal_hook(a->db, wal_hook, a);
}

void
db_tend_wal(struct account *a)
{
	const struct store_host *host = &a->store->cfg.host;
	int mode = SQLITE_CHECKPOINT_PASSIVE;

	if (a->wal_pages < a->wal_pages_told)
		a->wal_pages_told = 0; /* it has started anew */
	if (a->wal_pages >= WAL_PAGES_MAX)
		mode = SQLITE_CHECKPOINT_RESTART;
	else if (a->wal_pages < a->wal_pages_told + STORE_WAL_PAGES)
		return;
	a->wal_pages_told = a->wal_pages;
	if (host->wal_grown && mode == SQLITE_CHECKPOINT_PASSIVE)
		host->wal_grown(host->ctx, a, a->wal_pages);
	else if (sqlite3_wal_checkpoint_v2(a->db, NULL, mode, NULL, NULL) !=
	    SQLITE_OK)
		log_debug("no checkpoint", LOG_STR("account", a->id),
		    LOG_Z("error", sqlite3_errmsg(a->db)));
}

enum status
db_checkpoint(struct account *a)
{
	return db_status(sqlite3_wal_checkpoint_v2(
	    a->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
}

/*
 * SQLite says "nothing to do", and OK, to a connection that has never read:
 * it does not know yet that there is a WAL. So it reads first, and a result
 * of -1 pages is an error (measured, research on storage).
 */
enum status
db_move_wal(sqlite3 *db, struct checkpoint *out)
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

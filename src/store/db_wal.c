/* The WAL of mail.db: how far it has grown, and emptying it (S8). */
#include "base/log.h"
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

#include "store/db_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "store/snapshot.h"
#include "store/store_int.h"

/*
 * The tables, in docs/store-format.md explained. Rows that hang on a message
 * or a uid are WITHOUT ROWID where their key is their order.
 */
static const char schema_1[] =
    "CREATE TABLE account(one INTEGER PRIMARY KEY CHECK(one = 1),"
    " modseq INTEGER NOT NULL, next_id INTEGER NOT NULL,"
    " last_uidvalidity INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " pack INTEGER NOT NULL, pack_offset INTEGER NOT NULL,"
    " quota INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " messages INTEGER NOT NULL, retained INTEGER NOT NULL,"
    " history_from INTEGER NOT NULL, last_wall INTEGER NOT NULL);"
    "CREATE TABLE mailbox(id INTEGER PRIMARY KEY, name TEXT,"
    " selectable INTEGER NOT NULL, special_use INTEGER NOT NULL,"
    " uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL,"
    " modseq INTEGER NOT NULL, gone_modseq INTEGER NOT NULL,"
    " messages INTEGER NOT NULL, unseen INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL, size INTEGER NOT NULL,"
    " deleted_size INTEGER NOT NULL, recent_from INTEGER NOT NULL,"
    " died INTEGER, last_name TEXT);"
    "CREATE TABLE subscription(name TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE keyword(mailbox INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY(mailbox, name)) WITHOUT ROWID;"
    "CREATE TABLE flagset(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE origin(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE message(id INTEGER PRIMARY KEY, size INTEGER NOT NULL,"
    " header_size INTEGER NOT NULL, idate INTEGER NOT NULL,"
    " zone INTEGER NOT NULL, emailid BLOB NOT NULL,"
    " threadid BLOB NOT NULL, pack INTEGER NOT NULL,"
    " pack_offset INTEGER NOT NULL, stored INTEGER NOT NULL,"
    " summary BLOB NOT NULL);"
    "CREATE TABLE entry(mailbox INTEGER NOT NULL, uid INTEGER NOT NULL,"
    " message INTEGER NOT NULL, flagset INTEGER NOT NULL,"
    " modseq INTEGER NOT NULL, saved INTEGER NOT NULL,"
    " size INTEGER NOT NULL, PRIMARY KEY(mailbox, uid)) WITHOUT ROWID;"
    "CREATE TABLE shared(message INTEGER PRIMARY KEY, n INTEGER NOT NULL);"
    "CREATE TABLE retained(message INTEGER PRIMARY KEY,"
    " modseq INTEGER NOT NULL, size INTEGER NOT NULL);"
    "CREATE TABLE thread(hash INTEGER PRIMARY KEY, threadid BLOB NOT NULL);"
    "CREATE TABLE history(modseq INTEGER NOT NULL, part INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, mailbox INTEGER NOT NULL,"
    " origin INTEGER NOT NULL, wall INTEGER NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY(modseq, part)) WITHOUT ROWID;"
    "CREATE TABLE clock(modseq INTEGER PRIMARY KEY, wall INTEGER NOT NULL);"
    "CREATE TABLE lost(first INTEGER PRIMARY KEY, last INTEGER NOT NULL,"
    " wall INTEGER NOT NULL);"
    "PRAGMA user_version=1;";

/* What former POP3 servers called messages (V5); it goes with them. */
static const char schema_2[] =
    "CREATE TABLE uidl(message INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TRIGGER uidl_gone AFTER DELETE ON message BEGIN"
    " DELETE FROM uidl WHERE message=old.id; END;"
    "PRAGMA user_version=2;";

/* EMAILIDs that came with a message: it is not taken twice. */
static const char schema_3[] =
    "CREATE TABLE known(emailid BLOB PRIMARY KEY, message INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TRIGGER known_gone AFTER DELETE ON message BEGIN"
    " DELETE FROM known WHERE emailid=old.emailid AND message=old.id; END;"
    "PRAGMA user_version=3;";

/* Bytes of each pack that belong to no message any more (S10). */
static const char schema_4[] =
    "CREATE TABLE pack(no INTEGER PRIMARY KEY, dead INTEGER NOT NULL);"
    "PRAGMA user_version=4;";

/* Messages that history names and nobody gets back (S33). */
static const char schema_5[] =
    "CREATE TABLE purged(message INTEGER PRIMARY KEY);"
    "PRAGMA user_version=5;";

/* S8: then the owner itself makes the WAL begin anew. */
enum { WAL_PAGES_MAX = 64 * 1024 * 1024 / 4096 };

/* One script per step: upgrades[v] leads from schema v to v + 1. */
static const char *const upgrades[] = {
    schema_1, schema_2, schema_3, schema_4, schema_5};
_Static_assert(ARRAY_LEN(upgrades) == DB_SCHEMA, "a script per schema");

#define MESSAGE_FACTS   "size,header_size,idate,zone,emailid,threadid"
#define MESSAGE_COLUMNS MESSAGE_FACTS ",pack,pack_offset,stored"

static const char *const statements[STMT_END] = {
    [STMT_MESSAGE] = "SELECT " MESSAGE_COLUMNS " FROM message WHERE id=?",
    [STMT_MESSAGE_WHOLE] =
	"SELECT " MESSAGE_COLUMNS ",summary FROM message WHERE id=?",
    [STMT_MESSAGES] = "SELECT " MESSAGE_FACTS ",id,summary FROM message"
		      " WHERE id>=? AND id<=? ORDER BY id",
    [STMT_MESSAGE_IDS] = "SELECT id FROM message WHERE id>? ORDER BY id",
    [STMT_MESSAGES_PLACES] = "SELECT " MESSAGE_COLUMNS ",id FROM message"
			     " WHERE id>=? ORDER BY id",
    [STMT_ENTRIES] = "SELECT uid,message,flagset,modseq,saved,size"
		     " FROM entry WHERE mailbox=?",
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_BEGIN_READING] = "BEGIN",
    [STMT_COMMIT] = "COMMIT",
    [STMT_ROLLBACK] = "ROLLBACK",
    [STMT_ACCOUNT] =
	"SELECT modseq,next_id,last_uidvalidity,epoch,pack,pack_offset,quota,"
	"bytes,messages,retained,history_from,last_wall FROM account",
    [STMT_ACCOUNT_SET] = "INSERT OR REPLACE INTO account"
			 " VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STMT_MAILBOXES] =
	"SELECT id,selectable,special_use,uidvalidity,uidnext,modseq,"
	"gone_modseq,messages,unseen,deleted,size,deleted_size,recent_from,"
	"name FROM mailbox WHERE name IS NOT NULL",
    [STMT_MAILBOX_SET] =
	"INSERT OR REPLACE INTO mailbox(id,selectable,special_use,"
	"uidvalidity,uidnext,modseq,gone_modseq,messages,unseen,deleted,size,"
	"deleted_size,recent_from,name) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STMT_MAILBOX_DIED] =
	"UPDATE mailbox SET "
	"last_name=name,name=NULL,died=?2,messages=0,unseen=0,deleted=0,"
	"size=0,deleted_size=0 WHERE id=?1",
    [STMT_MAILBOX_DIED_GET] = "SELECT 1 FROM mailbox"
			      " WHERE id=? AND name IS NULL",
    [STMT_MAILBOX_DEAD] =
	"SELECT selectable,special_use,uidvalidity,uidnext,gone_modseq,"
	"recent_from,last_name FROM mailbox WHERE id=? AND name IS NULL",
    [STMT_DEAD_RAISE] = "UPDATE mailbox SET uidnext=uidnext+?1"
			" WHERE name IS NULL AND uidnext<?2",
    [STMT_MAILBOX_KEYWORDS] = "SELECT name FROM keyword WHERE mailbox=?",
    [STMT_SUBSCRIPTIONS] = "SELECT name FROM subscription",
    [STMT_SUBSCRIBE] = "INSERT OR IGNORE INTO subscription VALUES(?)",
    [STMT_UNSUBSCRIBE] = "DELETE FROM subscription WHERE name=?",
    [STMT_KEYWORDS] = "SELECT mailbox,name FROM keyword",
    [STMT_KEYWORD_ADD] = "INSERT OR IGNORE INTO keyword VALUES(?,?)",
    [STMT_FLAGSETS] = "SELECT id,text FROM flagset ORDER BY id",
    [STMT_FLAGSET_ADD] = "INSERT INTO flagset VALUES(?,?)",
    [STMT_ORIGINS] = "SELECT id,data FROM origin",
    [STMT_ORIGIN_ADD] = "INSERT OR IGNORE INTO origin VALUES(?,?)",
    [STMT_MESSAGE_ADD] = "INSERT INTO message(id," MESSAGE_COLUMNS ",summary)"
			 " VALUES(?,?,?,?,?,?,?,?,?,?,?)",
    [STMT_UIDL_ADD] = "INSERT OR REPLACE INTO uidl VALUES(?,?)",
    [STMT_UIDL] = "SELECT text FROM uidl WHERE message=?",
    [STMT_UIDL_ANY] = "SELECT 1 FROM uidl LIMIT 1",
    [STMT_KNOWN] = "SELECT 1 FROM known WHERE emailid=?",
    [STMT_KNOWN_ADD] = "INSERT OR IGNORE INTO known VALUES(?2,?1)",
    [STMT_EMAILIDS] = "SELECT id,emailid FROM message WHERE id>=? ORDER BY id",
    [STMT_ENTRY_ADD] = "INSERT INTO entry VALUES(?,?,?,?,?,?,?)",
    [STMT_ENTRY_FLAGS] =
	"UPDATE entry SET flagset=?3,modseq=?4 WHERE mailbox=?1 AND uid=?2",
    [STMT_ENTRY_GONE] = "DELETE FROM entry WHERE mailbox=? AND uid=?",
    [STMT_DEAD_NAME] = "SELECT last_name FROM mailbox WHERE id=?",
    [STMT_ORIGIN] = "SELECT data FROM origin WHERE id=?",
    [STMT_ENTRY_HAS] = "SELECT 1 FROM entry WHERE mailbox=? AND uid=?",
    [STMT_SHARED] = "SELECT n FROM shared WHERE message=?",
    [STMT_SHARED_SET] = "INSERT OR REPLACE INTO shared VALUES(?,?)",
    [STMT_SHARED_DROP] = "DELETE FROM shared WHERE message=?",
    [STMT_RETAIN] = "INSERT OR REPLACE INTO retained VALUES(?,?,?)",
    [STMT_UNRETAIN] = "DELETE FROM retained WHERE message=? RETURNING size",
    [STMT_THREAD] = "SELECT threadid FROM thread WHERE hash=?",
    [STMT_THREAD_ADD] = "INSERT OR IGNORE INTO thread VALUES(?,?)",
    [STMT_HISTORY_ADD] = "INSERT INTO history VALUES(?,?,?,?,?,?,?)",
    [STMT_HISTORY_DOWN] =
	"SELECT modseq,part,kind,mailbox,origin,wall,data FROM history"
	" WHERE modseq>? ORDER BY modseq DESC,part DESC",
    [STMT_HISTORY_UP] =
	"SELECT modseq,part,kind,mailbox,origin,wall,data FROM history"
	" WHERE modseq>? ORDER BY modseq,part",
    [STMT_HISTORY_AT] = "SELECT modseq,wall FROM history WHERE modseq<=?"
			" ORDER BY modseq DESC LIMIT 1",
    [STMT_CLOCK_ADD] = "INSERT OR REPLACE INTO clock VALUES(?,?)",
    [STMT_CLOCK_BEFORE] = "SELECT modseq,wall FROM clock"
			  " WHERE modseq<=? ORDER BY modseq DESC LIMIT 1",
    [STMT_HISTORY_NEXT] = "SELECT modseq,wall FROM history WHERE modseq>?"
			  " ORDER BY modseq LIMIT 1",
    [STMT_HISTORY_DROP] = "DELETE FROM history WHERE modseq=?",
    [STMT_CLOCK_FORGET] = "DELETE FROM clock WHERE modseq<"
			  "(SELECT max(modseq) FROM clock WHERE modseq<=?)",
    [STMT_LOST_FORGET] = "DELETE FROM lost WHERE last<=?",
    [STMT_UNRETAIN_OLD] = "DELETE FROM retained WHERE message=? AND modseq<=?"
			  " RETURNING size",
    [STMT_MESSAGE_DROP] = "DELETE FROM message WHERE id=?",
    [STMT_PURGED_ADD] = "INSERT OR IGNORE INTO purged VALUES(?)",
    [STMT_PURGED_HAS] = "SELECT 1 FROM purged WHERE message=?",
    [STMT_PURGED_ANY] = "SELECT 1 FROM purged WHERE message>? LIMIT 1",
    [STMT_DEAD_BYTES] = "SELECT coalesce(sum(dead),0) FROM pack WHERE ?",
    [STMT_PACK_DEAD_OF] = "SELECT dead FROM pack WHERE no=?",
    [STMT_PACK_GONE] = "DELETE FROM pack WHERE no=?",
    [STMT_ANY_IN_PACK] = "SELECT id FROM message WHERE pack=? LIMIT 1",
    [STMT_MESSAGE_MOVE] =
	"UPDATE message SET pack=?2,pack_offset=?3,stored=?4 WHERE id=?1",
    [STMT_DROPPABLE] = "SELECT message FROM retained WHERE message>?1"
		       " AND modseq<=?2 ORDER BY message LIMIT ?3",
    [STMT_PACK_DEAD] = "INSERT INTO pack VALUES(?,?) ON CONFLICT(no)"
		       " DO UPDATE SET dead=dead+excluded.dead",
    [STMT_LOST_ADD] = "INSERT OR REPLACE INTO lost VALUES(?,?,?)",
    [STMT_LOST_HAS] = "SELECT 1 FROM lost WHERE first<=?1 AND last>=?1",
};

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
		return ST_NOT_FOUND;
	default: /* BUSY as well: nobody else may write (S1) */
		return ST_IO;
	}
}

sqlite3_stmt *
db_stmt(struct account *a, int id)
{
	if (!a->stmts[id] &&
	    sqlite3_prepare_v3(a->db, statements[id], -1,
		SQLITE_PREPARE_PERSISTENT, &a->stmts[id], NULL) != SQLITE_OK) {
		log_debug("statement does not compile",
		    LOG_STR("account", a->id),
		    LOG_Z("error", sqlite3_errmsg(a->db)));
		return NULL;
	}
	return a->stmts[id];
}

bool
db_row(sqlite3_stmt *s, enum status *st)
{
	int rc;

	if (!s) {
		*st = ST_CORRUPT;
		return false;
	}
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		return true;
	sqlite3_reset(s);
	*st = db_status(rc);
	return false;
}

enum status
db_run(struct account *a, int id, const int64_t *v, int n)
{
	sqlite3_stmt *s = db_stmt(a, id);
	enum status st;

	if (!s)
		return ST_CORRUPT;
	for (int i = 0; i < n; i++)
		sqlite3_bind_int64(s, i + 1, v[i]);
	if (db_row(s, &st)) {
		sqlite3_reset(s);
		return ST_OK;
	}
	return st;
}

struct str
db_column(sqlite3_stmt *s, int column)
{
	const char *p = sqlite3_column_blob(s, column);

	return str_of(p ? p : "", (size_t)sqlite3_column_bytes(s, column));
}

void
db_bind(sqlite3_stmt *s, int at, struct str blob)
{
	sqlite3_bind_blob64(s, at, blob.p, blob.n, SQLITE_STATIC);
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

void
db_rollback(struct account *a)
{
	/* An error of SQLite's own may have ended the transaction before. */
	if (!sqlite3_get_autocommit(a->db) &&
	    db_run(a, STMT_ROLLBACK, NULL, 0) != ST_OK)
		log_debug("rollback failed", LOG_STR("account", a->id));
}

static enum status
exec(struct account *a, const char *sql)
{
	int rc = sqlite3_exec(a->db, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		log_debug("SQL failed", LOG_STR("account", a->id),
		    LOG_Z("error", sqlite3_errmsg(a->db)));
	return db_status(rc);
}

static enum status
pragma_get(struct account *a, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	enum status st = ST_CORRUPT;

	if (sqlite3_prepare_v2(a->db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		st = ST_OK;
	} else {
		st = db_status(sqlite3_errcode(a->db));
	}
	sqlite3_finalize(s);
	return st;
}

/* An older store is brought up to date, a newer one is refused (S13). */
static enum status
upgrade(struct account *a)
{
	int64_t version, application;
	enum status st;

	if ((st = pragma_get(a, "PRAGMA user_version", &version)) != ST_OK ||
	    (st = pragma_get(a, "PRAGMA application_id", &application)) !=
		ST_OK)
		return st;
	if (version == DB_SCHEMA && application == DB_APPLICATION)
		return ST_OK;
	if (version > DB_SCHEMA)
		return ST_TOO_NEW;
	if (version < 0 || (version > 0 && application != DB_APPLICATION))
		return ST_CORRUPT;
	if (a->store->cfg.read_only)
		return ST_READONLY;
	if ((st = exec(a,
		 "BEGIN EXCLUSIVE;"
		 "PRAGMA application_id=1297306701")) != ST_OK)
		return st;
	for (; version < DB_SCHEMA && st == ST_OK; version++)
		st = exec(a, upgrades[version]);
	if (st == ST_OK)
		st = exec(a, "COMMIT");
	if (st != ST_OK)
		db_rollback(a);
	return st;
}

static int
wal_hook(void *ctx, sqlite3 *db UNUSED, const char *name UNUSED, int pages)
{
	struct account *a = ctx;

	a->wal_pages = (uint32_t)pages;
	return SQLITE_OK;
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
			return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
		close(fd);
	}
	buf_init(&path, 4096);
	buf_addf(&path, "%s/mail.db", a->dir);
	rc = buf_full(&path)
	    ? SQLITE_CANTOPEN
	    : sqlite3_open_v2(path.p, &a->db, flags, store_vfs(a->store));
	buf_release(&path);
	st = db_status(rc);
	if (st == ST_OK) {
		sqlite3_extended_result_codes(a->db, 1);
		/* Its folder entry is synced once, when the account is made. */
		sqlite3_file_control(
		    a->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &persist);
		st = exec(a,
		    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
		    "PRAGMA secure_delete=OFF;PRAGMA cache_size=-2048;"
		    "PRAGMA wal_autocheckpoint=0;"
		    "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=268435456;"
		    "PRAGMA journal_size_limit=16777216;");
	}
	if (st == ST_OK) {
		sqlite3_wal_hook(a->db, wal_hook, a);
		st = upgrade(a);
	}
	if (st != ST_OK)
		db_close(a);
	return st;
}

enum status
db_open_still(struct account *a, const char *name, bool still)
{
	struct buf path, uri;
	enum status st;

	buf_init(&path, 4096);
	buf_init(&uri, 16384);
	buf_addf(&path, "%s/%s", a->dir, name);
	snapshot_uri(buf_str(&path), still, &uri);
	st = buf_full(&path) || buf_full(&uri)
	    ? ST_NOT_FOUND
	    : db_status(sqlite3_open_v2(uri.p, &a->db,
		  SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		  NULL));
	buf_release(&path);
	buf_release(&uri);
	if (st == ST_OK)
		st = upgrade(a); /* which a read_only store only looks at */
	return st;
}

enum status
db_checkpoint(struct account *a)
{
	return db_status(sqlite3_wal_checkpoint_v2(
	    a->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
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

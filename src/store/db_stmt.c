/* The statements of an open account, and running them. */
#include "base/log.h"
#include "store/db_int.h"

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
    [STMT_APPLIED_SET] = "UPDATE account SET pack=?,pack_offset=?",
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
    [STMT_FLAGSET_ADD] = "INSERT OR REPLACE INTO flagset VALUES(?,?)",
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
    [STMT_FLAG_COUNTS] = "SELECT flagset,count(*),sum(size) FROM entry"
			 " WHERE mailbox=? GROUP BY flagset",
    [STMT_PLACES] = "SELECT id,size,pack,pack_offset,stored FROM message"
		    " ORDER BY pack,pack_offset",
    [STMT_SHOWN] = "SELECT e.mailbox,e.uid,b.name FROM entry e JOIN mailbox b"
		   " ON b.id=e.mailbox WHERE e.message=?",
    [STMT_USED_FLAGSETS] = "SELECT mailbox,uid,flagset FROM entry WHERE"
			   " (mailbox,uid)>(?1,?2) ORDER BY mailbox,uid"
			   " LIMIT ?3",
    [STMT_USED_THREADS] = "SELECT id,threadid FROM message WHERE id>?1"
			  " ORDER BY id LIMIT ?2",
    [STMT_FLAGSET_IDS] = "SELECT id FROM flagset WHERE id>? ORDER BY id",
    [STMT_ORIGIN_IDS] = "SELECT id FROM origin WHERE id>? ORDER BY id",
    [STMT_THREAD_IDS] =
	"SELECT hash,threadid FROM thread WHERE hash>? ORDER BY hash",
    [STMT_THREAD_JOINED] =
	"SELECT 1 FROM message WHERE id>=?2 AND threadid="
	"(SELECT threadid FROM thread WHERE hash=?1) LIMIT 1",
    [STMT_THREAD_DROP] = "DELETE FROM thread WHERE hash=?",
    [STMT_FLAGSET_DROP] = "DELETE FROM flagset WHERE id=?",
    [STMT_VACUUM_MODE] = "PRAGMA auto_vacuum",
    [STMT_FREE_PAGES] = "PRAGMA freelist_count",
    [STMT_ALL_PAGES] = "PRAGMA page_count",
    [STMT_GIVE_PAGES] = "PRAGMA incremental_vacuum(8)",
    [STMT_ORIGIN_DROP] = "DELETE FROM origin WHERE id=?",
};

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

enum status
db_run_key(struct account *a, int id, uint64_t key)
{
	const int64_t v[] = {(int64_t)key};

	return db_run(a, id, v, 1);
}

enum status
db_run_text(struct account *a, int id, const int64_t *number, struct str text)
{
	sqlite3_stmt *s = db_stmt(a, id);
	int at = 1;

	if (!s)
		return ST_CORRUPT;
	if (number)
		sqlite3_bind_int64(s, at++, *number);
	sqlite3_bind_text64(s, at, text.p, text.n, SQLITE_STATIC, SQLITE_UTF8);
	return db_run(a, id, NULL, 0);
}

enum status
db_number(struct account *a, int id, uint64_t key, uint64_t *out)
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

struct str
db_text(struct account *a, int id, uint64_t key, struct arena *arena)
{
	sqlite3_stmt *s = db_stmt(a, id);
	struct str text;
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)key);
	if (!db_row(s, &st))
		return S("");
	text = arena_str(arena, db_column(s, 0));
	sqlite3_reset(s);
	return text;
}

bool
db_has(struct account *a, int id, uint64_t key, uint64_t key2)
{
	sqlite3_stmt *s = db_stmt(a, id);
	enum status st;
	bool has;

	if (s) {
		sqlite3_bind_int64(s, 1, (int64_t)key);
		if (key2)
			sqlite3_bind_int64(s, 2, (int64_t)key2);
	}
	has = db_row(s, &st);
	if (has)
		sqlite3_reset(s);
	return has;
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
db_exec(struct account *a, const char *sql, uint64_t *n_out)
{
	int rc = sqlite3_exec(a->db, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		log_debug("SQL failed", LOG_STR("account", a->id),
		    LOG_Z("error", sqlite3_errmsg(a->db)));
	else if (n_out)
		*n_out = (uint64_t)sqlite3_changes(a->db);
	return db_status(rc);
}

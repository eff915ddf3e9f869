/* The tables of mail.db, and bringing those of older programs up to date. */
#include "store/db_int.h"
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

/* One script per step: upgrades[v] leads from schema v to v + 1. */
static const char *const upgrades[] = {
    schema_1, schema_2, schema_3, schema_4, schema_5};
_Static_assert(ARRAY_LEN(upgrades) == DB_SCHEMA, "a script per schema");

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

enum status
db_upgrade(struct account *a)
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
	if ((st = db_exec(a,
		 "BEGIN EXCLUSIVE;"
		 "PRAGMA application_id=1297306701",
		 NULL)) != ST_OK)
		return st;
	for (; version < DB_SCHEMA && st == ST_OK; version++)
		st = db_exec(a, upgrades[version], NULL);
	if (st == ST_OK)
		st = db_exec(a, "COMMIT", NULL);
	if (st != ST_OK)
		db_rollback(a);
	return st;
}

/*
 * What a damaged mail.db still tells, for one that was rebuilt from packs: the
 * packs know where a message arrived and with which flags, the old rows where
 * it is and which it has. Rows are read from both ends of each table up to
 * what cannot be read.
 */
#include "store/flagset.h"
#include "store/repair_int.h"

struct salvage {
	struct repair *r;
	struct account *a; /* the rebuilt one */
	sqlite3 *old;
	bool boxes_whole, entries_whole;
};

/* Copies rows, as they come, into a temporary table of the new database. */
static bool
copy_rows(struct salvage *v, const char *select, const char *insert)
{
	static const char *const orders[] = {" ASC", " DESC"};
	sqlite3_stmt *from, *to = NULL;
	bool whole = false;

	if (sqlite3_prepare_v2(v->a->db, insert, -1, &to, NULL) != SQLITE_OK)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(orders) && !whole; i++) {
		struct buf sql;
		int rc;

		buf_init(&sql, 1024);
		buf_addf(&sql, "%s%s", select, orders[i]);
		from = NULL;
		rc = sqlite3_prepare_v2(v->old, sql.p, -1, &from, NULL);
		while (rc == SQLITE_OK && sqlite3_step(from) == SQLITE_ROW) {
			for (int k = 0; k < sqlite3_column_count(from); k++)
				sqlite3_bind_value(
				    to, k + 1, sqlite3_column_value(from, k));
			(void)sqlite3_step(to);
			sqlite3_reset(to);
		}
		whole =
		    rc == SQLITE_OK && sqlite3_errcode(v->old) == SQLITE_DONE;
		sqlite3_finalize(from);
		buf_release(&sql);
	}
	sqlite3_finalize(to);
	return whole;
}

static uint64_t
count_of(struct salvage *v, const char *sql)
{
	sqlite3_stmt *q = NULL;
	uint64_t n = 0;

	if (sqlite3_prepare_v2(v->a->db, sql, -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static enum status
read_old(struct salvage *v)
{
	enum status st = db_exec(v->a,
	    "CREATE TEMP TABLE sbox(id INTEGER PRIMARY KEY,name TEXT,"
	    "selectable,special_use,uidvalidity,uidnext,recent_from);"
	    "CREATE TEMP TABLE sentry(mailbox,uid,message,flagset,saved,size,"
	    "PRIMARY KEY(mailbox,uid)) WITHOUT ROWID;"
	    "CREATE TEMP TABLE sset(id INTEGER PRIMARY KEY,text TEXT);"
	    "CREATE TEMP TABLE snext(id INTEGER)",
	    NULL);

	if (st != ST_OK)
		return st;
	v->boxes_whole = copy_rows(v,
	    "SELECT id,name,selectable,special_use,uidvalidity,uidnext,"
	    "recent_from FROM mailbox ORDER BY id",
	    "INSERT OR IGNORE INTO temp.sbox VALUES(?,?,?,?,?,?,?)");
	v->entries_whole = copy_rows(v,
	    "SELECT mailbox,uid,message,flagset,saved,size FROM entry"
	    " ORDER BY mailbox DESC,uid",
	    "INSERT OR IGNORE INTO temp.sentry VALUES(?,?,?,?,?,?)");
	(void)copy_rows(v, "SELECT id,text FROM flagset ORDER BY id",
	    "INSERT OR IGNORE INTO temp.sset VALUES(?,?)");
	(void)copy_rows(v, "SELECT next_id FROM account ORDER BY one",
	    "INSERT INTO temp.snext VALUES(?)");
	(void)copy_rows(v, "SELECT name FROM subscription ORDER BY name",
	    "INSERT OR IGNORE INTO subscription VALUES(?)");
	(void)copy_rows(v, "SELECT mailbox,name FROM keyword ORDER BY mailbox",
	    "INSERT OR IGNORE INTO keyword VALUES(?,?)");
	(void)copy_rows(v, "SELECT message,text FROM uidl ORDER BY message",
	    "INSERT OR IGNORE INTO uidl VALUES(?,?)");
	return count_of(v, "SELECT count(*) FROM temp.sbox") ? ST_OK
							     : ST_CORRUPT;
}

/* The sets get the ids that they have here. */
static enum status
map_sets(struct salvage *v)
{
	sqlite3_stmt *q = NULL, *to = NULL;
	enum status st = db_status(sqlite3_prepare_v2(
	    v->a->db, "SELECT id,text FROM temp.sset", -1, &q, NULL));

	if (st == ST_OK)
		st = db_exec(v->a,
		    "CREATE TEMP TABLE smap(old INTEGER PRIMARY KEY,new);"
		    "INSERT INTO temp.smap VALUES(1,1)",
		    NULL);
	if (st == ST_OK)
		st = db_status(sqlite3_prepare_v2(v->a->db,
		    "INSERT OR REPLACE INTO temp.smap VALUES(?,?)", -1, &to,
		    NULL));
	while (st == ST_OK && sqlite3_step(q) == SQLITE_ROW) {
		struct arena arena = ARENA_INIT;
		struct flags flags;
		uint32_t id = 1;

		if (flags_parse(db_column(q, 1), &arena, &flags) != ST_OK ||
		    flagset_intern(v->a->flagsets, &flags, &id) != ST_OK)
			id = 1;
		arena_release(&arena);
		sqlite3_bind_int64(to, 1, sqlite3_column_int64(q, 0));
		sqlite3_bind_int64(to, 2, id);
		(void)sqlite3_step(to);
		sqlite3_reset(to);
	}
	sqlite3_finalize(q);
	sqlite3_finalize(to);
	for (uint32_t id = v->a->flagsets_saved + 1;
	     id <= flagsets_count(v->a->flagsets) && st == ST_OK; id++)
		st = db_add_flagset(
		    v->a, id, flagset_get(v->a->flagsets, id)->text);
	return st;
}

static enum status
merge(struct salvage *v)
{
	static const char *const always[] = {
	    /* Two may not bear one name: what the old rows say goes first. */
	    "UPDATE mailbox SET name=name||' ('||id||')' WHERE name IN"
	    " (SELECT name FROM temp.sbox WHERE name IS NOT NULL)",
	    "UPDATE mailbox AS b SET name=s.name,selectable=s.selectable,"
	    "special_use=s.special_use,uidvalidity=s.uidvalidity,"
	    "recent_from=s.recent_from,"
	    "uidnext=max(b.uidnext,s.uidnext+16777216) FROM temp.sbox s"
	    " WHERE s.id=b.id AND s.name IS NOT NULL",
	    "INSERT INTO mailbox(id,selectable,special_use,uidvalidity,"
	    "uidnext,modseq,gone_modseq,messages,unseen,deleted,size,"
	    "deleted_size,recent_from,name) SELECT s.id,selectable,"
	    "special_use,uidvalidity,uidnext+16777216,a.modseq,a.modseq,"
	    "0,0,0,0,0,recent_from,s.name FROM temp.sbox s,account a WHERE"
	    " s.name IS NOT NULL AND s.id NOT IN (SELECT id FROM mailbox)",
	    "UPDATE account SET last_uidvalidity=max(last_uidvalidity,"
	    "(SELECT coalesce(max(uidvalidity),0) FROM mailbox))",
	    /* Where a message is, the old rows know better. */
	    "DELETE FROM entry WHERE message IN (SELECT s.message FROM"
	    " temp.sentry s JOIN mailbox b ON b.id=s.mailbox)",
	    "INSERT OR IGNORE INTO entry SELECT s.mailbox,s.uid,s.message,"
	    "coalesce(f.new,1),a.modseq,s.saved,m.size FROM temp.sentry s"
	    " JOIN message m ON m.id=s.message JOIN mailbox b ON"
	    " b.id=s.mailbox JOIN account a LEFT JOIN temp.smap f ON"
	    " f.old=s.flagset WHERE b.name IS NOT NULL",
	};
	/* What they do not show, and could not have forgotten, was expunged. */
	static const char *const when_whole[] = {
	    "DELETE FROM entry WHERE message<(SELECT max(id) FROM temp.snext)"
	    " AND message NOT IN (SELECT message FROM temp.sentry)",
	    "UPDATE mailbox SET last_name=name,name=NULL,died=(SELECT modseq"
	    " FROM account) WHERE id IN (SELECT id FROM temp.sbox WHERE name"
	    " IS NULL) AND id NOT IN (SELECT mailbox FROM entry)",
	};
	enum status st = ST_OK;

	for (size_t i = 0; i < ARRAY_LEN(always) && st == ST_OK; i++)
		st = db_exec(v->a, always[i], NULL);
	for (size_t i = 0; i < ARRAY_LEN(when_whole) && st == ST_OK &&
	     v->entries_whole && v->boxes_whole;
	     i++)
		st = db_exec(v->a, when_whole[i], NULL);
	return st == ST_OK ? db_recount(v->a) : st;
}

static void
report(struct salvage *v)
{
	repair_did(v->r,
	    "%llu mailboxes and %llu entries were taken over from the old "
	    "mail.db",
	    (unsigned long long)count_of(
		v, "SELECT count(*) FROM temp.sbox WHERE name IS NOT NULL"),
	    (unsigned long long)count_of(
		v, "SELECT count(*) FROM temp.sentry"));
	if (!v->entries_whole || !v->boxes_whole)
		repair_lost(v->r,
		    "a part of the old mail.db could not be read: messages of "
		    "it are where they arrived, with the flags of then, also "
		    "such as had been expunged");
	repair_lost(v->r, "the history before this repair");
}

enum status
db_salvage(struct repair *r, const char *old)
{
	struct salvage v = {.r = r, .a = r->a};
	struct buf path;
	enum status st;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/%s", r->a->dir, old);
	st = db_look(buf_str(&path), false, &v.old);
	buf_release(&path);
	if (st == ST_OK && (st = db_begin(r->a)) == ST_OK) {
		if ((st = read_old(&v)) == ST_OK &&
		    (st = map_sets(&v)) == ST_OK)
			st = merge(&v);
		if ((st = db_finish(r->a, st)) == ST_OK)
			report(&v);
	}
	sqlite3_close(v.old);
	return st;
}

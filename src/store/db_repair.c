/* Rows of mail.db that contradict each other, set right. */
#include "store/flagset.h"
#include "store/repair_int.h"

/* What the sets say of \Seen and \Deleted, as a table to be joined. */
static enum status
bits_table(struct account *a)
{
	sqlite3_stmt *q = NULL;
	enum status st = db_exec(a,
	    "DROP TABLE IF EXISTS temp.bits;CREATE TEMP TABLE bits("
	    "id INTEGER PRIMARY KEY,seen INTEGER,deleted INTEGER)",
	    NULL);

	if (st == ST_OK)
		st = db_status(sqlite3_prepare_v2(a->db,
		    "INSERT INTO temp.bits VALUES(?,?,?)", -1, &q, NULL));
	for (uint32_t i = 1; i <= flagsets_count(a->flagsets) && st == ST_OK;
	     i++) {
		unsigned bits;

		if (!flagset_has(a->flagsets, i))
			continue;
		bits = flagset_get(a->flagsets, i)->flags.bits;
		sqlite3_bind_int64(q, 1, i);
		sqlite3_bind_int(q, 2, (bits & FLAG_SEEN) != 0);
		sqlite3_bind_int(q, 3, (bits & FLAG_DELETED) != 0);
		st = db_status(sqlite3_step(q));
		sqlite3_reset(q);
	}
	sqlite3_finalize(q);
	return st;
}

enum status
db_recount(struct account *a)
{
	static const char *const steps[] = {
	    "UPDATE mailbox AS b SET"
	    " messages=(SELECT count(*) FROM entry e WHERE e.mailbox=b.id),"
	    " size=(SELECT coalesce(sum(e.size),0) FROM entry e"
	    "  WHERE e.mailbox=b.id),"
	    " unseen=(SELECT count(*) FROM entry e JOIN temp.bits f ON"
	    "  f.id=e.flagset WHERE e.mailbox=b.id AND NOT f.seen),"
	    " deleted=(SELECT count(*) FROM entry e JOIN temp.bits f ON"
	    "  f.id=e.flagset WHERE e.mailbox=b.id AND f.deleted),"
	    " deleted_size=(SELECT coalesce(sum(e.size),0) FROM entry e JOIN"
	    "  temp.bits f ON f.id=e.flagset WHERE e.mailbox=b.id AND"
	    "  f.deleted)"
	    " WHERE name IS NOT NULL",
	    "DELETE FROM shared",
	    "INSERT INTO shared SELECT message,count(*) FROM entry"
	    " GROUP BY message HAVING count(*)>1",
	    "DELETE FROM retained WHERE message IN"
	    " (SELECT message FROM entry) OR message NOT IN"
	    " (SELECT id FROM message)",
	    "INSERT OR IGNORE INTO retained SELECT m.id,a.modseq,m.size"
	    " FROM message m,account a WHERE m.id NOT IN"
	    " (SELECT message FROM entry)",
	    "UPDATE account SET messages=(SELECT count(*) FROM entry),"
	    "bytes=(SELECT coalesce(sum(size),0) FROM entry),"
	    "retained=(SELECT coalesce(sum(size),0) FROM retained)",
	};
	enum status st = bits_table(a);

	for (size_t i = 0; i < ARRAY_LEN(steps) && st == ST_OK; i++)
		st = db_exec(a, steps[i], NULL);
	return st;
}

/* One kind of contradiction: what is done, and how it is said. */
struct mend {
	const char *sql;
	const char *did;  /* with the number of rows */
	const char *lost; /* NULL: nothing was */
};

static const struct mend mends[] = {
    /* A mailbox that is lost, but its entries are not. */
    {"INSERT INTO mailbox(id,selectable,special_use,uidvalidity,uidnext,"
     "modseq,gone_modseq,messages,unseen,deleted,size,deleted_size,"
     "recent_from,name) SELECT e.mailbox,1,0,a.last_uidvalidity+1,"
     "max(e.uid)+1+16777216,a.modseq,a.modseq,0,0,0,0,0,1,"
     "'Recovered/'||e.mailbox FROM entry e,account a WHERE e.mailbox NOT IN"
     " (SELECT id FROM mailbox) GROUP BY e.mailbox",
	"%llu mailboxes came back under the name Recovered", NULL},
    {"UPDATE mailbox SET name='Recovered/'||coalesce(last_name,id),died=NULL"
     " WHERE name IS NULL AND id IN (SELECT mailbox FROM entry)",
	"%llu deleted mailboxes that held mail came back under the name "
	"Recovered",
	NULL},
    {"UPDATE account SET last_uidvalidity=max(last_uidvalidity,"
     "(SELECT coalesce(max(uidvalidity),0) FROM mailbox))"
     " WHERE last_uidvalidity<"
     "(SELECT coalesce(max(uidvalidity),0) FROM mailbox)",
	"UIDVALIDITY was raised", NULL},
    {"DELETE FROM entry WHERE message NOT IN (SELECT id FROM message)", NULL,
	"%llu entries had no message any more"},
    {"UPDATE entry SET flagset=1 WHERE flagset<>1 AND flagset NOT IN"
     " (SELECT id FROM flagset)",
	NULL, "%llu entries lost their flags"},
    {"UPDATE mailbox SET uidnext=(SELECT max(uid)+1+16777216 FROM entry"
     " WHERE mailbox=mailbox.id) WHERE uidnext<="
     "(SELECT coalesce(max(uid),0) FROM entry WHERE entry.mailbox="
     "mailbox.id)",
	"%llu mailboxes got a higher UIDNEXT", NULL},
    {"UPDATE account SET next_id=(SELECT max(id)+1 FROM message)"
     " WHERE next_id<=(SELECT coalesce(max(id),0) FROM message)",
	"ids of messages go on from a higher one", NULL},
    {"UPDATE entry SET modseq=(SELECT modseq FROM account) WHERE modseq>"
     "(SELECT modseq FROM account)",
	"%llu entries had a modseq of the future", NULL},
};

static enum status
mend_one(struct repair *r, const struct mend *m)
{
	uint64_t n = 0;
	enum status st = db_exec(r->a, m->sql, &n);
	struct buf text;

	if (st != ST_OK || n == 0)
		return st;
	buf_init(&text, 1024);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_addf(&text, m->did ? m->did : m->lost, (unsigned long long)n);
#pragma GCC diagnostic pop
	if (m->did)
		r->host->did(r->host->ctx, buf_str(&text));
	else
		r->host->lost(r->host->ctx, buf_str(&text));
	buf_release(&text);
	return ST_OK;
}

enum status
db_mend(struct repair *r)
{
	enum status st = db_begin(r->a);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < ARRAY_LEN(mends) && st == ST_OK; i++)
		st = mend_one(r, &mends[i]);
	if (st == ST_OK)
		st = db_recount(r->a);
	return db_finish(r->a, st);
}

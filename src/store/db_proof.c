/* What check and repair ask of mail.db: rows against rows, and against bytes. */
#include "store/db_int.h"

enum { FOUND_MOST = 1000 }; /* of a kind: then it is one sentence */

static void
say_error(struct account *a, void (*fn)(void *ctx, struct str what), void *ctx)
{
	struct buf b;

	buf_init(&b, 1024);
	buf_addf(&b, "mail.db: %s", sqlite3_errmsg(a->db));
	fn(ctx, buf_str(&b));
	buf_release(&b);
}

/* Each query gives what is wrong as text. */
void
db_contradictions(
    struct account *a, void (*fn)(void *ctx, struct str what), void *ctx)
{
	static const char *const queries[] = {
	    "SELECT 'an entry without its message: uid '||e.uid||' in '||"
	    "coalesce(b.name,b.last_name,e.mailbox) FROM entry e"
	    " LEFT JOIN message m ON m.id=e.message"
	    " LEFT JOIN mailbox b ON b.id=e.mailbox WHERE m.id IS NULL",
	    "SELECT 'an entry without its mailbox: uid '||uid||' in '||mailbox"
	    " FROM entry WHERE mailbox NOT IN"
	    " (SELECT id FROM mailbox WHERE name IS NOT NULL)",
	    "SELECT 'an entry without its flags: uid '||uid||' in mailbox '||"
	    "mailbox FROM entry WHERE flagset<>1 AND flagset NOT IN"
	    " (SELECT id FROM flagset)",
	    "SELECT 'a uid that may be given again: '||max(e.uid)||' in '||"
	    "b.name FROM entry e JOIN mailbox b ON b.id=e.mailbox"
	    " GROUP BY b.id HAVING max(e.uid)>=b.uidnext",
	    "SELECT 'a message that is shown '||count(*)||' times and counts '"
	    "||coalesce(s.n,1)||' times: '||e.message FROM entry e"
	    " LEFT JOIN shared s ON s.message=e.message"
	    " GROUP BY e.message HAVING count(*)<>coalesce(s.n,1)",
	    "SELECT 'a modseq from the future: '||max(e.modseq) FROM entry e,"
	    " account a HAVING max(e.modseq)>a.modseq",
	    "SELECT 'message ids will be given again: '||max(m.id)"
	    " FROM message m, account a HAVING max(m.id)>=a.next_id",
	};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		sqlite3_stmt *q = NULL;
		int n = 0;

		if (sqlite3_prepare_v2(a->db, queries[i], -1, &q, NULL) !=
		    SQLITE_OK)
			say_error(a, fn, ctx);
		while (q && sqlite3_step(q) == SQLITE_ROW && n++ < FOUND_MOST)
			fn(ctx, db_column(q, 0));
		sqlite3_finalize(q);
	}
}

enum status
db_flag_counts(struct account *a, uint64_t mailbox,
    void (*fn)(void *ctx, uint32_t flagset, uint64_t n, uint64_t size),
    void *ctx)
{
	sqlite3_stmt *s = db_stmt(a, STMT_FLAG_COUNTS);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)mailbox);
	while (db_row(s, &st))
		fn(ctx, db_u32(s, 0), db_u64(s, 1), db_u64(s, 2));
	return st;
}

enum status
db_places(struct account *a,
    void (*fn)(void *ctx, const struct message_row *row), void *ctx)
{
	sqlite3_stmt *s = db_stmt(a, STMT_PLACES);
	enum status st;

	while (db_row(s, &st)) {
		const struct message_row row = {
		    .pub = {.id = db_u64(s, 0), .size = db_u64(s, 1)},
		    .place = {db_u32(s, 2), db_u64(s, 3)},
		    .stored = db_u64(s, 4),
		    .summary = S(""),
		};

		fn(ctx, &row);
	}
	return st;
}

enum status
db_shown(struct account *a, uint64_t message,
    void (*fn)(void *ctx, uint64_t mailbox, uint32_t uid, struct str name),
    void *ctx)
{
	sqlite3_stmt *s = db_stmt(a, STMT_SHOWN);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)message);
	while (db_row(s, &st))
		fn(ctx, db_u64(s, 0), db_u32(s, 1), db_column(s, 2));
	return st;
}

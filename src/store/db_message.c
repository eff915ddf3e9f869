/* Messages: their rows, and the names that they are known by. */
#include "store/db_int.h"

static bool
read_facts(sqlite3_stmt *s, uint64_t id, struct message *out)
{
	struct str emailid = db_column(s, 4), threadid = db_column(s, 5);

	if (emailid.n != ID_BYTES || threadid.n != ID_BYTES)
		return false;
	out->id = id;
	out->size = db_u64(s, 0);
	out->header_size = db_u64(s, 1);
	out->internaldate_ms = sqlite3_column_int64(s, 2);
	out->internaldate_zone = sqlite3_column_int(s, 3);
	id_text('M', (const unsigned char *)emailid.p, out->emailid);
	id_text('T', (const unsigned char *)threadid.p, out->threadid);
	return true;
}

static bool
read_row(sqlite3_stmt *s, uint64_t id, struct message_row *out)
{
	if (!read_facts(s, id, &out->pub))
		return false;
	out->place.pack = db_u32(s, 6);
	out->place.offset = db_u64(s, 7);
	out->stored = db_u64(s, 8);
	out->summary = S("");
	return true;
}

enum status
db_message(
    struct account *a, uint64_t id, bool with_summary, struct message_row *out)
{
	sqlite3_stmt *s =
	    db_stmt(a, with_summary ? STMT_MESSAGE_WHOLE : STMT_MESSAGE);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)id);
	if (!db_row(s, &st))
		return st == ST_OK ? ST_NOT_FOUND : st;
	if (!read_row(s, id, out)) {
		sqlite3_reset(s);
		return ST_CORRUPT;
	}
	if (with_summary)
		out->summary = db_column(s, 9);
	else
		sqlite3_reset(s);
	return ST_OK;
}

void
db_message_done(struct account *a)
{
	if (a->stmts[STMT_MESSAGE_WHOLE])
		sqlite3_reset(a->stmts[STMT_MESSAGE_WHOLE]);
}

void
db_messages(struct account *a, uint64_t first, uint64_t last)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MESSAGES);

	if (!s)
		return; /* the next step says so */
	sqlite3_bind_int64(s, 1, (int64_t)first);
	sqlite3_bind_int64(s, 2, (int64_t)last);
}

enum status
db_messages_next(struct account *a, uint64_t id, struct message *out,
    struct str *summary_out)
{
	sqlite3_stmt *s = a->stmts[STMT_MESSAGES];
	uint64_t at;
	enum status st;

	do {
		if (!db_row(s, &st))
			return st == ST_OK ? ST_NOT_FOUND : st;
		at = db_u64(s, 6);
	} while (at < id);
	if (at > id)
		return ST_NOT_FOUND;
	if (!read_facts(s, id, out))
		return ST_CORRUPT;
	*summary_out = db_column(s, 7);
	return ST_OK;
}

void
db_messages_done(struct account *a)
{
	if (a->stmts[STMT_MESSAGES])
		sqlite3_reset(a->stmts[STMT_MESSAGES]);
}

enum status
db_messages_from(struct account *a, uint64_t id, struct message_row *rows,
    size_t most, size_t *n_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MESSAGES_PLACES);
	enum status st = ST_OK;
	size_t n = 0;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)id);
	while (n < most && db_row(s, &st)) {
		if (!read_row(s, db_u64(s, 9), &rows[n])) {
			st = ST_CORRUPT;
			break;
		}
		n++;
	}
	if (s)
		sqlite3_reset(s);
	*n_out = n;
	return st;
}

enum status
db_message_ids(struct account *a, uint64_t after, uint64_t *ids, size_t most,
    size_t *n_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MESSAGE_IDS);
	enum status st = ST_OK;
	size_t n = 0;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)after);
	while (n < most && db_row(s, &st))
		ids[n++] = db_u64(s, 0);
	if (s)
		sqlite3_reset(s);
	*n_out = n;
	return st;
}

enum status
db_add_message(struct account *a, const struct message_row *row,
    const unsigned char emailid[ID_BYTES],
    const unsigned char threadid[ID_BYTES])
{
	sqlite3_stmt *s = db_stmt(a, STMT_MESSAGE_ADD);
	const int64_t v[] = {
	    (int64_t)row->pub.id,
	    (int64_t)row->pub.size,
	    (int64_t)row->pub.header_size,
	    row->pub.internaldate_ms,
	    row->pub.internaldate_zone,
	};

	if (!s)
		return ST_CORRUPT;
	db_bind(s, 6, str_of((const char *)emailid, ID_BYTES));
	db_bind(s, 7, str_of((const char *)threadid, ID_BYTES));
	sqlite3_bind_int64(s, 8, row->place.pack);
	sqlite3_bind_int64(s, 9, (int64_t)row->place.offset);
	sqlite3_bind_int64(s, 10, (int64_t)row->stored);
	db_bind(s, 11, row->summary);
	return db_run(a, STMT_MESSAGE_ADD, v, ARRAY_LEN(v));
}

enum status
db_move_message(
    struct account *a, uint64_t message, struct place to, uint64_t stored)
{
	const int64_t v[] = {
	    (int64_t)message, to.pack, (int64_t)to.offset, (int64_t)stored};

	return db_run(a, STMT_MESSAGE_MOVE, v, ARRAY_LEN(v));
}

enum status
db_drop_message(struct account *a, uint64_t message)
{
	return db_run_key(a, STMT_MESSAGE_DROP, message);
}

enum status
db_uidl(struct account *a, uint64_t message, struct buf *out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_UIDL);
	enum status st = ST_OK;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)message);
	if (db_row(s, &st)) {
		buf_adds(out, db_column(s, 0));
		sqlite3_reset(s);
	}
	return st;
}

enum status
db_add_uidl(struct account *a, uint64_t message, struct str uidl)
{
	int64_t id = (int64_t)message;

	a->has_uidls = true;
	return db_run_text(a, STMT_UIDL_ADD, &id, uidl);
}

bool
db_known(struct account *a, const unsigned char emailid[ID_BYTES])
{
	sqlite3_stmt *s = db_stmt(a, STMT_KNOWN);
	enum status st;
	bool known;

	if (s)
		db_bind(s, 1, str_of((const char *)emailid, ID_BYTES));
	known = db_row(s, &st);
	if (known)
		sqlite3_reset(s);
	return known;
}

enum status
db_add_known(
    struct account *a, const unsigned char emailid[ID_BYTES], uint64_t message)
{
	sqlite3_stmt *s = db_stmt(a, STMT_KNOWN_ADD);
	const int64_t v[] = {(int64_t)message};

	if (!s)
		return ST_CORRUPT;
	db_bind(s, 2, str_of((const char *)emailid, ID_BYTES));
	return db_run(a, STMT_KNOWN_ADD, v, 1);
}

enum status
db_emailids(struct account *a, uint64_t from, size_t most, struct buf *out,
    uint64_t *next_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_EMAILIDS);
	enum status st = ST_OK;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)from);
	*next_out = 0;
	while (db_row(s, &st)) {
		if (most-- == 0) {
			*next_out = db_u64(s, 0);
			sqlite3_reset(s);
			break;
		}
		buf_adds(out, db_column(s, 1));
	}
	return st;
}

bool
db_thread(struct account *a, uint64_t hash, unsigned char out[ID_BYTES])
{
	sqlite3_stmt *s = db_stmt(a, STMT_THREAD);
	enum status st;
	struct str id;
	bool ok;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)hash);
	if (!db_row(s, &st))
		return false;
	id = db_column(s, 0);
	ok = id.n == ID_BYTES;
	if (ok)
		memcpy(out, id.p, ID_BYTES);
	sqlite3_reset(s);
	return ok;
}

enum status
db_add_thread(
    struct account *a, uint64_t hash, const unsigned char threadid[ID_BYTES])
{
	sqlite3_stmt *s = db_stmt(a, STMT_THREAD_ADD);
	const int64_t v[] = {(int64_t)hash};

	if (!s)
		return ST_CORRUPT;
	db_bind(s, 2, str_of((const char *)threadid, ID_BYTES));
	return db_run(a, STMT_THREAD_ADD, v, 1);
}

enum status
db_purge(struct account *a, uint64_t message)
{
	return db_run_key(a, STMT_PURGED_ADD, message);
}

bool
db_purged(struct account *a, uint64_t message)
{
	return db_has(a, STMT_PURGED_HAS, message, 0);
}

bool
db_any_purged(struct account *a)
{
	return db_has(a, STMT_PURGED_ANY, 0, 0);
}

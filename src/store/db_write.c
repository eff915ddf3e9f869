/* Writing mail.db: each function is a row of the plan, in its transaction. */
#include "store/db_int.h"

void
db_account_of(const struct account *a, struct db_account *out)
{
	*out = (struct db_account){
	    .modseq = a->modseq,
	    .next_id = a->next_id,
	    .last_uidvalidity = a->last_uidvalidity,
	    .epoch = a->epoch,
	    .applied = a->applied,
	    .quota = a->quota,
	    .bytes = a->bytes,
	    .messages = a->messages,
	    .retained = a->retained_bytes,
	    .history_from = a->history_from,
	    .last_wall = a->last_wall,
	};
}

void
db_account_to(const struct db_account *row, struct account *a)
{
	a->modseq = row->modseq;
	a->next_id = row->next_id;
	a->last_uidvalidity = row->last_uidvalidity;
	a->epoch = row->epoch;
	a->applied = row->applied;
	a->quota = row->quota;
	a->bytes = row->bytes;
	a->messages = row->messages;
	a->retained_bytes = row->retained;
	a->history_from = row->history_from;
	a->last_wall = row->last_wall;
}

enum status
db_set_account(struct account *a, const struct db_account *r)
{
	const int64_t v[] = {
	    (int64_t)r->modseq,
	    (int64_t)r->next_id,
	    r->last_uidvalidity,
	    (int64_t)r->epoch,
	    r->applied.pack,
	    (int64_t)r->applied.offset,
	    (int64_t)r->quota,
	    (int64_t)r->bytes,
	    (int64_t)r->messages,
	    (int64_t)r->retained,
	    (int64_t)r->history_from,
	    r->last_wall,
	};

	return db_run(a, STMT_ACCOUNT_SET, v, ARRAY_LEN(v));
}

/* Runs a statement whose number is bound first and whose text second. */
static enum status
run_text(struct account *a, int id, const int64_t *number, struct str text)
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
db_set_mailbox(struct account *a, const struct mailbox *m, uint64_t gone_modseq)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MAILBOX_SET);
	const int64_t v[] = {
	    (int64_t)m->id,
	    m->selectable,
	    m->special_use,
	    m->uidvalidity,
	    m->uidnext,
	    (int64_t)m->highestmodseq,
	    (int64_t)gone_modseq,
	    m->messages,
	    m->unseen,
	    m->deleted,
	    (int64_t)m->size,
	    (int64_t)m->deleted_size,
	    m->recent_from,
	};

	if (!s)
		return ST_CORRUPT;
	sqlite3_bind_text64(s, ARRAY_LEN(v) + 1, m->name.p, m->name.n,
	    SQLITE_STATIC, SQLITE_UTF8);
	return db_run(a, STMT_MAILBOX_SET, v, ARRAY_LEN(v));
}

enum status
db_mailbox_died(struct account *a, uint64_t mailbox, uint64_t modseq)
{
	const int64_t v[] = {(int64_t)mailbox, (int64_t)modseq};

	return db_run(a, STMT_MAILBOX_DIED, v, ARRAY_LEN(v));
}

enum status
db_raise_dead(struct account *a, uint32_t uids, uint32_t below)
{
	const int64_t v[] = {uids, below};

	return db_run(a, STMT_DEAD_RAISE, v, ARRAY_LEN(v));
}

enum status
db_subscribe(struct account *a, struct str name, bool on)
{
	return run_text(a, on ? STMT_SUBSCRIBE : STMT_UNSUBSCRIBE, NULL, name);
}

enum status
db_add_keyword(struct account *a, uint64_t mailbox, struct str keyword)
{
	int64_t id = (int64_t)mailbox;

	return run_text(a, STMT_KEYWORD_ADD, &id, keyword);
}

enum status
db_add_flagset(struct account *a, uint32_t flagset, struct str text)
{
	int64_t id = flagset;

	return run_text(a, STMT_FLAGSET_ADD, &id, text);
}

enum status
db_add_origin(struct account *a, uint64_t id, struct str encoded)
{
	sqlite3_stmt *s = db_stmt(a, STMT_ORIGIN_ADD);
	const int64_t v[] = {(int64_t)id};

	if (!s)
		return ST_CORRUPT;
	db_bind(s, 2, encoded);
	return db_run(a, STMT_ORIGIN_ADD, v, 1);
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
db_add_uidl(struct account *a, uint64_t message, struct str uidl)
{
	int64_t id = (int64_t)message;

	a->has_uidls = true;
	return run_text(a, STMT_UIDL_ADD, &id, uidl);
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
db_add_entry(
    struct account *a, uint64_t mailbox, const struct entry *e, uint64_t size)
{
	const int64_t v[] = {
	    (int64_t)mailbox,
	    e->uid,
	    (int64_t)e->message,
	    e->flagset,
	    (int64_t)e->modseq,
	    e->saved_ms,
	    (int64_t)size,
	};

	return db_run(a, STMT_ENTRY_ADD, v, ARRAY_LEN(v));
}

enum status
db_set_flags(struct account *a, uint64_t mailbox, const struct entry *e)
{
	const int64_t v[] = {
	    (int64_t)mailbox, e->uid, e->flagset, (int64_t)e->modseq};

	return db_run(a, STMT_ENTRY_FLAGS, v, ARRAY_LEN(v));
}

enum status
db_drop_entry(struct account *a, uint64_t mailbox, uint32_t uid)
{
	const int64_t v[] = {(int64_t)mailbox, uid};

	return db_run(a, STMT_ENTRY_GONE, v, ARRAY_LEN(v));
}

enum status
db_set_shared(struct account *a, uint64_t message, uint64_t n)
{
	const int64_t v[] = {(int64_t)message, (int64_t)n};

	return n > 1 ? db_run(a, STMT_SHARED_SET, v, 2)
		     : db_run(a, STMT_SHARED_DROP, v, 1);
}

enum status
db_retain(struct account *a, uint64_t message, uint64_t modseq, uint64_t size)
{
	const int64_t v[] = {(int64_t)message, (int64_t)modseq, (int64_t)size};

	return db_run(a, STMT_RETAIN, v, ARRAY_LEN(v));
}

enum status
db_unretain(struct account *a, uint64_t message, uint64_t *size_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_UNRETAIN);
	uint64_t size = 0;
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)message);
	while (db_row(s, &st))
		size = (uint64_t)sqlite3_column_int64(s, 0);
	if (st == ST_OK)
		*size_out = size;
	return st;
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
db_add_history(struct account *a, const struct history_row *row)
{
	sqlite3_stmt *s = db_stmt(a, STMT_HISTORY_ADD);
	const int64_t v[] = {
	    (int64_t)row->modseq,
	    row->part,
	    row->kind,
	    (int64_t)row->mailbox,
	    (int64_t)row->origin,
	    row->wall,
	};

	if (!s)
		return ST_CORRUPT;
	db_bind(s, 7, row->data);
	return db_run(a, STMT_HISTORY_ADD, v, ARRAY_LEN(v));
}

enum status
db_add_clock(struct account *a, uint64_t modseq, int64_t wall)
{
	const int64_t v[] = {(int64_t)modseq, wall};

	return db_run(a, STMT_CLOCK_ADD, v, ARRAY_LEN(v));
}

enum status
db_add_lost(struct account *a, uint64_t first, uint64_t last, int64_t wall)
{
	const int64_t v[] = {(int64_t)first, (int64_t)last, wall};

	return db_run(a, STMT_LOST_ADD, v, ARRAY_LEN(v));
}

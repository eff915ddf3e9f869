/* Entries: which message stands in which mailbox, and what holds a message. */
#include "store/columns.h"
#include "store/db_int.h"

static void
read_entry(sqlite3_stmt *s, struct entry *e)
{
	*e = (struct entry){
	    .uid = db_u32(s, 0),
	    .message = db_u64(s, 1),
	    .flagset = db_u32(s, 2),
	    .modseq = db_u64(s, 3),
	    .saved_ms = sqlite3_column_int64(s, 4),
	};
}

enum status
db_load_columns(struct account *a, uint64_t mailbox, struct columns *into)
{
	sqlite3_stmt *s = db_stmt(a, STMT_ENTRIES);
	struct entry e;
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)mailbox);
	while (db_row(s, &st)) {
		read_entry(s, &e);
		columns_add(into, &e, db_u64(s, 5));
	}
	return st;
}

bool
db_has_entry(struct account *a, uint64_t mailbox, uint32_t uid)
{
	return db_has(a, STMT_ENTRY_HAS, mailbox, uid);
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

	account_used(a, &a->used_flagsets, e->flagset);
	return db_run(a, STMT_ENTRY_ADD, v, ARRAY_LEN(v));
}

enum status
db_set_flags(struct account *a, uint64_t mailbox, const struct entry *e)
{
	const int64_t v[] = {
	    (int64_t)mailbox, e->uid, e->flagset, (int64_t)e->modseq};

	account_used(a, &a->used_flagsets, e->flagset);
	return db_run(a, STMT_ENTRY_FLAGS, v, ARRAY_LEN(v));
}

enum status
db_drop_entry(struct account *a, uint64_t mailbox, uint32_t uid)
{
	const int64_t v[] = {(int64_t)mailbox, uid};

	return db_run(a, STMT_ENTRY_GONE, v, ARRAY_LEN(v));
}

enum status
db_add_flagset(struct account *a, uint32_t flagset, struct str text)
{
	int64_t id = flagset;

	return db_run_text(a, STMT_FLAGSET_ADD, &id, text);
}

enum status
db_shared(struct account *a, uint64_t message, uint64_t *n_out)
{
	enum status st = db_number(a, STMT_SHARED, message, n_out);

	if (st == ST_NOT_FOUND)
		*n_out = 1;
	return st == ST_NOT_FOUND ? ST_OK : st;
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
db_unretain_old(
    struct account *a, uint64_t message, uint64_t modseq, uint64_t *size_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_UNRETAIN_OLD);
	bool found = false;
	uint64_t size = 0;
	enum status st;

	if (s) {
		sqlite3_bind_int64(s, 1, (int64_t)message);
		sqlite3_bind_int64(s, 2, (int64_t)modseq);
	}
	while (db_row(s, &st)) {
		found = true;
		size = (uint64_t)sqlite3_column_int64(s, 0);
	}
	if (st != ST_OK)
		return st;
	if (!found)
		return ST_NOT_FOUND;
	*size_out = size;
	return ST_OK;
}

enum status
db_droppable(struct account *a, uint64_t modseq, uint64_t after, uint64_t *ids,
    size_t max, size_t *n_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_DROPPABLE);
	enum status st;

	if (s) {
		sqlite3_bind_int64(s, 1, (int64_t)after);
		sqlite3_bind_int64(s, 2, (int64_t)modseq);
		sqlite3_bind_int64(s, 3, (int64_t)max);
	}
	*n_out = 0;
	while (db_row(s, &st))
		ids[(*n_out)++] = db_u64(s, 0);
	return st;
}

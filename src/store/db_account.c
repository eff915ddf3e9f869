/* The row of the account, and what is loaded with it when it is opened. */
#include "base/vec.h"
#include "store/db_int.h"
#include "store/flagset.h"

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
db_load_row(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_ACCOUNT);
	struct db_account row = {0};
	enum status st;

	if (!db_row(s, &st)) /* no row: made a moment before a crash */
		return st == ST_OK ? ST_NOT_FOUND : st;
	row.modseq = db_u64(s, 0);
	row.next_id = db_u64(s, 1);
	row.last_uidvalidity = db_u32(s, 2);
	row.epoch = db_u64(s, 3);
	row.applied.pack = db_u32(s, 4);
	row.applied.offset = db_u64(s, 5);
	row.quota = db_u64(s, 6);
	row.bytes = db_u64(s, 7);
	row.messages = db_u64(s, 8);
	row.retained = db_u64(s, 9);
	row.history_from = db_u64(s, 10);
	row.last_wall = sqlite3_column_int64(s, 11);
	sqlite3_reset(s);
	db_account_to(&row, a);
	return ST_OK;
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

enum status
db_set_applied(struct account *a, struct place end)
{
	const int64_t v[] = {end.pack, (int64_t)end.offset};

	return db_run(a, STMT_APPLIED_SET, v, ARRAY_LEN(v));
}

static enum status
load_mailboxes(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MAILBOXES);
	enum status st;

	while (db_row(s, &st)) {
		struct mbox *b = mem_zalloc(sizeof(*b));
		struct str name = db_column(s, 13);

		b->pub.id = db_u64(s, 0);
		b->pub.selectable = sqlite3_column_int(s, 1) != 0;
		b->pub.special_use = db_u32(s, 2);
		b->pub.uidvalidity = db_u32(s, 3);
		b->pub.uidnext = db_u32(s, 4);
		b->pub.highestmodseq = db_u64(s, 5);
		b->gone_modseq = db_u64(s, 6);
		b->pub.messages = db_u32(s, 7);
		b->pub.unseen = db_u32(s, 8);
		b->pub.deleted = db_u32(s, 9);
		b->pub.size = db_u64(s, 10);
		b->pub.deleted_size = db_u64(s, 11);
		b->pub.recent_from = db_u32(s, 12);
		b->pub.name = str_of(str_dup(name), name.n);
		mbox_enter(a, b);
	}
	return st;
}

static enum status
load_keywords(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_KEYWORDS);
	enum status st;

	while (db_row(s, &st)) {
		struct mbox *b = mbox_get(a, db_u64(s, 0));
		struct str name = db_column(s, 1);

		if (b)
			*VEC_ADD(b, keywords) = str_of(str_dup(name), name.n);
	}
	return st;
}

static enum status
load_names(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_SUBSCRIPTIONS);
	enum status st;

	while (db_row(s, &st)) {
		struct str name = db_column(s, 0);

		*VEC_ADD(a, subscriptions) = str_of(str_dup(name), name.n);
	}
	return st;
}

static enum status
load_flagsets(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_FLAGSETS);
	enum status st;

	while (db_row(s, &st)) {
		a->flagsets_saved = db_u32(s, 0);
		if (flagset_load(a->flagsets, a->flagsets_saved,
			db_column(s, 1)) != ST_OK) {
			sqlite3_reset(s);
			return ST_CORRUPT;
		}
	}
	return st;
}

static enum status
load_origins(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_ORIGINS);
	enum status st;

	while (db_row(s, &st)) {
		uint64_t id = db_u64(s, 0);

		map_set(&a->origins, db_column(s, 1), (void *)(uintptr_t)id);
		if (id > a->last_origin)
			a->last_origin = id;
	}
	return st;
}

static enum status
load_uidls(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_UIDL_ANY);
	enum status st = ST_OK;

	a->has_uidls = db_row(s, &st);
	if (a->has_uidls)
		sqlite3_reset(s);
	return st;
}

enum status
db_load_account(struct account *a)
{
	enum status (*const steps[])(struct account *) = {db_load_row,
	    load_mailboxes, load_keywords, load_names, load_flagsets,
	    load_origins, load_uidls};
	enum status st = ST_OK;

	for (size_t i = 0; i < ARRAY_LEN(steps) && st == ST_OK; i++)
		st = steps[i](a);
	a->opened_modseq = a->modseq;
	return st;
}

/* Reading mail.db: an account at its opening, a mailbox's entries, messages. */
#include "base/vec.h"
#include "base/wire.h"
#include "store/columns.h"
#include "store/db_int.h"
#include "store/flagset.h"

static uint64_t
column_u64(sqlite3_stmt *s, int column)
{
	return (uint64_t)sqlite3_column_int64(s, column);
}

static uint32_t
column_u32(sqlite3_stmt *s, int column)
{
	return (uint32_t)sqlite3_column_int64(s, column);
}

enum status
db_load_row(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_ACCOUNT);
	struct db_account row = {0};
	enum status st;

	if (!db_row(s, &st)) /* no row: made a moment before a crash */
		return st == ST_OK ? ST_NOT_FOUND : st;
	row.modseq = column_u64(s, 0);
	row.next_id = column_u64(s, 1);
	row.last_uidvalidity = column_u32(s, 2);
	row.epoch = column_u64(s, 3);
	row.applied.pack = column_u32(s, 4);
	row.applied.offset = column_u64(s, 5);
	row.quota = column_u64(s, 6);
	row.bytes = column_u64(s, 7);
	row.messages = column_u64(s, 8);
	row.retained = column_u64(s, 9);
	row.history_from = column_u64(s, 10);
	row.last_wall = sqlite3_column_int64(s, 11);
	sqlite3_reset(s);
	db_account_to(&row, a);
	return ST_OK;
}

static enum status
load_mailboxes(struct account *a)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MAILBOXES);
	enum status st;

	while (db_row(s, &st)) {
		struct mbox *b = mem_zalloc(sizeof(*b));
		struct str name = db_column(s, 13);

		b->pub.id = column_u64(s, 0);
		b->pub.selectable = sqlite3_column_int(s, 1) != 0;
		b->pub.special_use = column_u32(s, 2);
		b->pub.uidvalidity = column_u32(s, 3);
		b->pub.uidnext = column_u32(s, 4);
		b->pub.highestmodseq = column_u64(s, 5);
		b->gone_modseq = column_u64(s, 6);
		b->pub.messages = column_u32(s, 7);
		b->pub.unseen = column_u32(s, 8);
		b->pub.deleted = column_u32(s, 9);
		b->pub.size = column_u64(s, 10);
		b->pub.deleted_size = column_u64(s, 11);
		b->pub.recent_from = column_u32(s, 12);
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
		struct mbox *b = mbox_get(a, column_u64(s, 0));
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
		a->flagsets_saved = column_u32(s, 0);
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
		uint64_t id = column_u64(s, 0);

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
	return st;
}

static void
read_entry(sqlite3_stmt *s, struct entry *e)
{
	*e = (struct entry){
	    .uid = column_u32(s, 0),
	    .message = column_u64(s, 1),
	    .flagset = column_u32(s, 2),
	    .modseq = column_u64(s, 3),
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
		columns_add(into, &e, column_u64(s, 5));
	}
	return st;
}

static bool
read_facts(sqlite3_stmt *s, uint64_t id, struct message *out)
{
	struct str emailid = db_column(s, 4), threadid = db_column(s, 5);

	if (emailid.n != ID_BYTES || threadid.n != ID_BYTES)
		return false;
	out->id = id;
	out->size = column_u64(s, 0);
	out->header_size = column_u64(s, 1);
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
	out->place.pack = column_u32(s, 6);
	out->place.offset = column_u64(s, 7);
	out->stored = column_u64(s, 8);
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
			*next_out = column_u64(s, 0);
			sqlite3_reset(s);
			break;
		}
		buf_adds(out, db_column(s, 1));
	}
	return st;
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
		at = column_u64(s, 6);
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
		if (!read_row(s, column_u64(s, 9), &rows[n])) {
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
		ids[n++] = column_u64(s, 0);
	if (s)
		sqlite3_reset(s);
	*n_out = n;
	return st;
}

static void
read_history(sqlite3_stmt *s, struct history_row *row)
{
	*row = (struct history_row){
	    .modseq = column_u64(s, 0),
	    .part = column_u32(s, 1),
	    .kind = column_u32(s, 2),
	    .mailbox = column_u64(s, 3),
	    .origin = column_u64(s, 4),
	    .wall = sqlite3_column_int64(s, 5),
	    .data = db_column(s, 6),
	};
}

enum status
db_history(struct account *a, bool down, uint64_t modseq,
    bool (*fn)(void *ctx, const struct history_row *row), void *ctx)
{
	sqlite3_stmt *s =
	    db_stmt(a, down ? STMT_HISTORY_DOWN : STMT_HISTORY_UP);
	struct history_row row;
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)modseq);
	while (db_row(s, &st)) {
		read_history(s, &row);
		if (!fn(ctx, &row)) {
			sqlite3_reset(s);
			return ST_OK;
		}
	}
	return st;
}

/* The row nearest to modseq on the statement's side: its modseq and its wall time. */
static enum status
nearest(struct account *a, int id, uint64_t modseq, uint64_t *modseq_out,
    int64_t *wall_out)
{
	sqlite3_stmt *s = db_stmt(a, id);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)modseq);
	if (!db_row(s, &st))
		return st == ST_OK ? ST_NOT_FOUND : st;
	*modseq_out = column_u64(s, 0);
	*wall_out = sqlite3_column_int64(s, 1);
	sqlite3_reset(s);
	return ST_OK;
}

enum status
db_history_at(
    struct account *a, uint64_t modseq, uint64_t *modseq_out, int64_t *wall_out)
{
	return nearest(a, STMT_HISTORY_AT, modseq, modseq_out, wall_out);
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
		ids[(*n_out)++] = column_u64(s, 0);
	return st;
}

enum status
db_history_next(
    struct account *a, uint64_t modseq, uint64_t *modseq_out, int64_t *wall_out)
{
	return nearest(a, STMT_HISTORY_NEXT, modseq, modseq_out, wall_out);
}

enum status
db_clock_before(
    struct account *a, uint64_t modseq, uint64_t *start_out, int64_t *wall_out)
{
	return nearest(a, STMT_CLOCK_BEFORE, modseq, start_out, wall_out);
}

/* One blob or text of one row, in the arena; "" without it. */
static struct str
one_text(struct account *a, int id, uint64_t key, struct arena *arena)
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

struct str
db_dead_name(struct account *a, uint64_t mailbox, struct arena *arena)
{
	return one_text(a, STMT_DEAD_NAME, mailbox, arena);
}

enum status
db_origin(
    struct account *a, uint64_t id, struct arena *arena, struct origin *out)
{
	struct wire w = wire_of(one_text(a, STMT_ORIGIN, id, arena));
	struct origin o;

	o.person = wire_str(&w);
	o.credential = wire_str(&w);
	o.protocol = wire_str(&w);
	o.client = wire_str(&w);
	o.peer = wire_str(&w);
	if (!wire_end(&w))
		return ST_CORRUPT;
	*out = o;
	return ST_OK;
}

enum status
db_dead_mailbox(struct account *a, uint64_t id, struct arena *arena,
    struct mailbox *out, uint64_t *gone_modseq_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MAILBOX_DEAD);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)id);
	if (!db_row(s, &st))
		return st == ST_OK ? ST_NOT_FOUND : st;
	*out = (struct mailbox){
	    .id = id,
	    .selectable = sqlite3_column_int(s, 0) != 0,
	    .special_use = column_u32(s, 1),
	    .uidvalidity = column_u32(s, 2),
	    .uidnext = column_u32(s, 3),
	    .recent_from = column_u32(s, 5),
	    .name = arena_str(arena, db_column(s, 6)),
	};
	*gone_modseq_out = column_u64(s, 4);
	sqlite3_reset(s);
	return ST_OK;
}

enum status
db_keywords(struct account *a, uint64_t mailbox, struct arena *arena,
    struct str **out, size_t *n_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_MAILBOX_KEYWORDS);
	struct {
		struct str *words;
		size_t n_words, cap_words;
	} l = {0};
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)mailbox);
	while (db_row(s, &st))
		*VEC_ADD(&l, words) = arena_str(arena, db_column(s, 0));
	if (st == ST_OK) {
		*out = ARENA_ARRAY(arena, struct str, l.n_words + 1);
		if (l.n_words)
			memcpy(*out, l.words, l.n_words * sizeof(**out));
		*n_out = l.n_words;
	}
	free(l.words);
	return st;
}

/* Is there a row for these keys? */
static bool
has_row(struct account *a, int id, uint64_t key, uint64_t key2)
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

bool
db_lost(struct account *a, uint64_t modseq)
{
	return has_row(a, STMT_LOST_HAS, modseq, 0);
}

bool
db_has_entry(struct account *a, uint64_t mailbox, uint32_t uid)
{
	return has_row(a, STMT_ENTRY_HAS, mailbox, uid);
}

bool
db_purged(struct account *a, uint64_t message)
{
	return has_row(a, STMT_PURGED_HAS, message, 0);
}

bool
db_any_purged(struct account *a)
{
	return has_row(a, STMT_PURGED_ANY, 0, 0);
}

bool
db_died(struct account *a, uint64_t mailbox)
{
	return has_row(a, STMT_MAILBOX_DIED_GET, mailbox, 0);
}

enum status
db_shared(struct account *a, uint64_t message, uint64_t *n_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_SHARED);
	enum status st;

	if (s)
		sqlite3_bind_int64(s, 1, (int64_t)message);
	*n_out = 1;
	if (!db_row(s, &st))
		return st;
	*n_out = column_u64(s, 0);
	sqlite3_reset(s);
	return ST_OK;
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

/* Mailboxes, living and deleted, their keywords, and subscriptions. */
#include "base/vec.h"
#include "store/db_int.h"

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

bool
db_died(struct account *a, uint64_t mailbox)
{
	return db_has(a, STMT_MAILBOX_DIED_GET, mailbox, 0);
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
	    .special_use = db_u32(s, 1),
	    .uidvalidity = db_u32(s, 2),
	    .uidnext = db_u32(s, 3),
	    .recent_from = db_u32(s, 5),
	    .name = arena_str(arena, db_column(s, 6)),
	};
	*gone_modseq_out = db_u64(s, 4);
	sqlite3_reset(s);
	return ST_OK;
}

struct str
db_dead_name(struct account *a, uint64_t mailbox, struct arena *arena)
{
	return db_text(a, STMT_DEAD_NAME, mailbox, arena);
}

enum status
db_raise_dead(struct account *a, uint32_t uids, uint32_t below)
{
	const int64_t v[] = {uids, below};

	return db_run(a, STMT_DEAD_RAISE, v, ARRAY_LEN(v));
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

enum status
db_add_keyword(struct account *a, uint64_t mailbox, struct str keyword)
{
	int64_t id = (int64_t)mailbox;

	return db_run_text(a, STMT_KEYWORD_ADD, &id, keyword);
}

enum status
db_subscribe(struct account *a, struct str name, bool on)
{
	return db_run_text(
	    a, on ? STMT_SUBSCRIBE : STMT_UNSUBSCRIBE, NULL, name);
}

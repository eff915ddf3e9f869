/* Changes to messages that are there: flags, copy, move, expunge. */
#include "store/flagset.h"
#include "store/past_int.h"
#include "store/turn_int.h"

#include "base/vec.h"

/* What a set of flags became under this change: a few sets, not messages. */
struct mapped {
	uint32_t from, to;
};

struct mapping {
	struct mapped *sets;
	size_t n_sets, cap_sets;
};

static enum status
map_flagset(struct turn *t, struct mapping *m, struct pbox *box,
    enum flags_op op, const struct flags *flags, uint32_t from, uint32_t *out)
{
	struct mapped *new;
	enum status st;
	uint32_t to;

	for (size_t i = 0; i < m->n_sets; i++)
		if (m->sets[i].from == from) {
			*out = m->sets[i].to;
			return ST_OK;
		}
	st = flagset_apply(t->a->flagsets, from, op, flags, &to);
	if (st == ST_OK)
		st = plan_keywords(t, box, to);
	if (st != ST_OK)
		return st;
	new = VEC_ADD(m, sets);
	new->from = from;
	new->to = to;
	*out = to;
	return ST_OK;
}

/*
 * Gives the rows their new flags and moves those that change to the front;
 * the count of them is *n. Nothing is planned yet.
 */
static enum status
change_flags(struct turn *t, struct pbox *box, enum flags_op op,
    const struct flags *flags, struct row *rows, size_t *n)
{
	struct mapping m = {0};
	size_t kept = 0;
	enum status st = ST_OK;

	for (size_t i = 0; i < *n && st == ST_OK; i++) {
		struct row r = rows[i];

		r.old_flagset = r.e.flagset;
		st = map_flagset(
		    t, &m, box, op, flags, r.old_flagset, &r.e.flagset);
		if (st == ST_OK && r.e.flagset != r.old_flagset)
			rows[kept++] = r;
	}
	free(m.sets);
	*n = kept;
	return st;
}

static unsigned
rights_for(const struct change *c)
{
	unsigned rights = 0, bits = c->flags.bits;

	if (c->op == FLAGS_SET) /* what it takes away counts as well */
		bits = FLAG_SYSTEM;
	if (bits & FLAG_SEEN)
		rights |= RIGHT_SEEN;
	if (bits & FLAG_DELETED)
		rights |= RIGHT_DELETE_MESSAGE;
	if ((bits & (FLAG_ANSWERED | FLAG_FLAGGED | FLAG_DRAFT)) ||
	    c->flags.n_keywords)
		rights |= RIGHT_WRITE;
	return rights;
}

/* Takes those out of rows that changed later than the client knew. */
static void
drop_modified(struct ask *ask, struct row *rows, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (rows[i].e.modseq > ask->c.unchanged_since)
			uidset_add(&ask->changed.modified, rows[i].e.uid,
			    rows[i].e.uid);
		else
			rows[kept++] = rows[i];
	*n = kept;
}

enum status
plan_store(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);
	struct row *rows;
	enum status st;
	size_t n;

	if (!box)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, rights_for(&ask->c)))
		return ST_DENIED;
	if ((st = plan_rows(t, box, &ask->c.uids, &rows, &n)) != ST_OK)
		return st;
	if (ask->c.conditional)
		drop_modified(ask, rows, &n);
	st = change_flags(t, box, ask->c.op, &ask->c.flags, rows, &n);
	if (st == ST_OK && n)
		plan_flags(t, ask, box, rows, n);
	return st;
}

static enum status
fits(struct turn *t, struct pbox *to, const struct row *rows, size_t n,
    bool adds)
{
	uint64_t size = 0;
	enum status st = ST_OK;
	uint32_t last = 0;

	for (size_t i = 0; i < n && st == ST_OK; i++) {
		size += rows[i].size;
		if (rows[i].e.flagset != last)
			st = plan_keywords(t, to, rows[i].e.flagset);
		last = rows[i].e.flagset;
	}
	if (st != ST_OK)
		return st;
	if (adds && t->row.quota && t->row.bytes + size > t->row.quota)
		return ST_OVER_QUOTA;
	if (adds && t->no_space)
		return ST_NO_SPACE;
	return ST_OK;
}

/* The same messages with new uids at the end of `to`. */
static void
put_into(struct turn *t, struct ask *ask, struct pbox *to,
    const struct row *rows, size_t n, bool moved)
{
	struct row *new = ARENA_ARRAY(&t->arena, struct row, n);
	uint32_t uid = to->now.uidnext;
	struct effect *e;

	for (size_t i = 0; i < n; i++) {
		new[i] = rows[i];
		new[i].e.uid = uid + (uint32_t)i;
		new[i].e.expunged = false;
		new[i].e.saved_ms = t->wall;
		uidset_add(&ask->changed.from, rows[i].e.uid, rows[i].e.uid);
	}
	e = plan_add(t, ask, to, new, n);
	e->copied = !moved;
	e->source = moved ? 0 : ask->c.mailbox;
	e->moved = moved;
	uidset_add(&ask->changed.to, uid, uid + (uint32_t)n - 1);
}

static enum status
copy_or_move(struct turn *t, struct ask *ask, bool move)
{
	uint64_t at = move ? 0 : ask->c.at;
	struct pbox *from = plan_box(t, ask->c.mailbox);
	struct pbox *to = plan_box(t, ask->c.target);
	unsigned rights = RIGHT_READ | RIGHT_INSERT;
	struct row *rows;
	enum status st;
	size_t n;

	if ((!from && !at) || !to || !to->now.selectable)
		return ST_NOT_FOUND;
	if (move)
		rights |= RIGHT_EXPUNGE | RIGHT_DELETE_MESSAGE;
	if (!plan_may(&ask->c, rights))
		return ST_DENIED;
	st = at ? past_rows(t->a, ask->c.mailbox, at, &ask->c.uids, &t->arena,
		      &rows, &n)
		: plan_rows(t, from, &ask->c.uids, &rows, &n);
	if (st == ST_OK && !move && n > COPY_MESSAGES_MAX)
		st = ST_LIMIT;
	if (st == ST_OK)
		st = fits(t, to, rows, n, !move);
	/* Into itself: the UIDs that the client said would mean nothing. */
	if (st == ST_OK && to != from)
		st = plan_room(t, ask, &to, n);
	else if (st == ST_OK && n > UINT32_MAX - UID_RESERVE - to->now.uidnext)
		st = ST_LIMIT;
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = plan_keywords(t, to, rows[i].e.flagset);
	if (st != ST_OK)
		return st;
	ask->changed.uidvalidity = to->now.uidvalidity;
	ask->changed.mailbox = to->now.id;
	if (n == 0)
		return ST_OK;
	if (move)
		plan_gone(t, ask, from, rows, n)->moved = true;
	put_into(t, ask, to, rows, n, move);
	t->durable = true;
	return ST_OK;
}

enum status
plan_copy(struct turn *t, struct ask *ask)
{
	return copy_or_move(t, ask, false);
}

enum status
plan_move(struct turn *t, struct ask *ask)
{
	return copy_or_move(t, ask, true);
}

enum status
plan_expunge(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);
	struct row *rows;
	size_t n, kept = 0;
	enum status st;

	if (!box)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, RIGHT_EXPUNGE))
		return ST_DENIED;
	if ((st = plan_rows(t, box, &ask->c.uids, &rows, &n)) != ST_OK)
		return st;
	for (size_t i = 0; i < n; i++)
		if (ask->c.forced ||
		    (flagset_get(t->a->flagsets, rows[i].e.flagset)
			    ->flags.bits &
			FLAG_DELETED))
			rows[kept++] = rows[i];
	if (kept == 0)
		return ST_OK;
	for (size_t i = 0; i < kept; i++)
		uidset_add(&ask->changed.from, rows[i].e.uid, rows[i].e.uid);
	plan_gone(t, ask, box, rows, kept);
	t->durable = true;
	return ST_OK;
}

/* RFC 1939 QUIT: one change; what is gone already counts as deleted (V5). */
enum status
plan_pop3_quit(struct turn *t, struct ask *ask)
{
	struct flags seen = {.bits = FLAG_SEEN};
	struct pbox *box = plan_box(t, ask->c.mailbox);
	struct row *rows, *gone;
	size_t n, n_gone;
	enum status st;

	if (!box)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, RIGHT_EXPUNGE | RIGHT_SEEN))
		return ST_DENIED;
	st = plan_rows(t, box, &ask->c.seen, &rows, &n);
	if (st == ST_OK)
		st = change_flags(t, box, FLAGS_ADD, &seen, rows, &n);
	if (st != ST_OK)
		return st;
	if (n)
		plan_flags(t, ask, box, rows, n);
	/* Looked up after the flags, so that history undoes both in turn. */
	st = plan_rows(t, box, &ask->c.uids, &gone, &n_gone);
	ASSERT(st == ST_OK); /* the columns are loaded by now */
	if (n_gone)
		plan_gone(t, ask, box, gone, n_gone);
	t->durable = t->durable || n || n_gone;
	return ST_OK;
}

/*
 * The past in the form of the present: columns of a past state, which views
 * show as they show those of now. They never change.
 */
#include "store/columns.h"
#include "store/past_int.h"

/* What was asked for last: who pages through it asks again. */
struct past_kept {
	struct arena arena; /* of `list` and the name */
	uint64_t modseq;
	struct mailbox *list; /* NULL: not asked for */
	size_t n_list;
	struct columns *columns; /* NULL: not asked for */
	struct mailbox box;      /* theirs */
};

void
past_forget(struct account *a)
{
	struct past_kept *k = a->past;

	a->past = NULL;
	if (!k)
		return;
	columns_unref(&k->columns);
	arena_release(&k->arena);
	free(k);
}

static struct past_kept *
kept(struct account *a, uint64_t modseq)
{
	if (a->past && a->past->modseq != modseq)
		past_forget(a);
	if (!a->past) {
		a->past = mem_zalloc(sizeof(*a->past));
		a->past->modseq = modseq;
	}
	return a->past;
}

static int
by_uid(const void *x, const void *y)
{
	const struct past_item *a = x, *b = y;

	return a->e.uid < b->e.uid ? -1 : a->e.uid > b->e.uid;
}

static struct columns *
columns_of(struct past_walk *w, struct past_box *p, const struct mbox *now)
{
	struct columns *c = columns_new();
	struct entry e;
	uint64_t size;

	if (!p || !p->touched) { /* as it is now, but it will not stay so */
		for (size_t i = 0; i < columns_count(now->columns); i++) {
			columns_at(now->columns, i, &e, &size);
			e.modseq = w->modseq;
			columns_add(c, &e, size);
		}
		return c;
	}
	if (p->n_items > p->n_now)
		qsort(p->items, p->n_items, sizeof(*p->items), by_uid);
	for (size_t i = 0; i < p->n_items; i++) {
		if (!p->items[i].present)
			continue;
		e = p->items[i].e;
		e.modseq = w->modseq;
		columns_add(c, &e, p->items[i].size);
	}
	return c;
}

static void
count(struct account *a, const struct columns *c, struct mailbox *m)
{
	struct entry e;
	uint64_t size;

	m->messages = m->unseen = m->deleted = 0;
	m->size = m->deleted_size = 0;
	for (size_t i = 0; i < columns_count(c); i++) {
		unsigned bits;

		columns_at(c, i, &e, &size);
		bits = account_flagset(a, e.flagset)->flags.bits;
		m->messages++;
		m->size += size;
		m->unseen += !(bits & FLAG_SEEN);
		m->deleted += (bits & FLAG_DELETED) != 0;
		m->deleted_size += bits & FLAG_DELETED ? size : 0;
	}
}

static enum status
keep_columns(struct past_kept *k, struct account *a, uint64_t mailbox)
{
	struct arena arena = ARENA_INIT;
	struct mbox *now = NULL;
	struct past_walk w = {
	    .a = a, .modseq = k->modseq, .only = mailbox, .arena = &arena};
	struct past_box *p = NULL;
	enum status st = past_walk(&w);

	if (st == ST_OK) {
		p = map_get_u64(&w.box_of, mailbox);
		if (p && !p->exists)
			st = ST_NOT_FOUND;
		else if (!p || !p->touched)
			st = mbox_columns(a, mailbox, &now);
	}
	if (st == ST_OK) {
		columns_unref(&k->columns);
		k->columns = columns_of(&w, p, now);
		k->box = p ? p->m : now->pub;
		k->box.name = arena_str(&k->arena, k->box.name);
		k->box.highestmodseq = k->modseq;
		count(a, k->columns, &k->box);
	}
	past_walk_release(&w);
	arena_release(&arena);
	return st;
}

static enum status
need_columns(struct account *a, uint64_t mailbox, uint64_t modseq)
{
	struct past_kept *k = kept(a, modseq);

	/* What is kept may have gone from the history since. */
	if (!past_reaches(a, modseq))
		return ST_NOT_FOUND;
	if (k->columns && k->box.id == mailbox)
		return ST_OK;
	return keep_columns(k, a, mailbox);
}

enum status
past_rows(struct account *a, uint64_t mailbox, uint64_t modseq,
    const struct uidset *uids, struct arena *arena, struct row **out,
    size_t *n_out)
{
	enum status st = need_columns(a, mailbox, modseq);
	const struct columns *c;
	struct row *rows;
	size_t n = 0, i = 0, pos = 0;
	uint32_t uid = 0;

	if (st != ST_OK)
		return st;
	c = a->past->columns;
	rows = ARENA_ARRAY(arena, struct row, columns_count(c) + 1);
	while (uidset_next(uids, &pos, &uid) && i < columns_count(c)) {
		rows[n] = (struct row){0};
		i = columns_lower(c, uid);
		if (i < columns_count(c))
			columns_at(c, i, &rows[n].e, &rows[n].size);
		n += i < columns_count(c) && rows[n].e.uid == uid;
	}
	*out = rows;
	*n_out = n;
	return ST_OK;
}

enum status
past_view_open(struct account *a, const struct viewer *viewer, uint64_t mailbox,
    uint64_t modseq, struct view **out, struct mailbox *box_out)
{
	enum status st;

	if (!(viewer->rights & RIGHT_READ))
		return ST_DENIED;
	if ((st = need_columns(a, mailbox, modseq)) != ST_OK)
		return st;
	*box_out = a->past->box;
	*out = view_of_columns(a, mailbox, a->past->columns);
	return ST_OK;
}

enum status
past_list(struct account *a, uint64_t modseq, const struct mailbox **out,
    size_t *n_out)
{
	struct past_kept *k = kept(a, modseq);
	enum status st = past_reaches(a, modseq) ? ST_OK : ST_NOT_FOUND;

	if (st == ST_OK && !k->list)
		st = past_mailboxes(a, modseq, &k->arena, &k->list, &k->n_list);
	if (st != ST_OK)
		return st;
	*out = k->list;
	*n_out = k->n_list;
	return ST_OK;
}

/* CHANGE_RESTORE: what a past state had and the present has not. */
#include "base/vec.h"
#include "store/back_int.h"
#include "store/columns.h"

enum {
	RESTORE_RIGHTS = RIGHT_CREATE | RIGHT_INSERT | RIGHT_WRITE |
	    RIGHT_SEEN | RIGHT_DELETE_MESSAGE
};

static enum status
each_row(void *ctx, struct past_walk *w, const struct history_row *row)
{
	return back_note_names(ctx, w, row);
}

static bool
in_scope(const struct change *c, const struct past_box *p)
{
	if (!p->exists)
		return false;
	if (c->mailbox)
		return p->m.id == c->mailbox;
	return c->name.n == 0 || str_eq(p->m.name, c->name) ||
	    name_is_below(p->m.name, c->name);
}

static int
by_name(const void *x, const void *y)
{
	const struct past_box *const *a = x, *const *b = y;

	return str_cmp((*a)->m.name, (*b)->m.name);
}

/* Is there anything to do for it, whatever its messages? */
static bool
matters(struct back *b, const struct past_box *p)
{
	const struct mbox *now = mbox_get(b->t->a, p->m.id);

	if (!now)
		return p->m.selectable || !plan_find(b->names, p->m.name);
	return p->touched ||
	    (b->move_back && !str_eq(now->pub.name, p->m.name));
}

/* The folders asked for, by name; they become aims. */
static enum status
take_folders(struct back *b)
{
	const struct change *c = &b->ask->c;
	struct past_box **list;
	enum status st = ST_OK;
	size_t n = 0, pos = 0;
	struct aim *aim;
	void *value;

	while (map_next(&b->t->a->boxes, &pos, NULL, &value))
		(void)past_box(&b->w, ((struct mbox *)value)->pub.id);
	list = ARENA_ARRAY(b->w.arena, struct past_box *, b->w.n_boxes + 1);
	for (size_t i = 0; i < b->w.n_boxes; i++)
		if (in_scope(c, b->w.boxes[i]))
			list[n++] = b->w.boxes[i];
	if (n == 0)
		return c->mailbox || c->name.n ? ST_NOT_FOUND : ST_OK;
	qsort(list, n, sizeof(*list), by_name);
	/* Those that live go first: they may give names away. */
	for (size_t i = 0; i < n && st == ST_OK; i++)
		if (mbox_get(b->t->a, list[i]->m.id) && matters(b, list[i]))
			st = back_aim(b, list[i], list[i]->m.name, &aim);
	back_rename(b, b->names, &b->names_ask);
	for (size_t i = 0; i < n && st == ST_OK; i++)
		if (!mbox_get(b->t->a, list[i]->m.id) && matters(b, list[i]))
			st = back_aim(b, list[i], list[i]->m.name, &aim);
	back_sort(b);
	return st;
}

static void
want(struct back *b, const struct aim *aim)
{
	const struct change *c = &b->ask->c;

	for (size_t i = 0; i < aim->then->n_items; i++) {
		struct past_item *item = &aim->then->items[i];

		item->wanted = item->present &&
		    (!c->mailbox || uidset_has(&c->uids, item->e.uid));
	}
}

static void
take_flags(struct back *b, struct aim *aim)
{
	struct past_box *p = aim->then;
	const struct mbox *mbox = mbox_get(b->t->a, p->m.id);

	for (size_t i = 0; i < p->n_now; i++) {
		const struct past_item *item = &p->items[i];
		struct entry e;

		columns_at(mbox->columns, i, &e, NULL);
		if (!item->wanted || item->e.flagset == e.flagset)
			continue;
		back_flags(b, aim, e.uid, item->e.flagset);
	}
}

static void
take_messages(struct back *b, struct aim *aim)
{
	const struct change *c = &b->ask->c;
	struct past_item **items;
	size_t n;

	items = back_wanted(b, aim->then, &n);
	for (size_t i = 0; i < n; i++)
		back_item(b, aim, items[i], items[i]->e.flagset, NULL);
	if (c->flags_back && aim->how == RESTORE_LIVES)
		take_flags(b, aim);
	for (size_t i = 0; i < aim->then->n_now; i++)
		aim->brought.there += aim->then->items[i].wanted;
}

enum status
restore_plan(struct back *b)
{
	struct change *c = &b->ask->c;
	enum status st;

	if (!plan_may(c, RESTORE_RIGHTS))
		return ST_DENIED;
	if (c->mailbox && !c->uids.n_ranges)
		return ST_INVALID;
	if (c->name.n &&
	    (st = mailbox_name_canonical(c->name, &b->t->arena, &c->name)) !=
		ST_OK)
		return st;
	b->w.modseq = c->at < b->t->a->modseq ? c->at : b->t->a->modseq;
	b->w.each = each_row;
	b->w.ctx = b;
	if ((st = past_walk(&b->w)) != ST_OK || (st = take_folders(b)) != ST_OK)
		return st;
	back_find_fresh(b);
	for (size_t i = 0; i < b->n_aims; i++)
		want(b, b->aims[i]);
	back_match(b);
	for (size_t i = 0; i < b->n_aims; i++) {
		if (!back_room(b, i))
			break;
		take_messages(b, b->aims[i]);
	}
	if ((st = back_check(b)) != ST_OK)
		return st;
	back_do(b);
	if (b->n_aims) {
		const struct mailbox *first = &b->aims[0]->box->now;

		b->ask->changed.mailbox = first->id;
		b->ask->changed.uidvalidity = first->uidvalidity;
	}
	return ST_OK;
}

enum status
plan_restore(struct turn *t, struct ask *ask)
{
	return back_plan(t, ask, restore_plan);
}

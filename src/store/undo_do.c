/* The wishes of an UNDO become aims, and those effects. */
#include "base/vec.h"
#include "store/undo_int.h"

static enum status
aim_for(struct undo *u, struct past_box *p)
{
	const struct box_wish *w = map_get_u64(&u->box_of, p->m.id);
	struct aim *aim;

	return back_aim(u->b, p, w && w->revive ? w->name : p->m.name, &aim);
}

/* Those that this very change takes away answer for nothing. */
static void
take_fresh(struct undo *u)
{
	for (size_t i = 0; i < u->n_wishes; i++) {
		const struct wish *w = u->wishes[i];

		if (w->kind == WISH_REMOVE)
			back_take(u->b, w->box, w->uid);
		else if (w->kind == WISH_PULL)
			back_take(u->b, w->from, w->from_uid);
	}
}

static void
want(struct undo *u)
{
	for (size_t i = 0; i < u->n_wishes; i++) {
		const struct wish *w = u->wishes[i];
		struct past_item *item = past_find(w->box, w->uid);

		if (w->kind == WISH_RETURN && item)
			item->wanted = true;
	}
}

static int
by_place(const void *x, const void *y)
{
	const struct wish *const *a = x, *const *b = y;

	if ((*a)->box->m.id != (*b)->box->m.id)
		return (*a)->box->m.id < (*b)->box->m.id ? -1 : 1;
	return (*a)->uid < (*b)->uid ? -1 : (*a)->uid > (*b)->uid;
}

static void
to_aim(struct undo *u, struct aim *aim, const struct wish *w)
{
	struct past_item *item = past_find(w->box, w->uid);
	struct row row = {0};
	struct entry now;

	switch (w->kind) {
	case WISH_RETURN:
		if (!item || past_is_now(w->box, item)) {
			aim->brought.there++;
			return;
		}
		item->e.saved_ms = w->saved_ms;
		back_item(u->b, aim, item, w->flagset, w->from);
		break;
	case WISH_PULL:
		if (!undo_now(w->from, u, w->from_uid, &row.e, &row.size))
			return;
		row.e.flagset = w->flagset;
		row.e.saved_ms = w->saved_ms;
		back_pull(u->b, aim, &row, w->from, w->from_uid);
		break;
	case WISH_FLAGS:
		if (undo_now(w->box, u, w->uid, &now, NULL) &&
		    now.flagset != w->flagset)
			back_flags(u->b, aim, w->uid, w->flagset);
		break;
	default:
		break;
	}
}

/* The wishes of the aim's mailbox; sorted, so they begin at one place. */
static void
fill_aim(struct undo *u, struct aim *aim)
{
	size_t lo = 0, hi = u->n_wishes;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (u->wishes[mid]->box->m.id < aim->then->m.id)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < u->n_wishes && u->wishes[lo]->box == aim->then; lo++)
		to_aim(u, aim, u->wishes[lo]);
}

/* These come first, and what they hold up waits for the next turn. */
static void
count_removes(struct undo *u)
{
	for (size_t i = 0; i < u->n_wishes; i++) {
		struct wish *w = u->wishes[i];
		struct entry e;

		if (w->kind != WISH_REMOVE)
			continue;
		if (!undo_now(w->box, u, w->uid, &e, NULL) || !back_spend(u->b))
			w->kind = WISH_NONE;
		else
			undo_box(u, w->box)->removes++;
	}
}

static int
deepest_first(const void *x, const void *y)
{
	const struct box_wish *const *a = x, *const *b = y;

	return str_cmp((*b)->box->m.name, (*a)->box->m.name);
}

static struct box_wish **
by_depth(struct undo *u)
{
	struct box_wish **list =
	    ARENA_ARRAY(u->b->w.arena, struct box_wish *, u->n_boxes + 1);

	for (size_t i = 0; i < u->n_boxes; i++)
		list[i] = u->boxes[i];
	qsort(list, u->n_boxes, sizeof(*list), deepest_first);
	return list;
}

/* Goes a mailbox that the events made? Not with messages, nor for others. */
static bool
do_drop(struct turn *t, struct ask *ask, struct box_wish *w, uint32_t messages)
{
	struct pbox *box = plan_box(t, w->box->m.id);
	bool children = plan_has_children(t, box->now.name);

	if (messages || str_eq(box->now.name, S("INBOX")) ||
	    (children && !w->replaced))
		return false;
	plan_drop(t, ask, box, NULL, 0);
	if (children) {
		w->left = plan_make(t, ask, box->now.name, 0);
		w->left->now.selectable = false;
	}
	return true;
}

/* What names there will be when the aims need theirs. */
static void
find_names(struct undo *u)
{
	struct back *b = u->b;
	struct box_wish **list = by_depth(u);

	for (size_t i = 0; i < u->n_boxes; i++) {
		const struct mbox *mbox = mbox_get(b->t->a, list[i]->box->m.id);

		if ((list[i]->drop || list[i]->plain) && mbox)
			(void)do_drop(b->names, &b->names_ask, list[i],
			    mbox->pub.messages - list[i]->removes);
	}
	undo_renames_begin(u);
	undo_renames(u, b->names, &b->names_ask);
}

static enum status
make_aims(struct undo *u)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < u->n_boxes && st == ST_OK; i++)
		if (u->boxes[i]->revive)
			st = aim_for(u, u->boxes[i]->box);
	for (size_t i = 0; i < u->n_wishes && st == ST_OK; i++)
		if (u->wishes[i]->kind != WISH_NONE &&
		    u->wishes[i]->kind != WISH_REMOVE)
			st = aim_for(u, u->wishes[i]->box);
	return st;
}

enum status
undo_aims(struct undo *u)
{
	struct back *b = u->b;
	enum status st;

	count_removes(u);
	if (u->n_wishes)
		qsort(u->wishes, u->n_wishes, sizeof(*u->wishes), by_place);
	if (b->more)
		return ST_OK;
	find_names(u);
	if ((st = make_aims(u)) != ST_OK)
		return st;
	back_find_fresh(b);
	take_fresh(u);
	want(u);
	back_match(b);
	back_sort(b);
	for (size_t i = 0; i < b->n_aims; i++) {
		if (!back_room(b, i))
			break;
		fill_aim(u, b->aims[i]);
	}
	return ST_OK;
}

/* What came by the events goes: all of a mailbox in one effect. */
static void
do_removes(struct undo *u)
{
	struct back *b = u->b;

	for (size_t i = 0, n; i < u->n_wishes; i += n) {
		struct past_box *p = u->wishes[i]->box;
		struct uidset uids = UIDSET_INIT;
		struct pbox *box = plan_box(b->t, p->m.id);
		struct row *rows;
		size_t n_rows = 0;
		enum status st = ST_OK;

		for (n = 0; i + n < u->n_wishes && u->wishes[i + n]->box == p;
		     n++)
			if (u->wishes[i + n]->kind == WISH_REMOVE)
				uidset_add(&uids, u->wishes[i + n]->uid,
				    u->wishes[i + n]->uid);
		if (box && uids.n_ranges)
			st = plan_rows(b->t, box, &uids, &rows, &n_rows);
		ASSERT(st == ST_OK);
		if (n_rows)
			plan_gone(b->t, b->ask, box, rows, n_rows);
		b->other.removed += (uint32_t)n_rows;
		uidset_release(&uids);
	}
}

static bool
drops(const struct box_wish *w)
{
	return w->drop || w->plain;
}

/* The empty ones, below before above; those that are not (yet) stay. */
static void
do_drops(struct undo *u, bool last)
{
	struct back *b = u->b;
	struct box_wish **list = by_depth(u);

	for (size_t i = 0; i < u->n_boxes; i++) {
		struct pbox *box =
		    drops(list[i]) ? plan_box(b->t, list[i]->box->m.id) : NULL;

		if (!box)
			continue;
		if (do_drop(b->t, b->ask, list[i], box->now.messages))
			b->other.names += list[i]->drop;
		else if (list[i]->drop)
			b->other.skipped += last;
	}
}

static bool
remakes(const struct undo *u, struct str name)
{
	for (size_t i = 0; i < u->n_boxes; i++)
		if (u->boxes[i]->remake && str_eq(u->boxes[i]->name, name))
			return true;
	return false;
}

/*
 * Names that only have children, for those that were there and not for those
 * that have gone elsewhere meanwhile. A missing one above is made with it.
 */
static void
do_remakes(struct undo *u)
{
	struct back *b = u->b;
	struct box_wish **list = by_depth(u);

	for (size_t i = 0; i < u->n_boxes; i++) {
		struct pbox *left = list[i]->left;

		if (left && left->exists && !remakes(u, left->now.name) &&
		    !plan_has_children(b->t, left->now.name))
			plan_drop(b->t, b->ask, left, NULL, 0);
	}
	for (size_t i = u->n_boxes; i-- > 0;) {
		if (!list[i]->remake || plan_find(b->t, list[i]->name))
			continue;
		plan_parents(b->t, b->ask, list[i]->name, false);
		plan_make(b->t, b->ask, list[i]->name, 0)->now.selectable =
		    false;
		b->other.names++;
	}
}

static void
do_rest(struct undo *u)
{
	struct back *b = u->b;

	for (size_t i = 0; i < u->n_boxes; i++) {
		const struct box_wish *w = u->boxes[i];
		struct pbox *box = w->use ? plan_box(b->t, w->box->m.id) : NULL;

		if (!box || box->now.special_use == w->use_to)
			continue;
		if (box->now.special_use != w->use_from) {
			b->other.skipped++;
			continue;
		}
		plan_use(b->t, b->ask, box, w->use_to);
		b->other.names++;
	}
	for (size_t i = 0; i < u->n_names; i++) {
		const struct name_wish *w = &u->names[i];

		if (plan_is_subscribed(b->t, w->name) == w->on)
			continue;
		plan_subscribed(b->t, b->ask, w->name, w->on);
		b->other.names++;
	}
	if (u->quota && b->t->row.quota != u->quota_to) {
		plan_set_quota(b->t, b->ask, u->quota_to);
		b->other.names++;
	}
}

void
undo_do(struct undo *u)
{
	struct back *b = u->b;

	do_removes(u);
	for (size_t i = 0; i < u->n_boxes; i++)
		u->boxes[i]->left = NULL; /* of the plan of names */
	if (b->n_aims || !b->more) {
		do_drops(u, false);
		undo_renames_begin(u);
		undo_renames(u, b->t, b->ask);
		back_do(b);
		if (!b->more) {
			do_drops(u, true);
			/* What it showed was moved away by now. */
			undo_renames(u, b->t, b->ask);
		}
		undo_renames_end(u);
		do_remakes(u);
		do_rest(u);
	}
	if (b->ask->changed.modseq)
		b->t->durable = true;
	if (b->n_aims && b->aims[0]->box) {
		b->ask->changed.mailbox = b->aims[0]->box->now.id;
		b->ask->changed.uidvalidity = b->aims[0]->box->now.uidvalidity;
	}
}

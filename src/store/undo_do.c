/* The wishes of an UNDO become aims, and those effects. */
#include "base/vec.h"
#include "store/undo_int.h"

static bool
lives(const struct undo *u, const struct past_box *p)
{
	return mbox_get(u->b->t->a, p->m.id) != NULL;
}

/* Will it be given its old name back? */
static bool
renames(const struct undo *u, const struct box_wish *w)
{
	const struct mbox *mbox = mbox_get(u->b->t->a, w->box->m.id);

	return w->rename && !w->broken && mbox &&
	    str_eq(mbox->pub.name, w->from) && !str_eq(w->from, w->to);
}

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
		back_item(u->b, aim, item, w->flagset);
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

enum status
undo_aims(struct undo *u)
{
	struct back *b = u->b;
	enum status st = ST_OK;

	for (size_t i = 0; i < u->n_boxes; i++)
		if (renames(u, u->boxes[i]))
			back_leaves(b, u->boxes[i]->box);
	for (size_t i = 0; i < u->n_boxes && st == ST_OK; i++)
		if (u->boxes[i]->revive)
			st = aim_for(u, u->boxes[i]->box);
	for (size_t i = 0; i < u->n_wishes && st == ST_OK; i++)
		if (u->wishes[i]->kind != WISH_NONE &&
		    u->wishes[i]->kind != WISH_REMOVE)
			st = aim_for(u, u->wishes[i]->box);
	if (st != ST_OK)
		return st;
	if (u->n_wishes)
		qsort(u->wishes, u->n_wishes, sizeof(*u->wishes), by_place);
	back_find_fresh(b);
	take_fresh(u);
	back_match(b);
	for (size_t i = 0; i < b->n_aims; i++) {
		if (!back_room(b, i))
			break;
		fill_aim(u, b->aims[i]);
	}
	return ST_OK;
}

/* With one that cannot have its name back stay those below it. */
static bool
stays(const struct undo *u, const struct box_wish *w)
{
	for (size_t i = 0; i < u->n_boxes; i++)
		if (u->boxes[i]->stays &&
		    name_is_below(w->from, u->boxes[i]->from))
			return true;
	return false;
}

static int
shortest_first(const void *x, const void *y)
{
	const struct box_wish *const *a = x, *const *b = y;

	return (*a)->from.n < (*b)->from.n ? -1 : (*a)->from.n > (*b)->from.n;
}

static void
do_renames(struct undo *u)
{
	struct back *b = u->b;

	if (u->n_boxes)
		qsort(u->boxes, u->n_boxes, sizeof(*u->boxes), shortest_first);
	for (size_t i = 0; i < u->n_boxes; i++) {
		struct box_wish *w = u->boxes[i];
		struct pbox *box;

		if (!w->rename || !lives(u, w->box))
			continue;
		box = plan_box(b->t, w->box->m.id);
		if (str_eq(box->now.name, w->to))
			continue; /* with the one above it */
		if (renames(u, w) && !stays(u, w) &&
		    str_eq(box->now.name, w->from) &&
		    back_free_name(b, w->to) &&
		    plan_rename_tree(b->t, b->ask, box, w->to) == ST_OK) {
			b->other.names++;
		} else {
			b->other.skipped++;
			w->stays = true;
		}
	}
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
			if (u->wishes[i + n]->kind == WISH_REMOVE &&
			    back_spend(b))
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

static int
deepest_first(const void *x, const void *y)
{
	const struct box_wish *const *a = x, *const *b = y;

	return str_cmp((*b)->box->m.name, (*a)->box->m.name);
}

static void
do_drops(struct undo *u)
{
	struct back *b = u->b;

	if (u->n_boxes)
		qsort(u->boxes, u->n_boxes, sizeof(*u->boxes), deepest_first);
	for (size_t i = 0; i < u->n_boxes && !b->more; i++) {
		const struct box_wish *w = u->boxes[i];
		struct pbox *box =
		    w->drop ? plan_box(b->t, w->box->m.id) : NULL;
		bool children;

		if (!box)
			continue;
		children = plan_has_children(b->t, box->now.name);
		if (box->now.messages || str_eq(box->now.name, S("INBOX")) ||
		    (children && !w->replaced)) {
			b->other.skipped++;
			continue;
		}
		plan_drop(b->t, b->ask, box, NULL, 0);
		if (children)
			plan_make(b->t, b->ask, box->now.name, 0)
			    ->now.selectable = false;
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

	do_renames(u);
	back_do(b);
	do_removes(u);
	do_drops(u);
	do_rest(u);
	if (b->ask->changed.modseq)
		b->t->durable = true;
	if (b->n_aims && b->aims[0]->box) {
		b->ask->changed.mailbox = b->aims[0]->box->now.id;
		b->ask->changed.uidvalidity = b->aims[0]->box->now.uidvalidity;
	}
}

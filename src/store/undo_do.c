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

/* False when its name may become free by another one's going back. */
static bool
do_rename(struct undo *u, struct box_wish *w, struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, w->box->m.id);

	if (str_eq(box->now.name, w->to))
		return true; /* with the one above it */
	return renames(u, w) && !stays(u, w) &&
	    str_eq(box->now.name, w->from) && back_name(t, ask, box, w->to);
}

/* Newest first, those above before those below; until none can any more. */
static void
do_renames(struct undo *u, struct turn *t, struct ask *ask)
{
	bool progress = true;

	for (size_t i = 0; i < u->n_boxes; i++)
		u->boxes[i]->stays =
		    u->boxes[i]->rename && lives(u, u->boxes[i]->box);
	while (progress) {
		progress = false;
		for (size_t i = 0; i < u->n_boxes; i++) {
			struct box_wish *w = u->boxes[i];

			if (!w->stays || !plan_box(t, w->box->m.id) ||
			    !do_rename(u, w, t, ask))
				continue;
			w->stays = false;
			u->b->other.names += t == u->b->t;
			progress = true;
		}
	}
	/* One that followed another has its own way to go. */
	for (size_t i = 0; i < u->n_boxes; i++) {
		const struct box_wish *w = u->boxes[i];
		struct pbox *box =
		    w->rename && !w->stays ? plan_box(t, w->box->m.id) : NULL;

		if (box)
			(void)back_name(t, ask, box, w->to);
	}
	for (size_t i = 0; t == u->b->t && i < u->n_boxes; i++)
		u->b->other.skipped += u->boxes[i]->stays;
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
do_drop(struct turn *t, struct ask *ask, const struct box_wish *w,
    uint32_t messages)
{
	struct pbox *box = plan_box(t, w->box->m.id);
	bool children = plan_has_children(t, box->now.name);

	if (messages || str_eq(box->now.name, S("INBOX")) ||
	    (children && !w->replaced))
		return false;
	plan_drop(t, ask, box, NULL, 0);
	if (children)
		plan_make(t, ask, box->now.name, 0)->now.selectable = false;
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
	do_renames(u, b->names, &b->names_ask);
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
drops(const struct undo *u, const struct box_wish *w)
{
	const struct pbox *other = w->left ? plan_find(u->b->t, w->to) : NULL;

	return w->drop || w->plain || (other && other->now.id != w->box->m.id);
}

/* The empty ones, below before above; those that are not (yet) stay. */
static void
do_drops(struct undo *u, bool last)
{
	struct back *b = u->b;
	struct box_wish **list = by_depth(u);

	for (size_t i = 0; i < u->n_boxes; i++) {
		struct pbox *box = drops(u, list[i])
		    ? plan_box(b->t, list[i]->box->m.id)
		    : NULL;

		if (!box)
			continue;
		if (do_drop(b->t, b->ask, list[i], box->now.messages))
			b->other.names += list[i]->drop;
		else if (list[i]->drop)
			b->other.skipped += last;
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
	if (b->n_aims || !b->more) {
		do_drops(u, false);
		do_renames(u, b->t, b->ask);
		back_do(b);
		if (!b->more)
			do_drops(u, true);
		do_rest(u);
	}
	if (b->ask->changed.modseq)
		b->t->durable = true;
	if (b->n_aims && b->aims[0]->box) {
		b->ask->changed.mailbox = b->aims[0]->box->now.id;
		b->ask->changed.uidvalidity = b->aims[0]->box->now.uidvalidity;
	}
}

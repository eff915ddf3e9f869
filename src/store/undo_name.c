/*
 * UNDO gives folders the names back that its events took. One may wait for
 * another to leave; those that wait for each other in a circle get out of it
 * by a name in between.
 */
#include "base/vec.h"
#include "store/undo_int.h"

enum { NAME_ROOM = 1000 }; /* of S41's 1,024 bytes: a number fits behind */

struct names {
	struct undo *u;
	struct turn *t;
	struct ask *ask;
	bool strict; /* those that only have children are waited for */
};

static struct pbox *
box_of(const struct names *n, const struct box_wish *w)
{
	return plan_box(n->t, w->box->m.id);
}

/* Only what still has the name that the events gave it. */
static bool
may_go(const struct undo *u, const struct box_wish *w)
{
	const struct mbox *mbox = mbox_get(u->b->t->a, w->box->m.id);

	return w->rename && !w->broken && mbox &&
	    str_eq(mbox->pub.name, w->from) && !str_eq(w->from, w->to);
}

/* With one that cannot have its name back stay those below it. */
static bool
held(const struct names *n, const struct box_wish *w)
{
	for (size_t i = 0; i < n->u->n_boxes; i++) {
		const struct box_wish *other = n->u->boxes[i];

		if (other->stays && (n->strict || other->box->m.selectable) &&
		    name_is_below(w->from, other->from))
			return true;
	}
	return false;
}

static void
went(const struct names *n, struct box_wish *w)
{
	w->stays = false;
	if (n->t == n->u->b->t)
		n->u->b->other.names += w->box->m.selectable;
}

/*
 * Names that were made in this plan, for the children of others, give way to
 * what follows from below `from`; others do not.
 */
static void
clear_below(const struct names *n, struct str from, struct str to)
{
	struct turn *t = n->t;
	struct vec_boxes {
		struct pbox **list;
		size_t n_list, cap_list;
	} gone = {0};
	bool free_of_others = true;

	if (name_is_below(to, from) ||
	    plan_rename_below(t, from, to) != ST_EXISTS)
		return;
	for (size_t i = 0; i < t->n_boxes; i++) {
		struct str name = t->boxes[i]->now.name;
		struct pbox *holder;

		if (!t->boxes[i]->exists || !name_is_below(name, from))
			continue;
		name = arena_printf(&t->arena, STR_FMT STR_FMT, STR_ARG(to),
		    STR_ARG(str_from_pos(name, from.n)));
		if (!(holder = plan_find(t, name)))
			continue;
		*VEC_ADD(&gone, list) = holder;
		free_of_others &= !holder->mbox && !holder->now.selectable;
	}
	for (size_t i = 0; free_of_others && i < gone.n_list; i++)
		plan_drop(t, n->ask, gone.list[i], NULL, 0);
	free(gone.list);
}

/* The children that it found there were not renamed with it. */
static bool
name_back(const struct names *n, const struct box_wish *w, struct pbox *box)
{
	if (w->replaced)
		return back_name_alone(n->t, n->ask, box, w->to);
	clear_below(n, box->now.name, w->to);
	return back_name(n->t, n->ask, box, w->to);
}

static bool
go(const struct names *n, struct box_wish *w)
{
	struct pbox *box = box_of(n, w);

	if (!w->stays || !box)
		return false;
	/* Otherwise it came there with the one above it. */
	if (!str_eq(box->now.name, w->to) &&
	    (!w->goes || held(n, w) || !name_back(n, w, box)))
		return false;
	went(n, w);
	return true;
}

/* Newest first, those above before those below; until none can any more. */
static void
go_all(const struct names *n)
{
	bool progress = true;

	while (progress) {
		progress = false;
		for (size_t i = 0; i < n->u->n_boxes; i++)
			progress |= go(n, n->u->boxes[i]);
	}
}

/* Who bears the name that it waits for, if that one waits, too. */
static struct box_wish *
waits_for(const struct names *n, const struct box_wish *w)
{
	struct pbox *holder = plan_find(n->t, w->to);
	struct box_wish *other =
	    holder ? map_get_u64(&n->u->box_of, holder->now.id) : NULL;

	return other && other->stays && other->goes ? other : NULL;
}

static bool
in_circle(const struct names *n, struct box_wish *w)
{
	struct box_wish *at = w;

	if (!w->stays || !w->goes || held(n, w))
		return false;
	for (size_t i = 0; i < n->u->n_boxes && at; i++) {
		at = waits_for(n, at);
		if (at == w)
			return true;
	}
	return false;
}

static bool
step_aside(const struct names *n, struct box_wish *w)
{
	struct pbox *box = box_of(n, w);
	struct str name = str_first(box->now.name, NAME_ROOM), try;
	unsigned no = 2;

	do
		try = arena_printf(
		    &n->t->arena, STR_FMT " (%u)", STR_ARG(name), no++);
	while (plan_find(n->t, try));
	return back_name(n->t, n->ask, box, try);
}

/* The rest of the circle follows; if it cannot, the name is still free. */
static bool
break_circle(const struct names *n)
{
	for (size_t i = 0; i < n->u->n_boxes; i++) {
		struct box_wish *w = n->u->boxes[i];

		if (!in_circle(n, w) || !step_aside(n, w))
			continue;
		go_all(n);
		if (w->stays)
			w->goes = false;
		if (w->stays)
			(void)back_name(n->t, n->ask, box_of(n, w), w->from);
		return true;
	}
	return false;
}

void
undo_renames_begin(struct undo *u)
{
	for (size_t i = 0; i < u->n_boxes; i++) {
		struct box_wish *w = u->boxes[i];
		const struct mbox *mbox = mbox_get(u->b->t->a, w->box->m.id);

		w->stays = w->rename && mbox && !str_eq(mbox->pub.name, w->to);
		w->goes = may_go(u, w);
	}
}

void
undo_renames(struct undo *u, struct turn *t, struct ask *ask)
{
	struct names n = {.u = u, .t = t, .ask = ask, .strict = true};

	do
		go_all(&n);
	while (break_circle(&n));
	n.strict = false;
	go_all(&n);
	/* One that followed another has its own way to go. */
	for (size_t i = 0; i < u->n_boxes; i++) {
		const struct box_wish *w = u->boxes[i];
		struct pbox *box =
		    w->rename && !w->stays ? box_of(&n, w) : NULL;

		if (box)
			(void)back_name(t, ask, box, w->to);
	}
}

void
undo_renames_end(struct undo *u)
{
	for (size_t i = 0; i < u->n_boxes; i++)
		u->b->other.skipped +=
		    u->boxes[i]->stays && u->boxes[i]->box->m.selectable;
}

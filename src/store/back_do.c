/* The aims of a RESTORE or UNDO become effects. Nothing here can fail. */
#include "base/vec.h"
#include "store/back_int.h"

enum { NAME_ROOM = 1000 }; /* of S41's 1,024 bytes: a number fits behind */

/* RFC 6154 uses that another mailbox has meanwhile stay with it. */
static unsigned
free_use(struct turn *t, unsigned use)
{
	size_t pos = 0;
	void *value;

	while (map_next(&t->a->boxes, &pos, NULL, &value)) {
		const struct mailbox *m = &((struct mbox *)value)->pub;

		if (!map_get_u64(&t->box_of, m->id))
			use &= ~m->special_use;
	}
	for (size_t i = 0; i < t->n_boxes; i++)
		if (t->boxes[i]->exists)
			use &= ~t->boxes[i]->now.special_use;
	return use;
}

static struct pbox *
revive(struct back *b, const struct aim *aim, unsigned use)
{
	struct pbox *box = ARENA_NEW(&b->t->arena, struct pbox);

	box->now = aim->dead;
	box->now.name = aim->name;
	box->now.special_use = use;
	box->gone_modseq = aim->dead_gone;
	for (size_t i = 0; i < aim->n_keywords; i++)
		*VEC_ADD(box, keywords) = aim->keywords[i];
	plan_revive(b->t, b->ask, box);
	return box;
}

/* Somebody who was to give the name away could not: a number follows it. */
static struct str
free_name(struct back *b, struct str name)
{
	const struct pbox *holder = plan_find(b->t, name);
	struct str try = name;

	for (unsigned n = 2; holder && holder->now.selectable; n++) {
		try = arena_printf(&b->t->arena, STR_FMT " (%u)",
		    STR_ARG(str_first(name, NAME_ROOM)), n);
		holder = plan_find(b->t, try);
	}
	return try;
}

/* The name is free, but for one that only had children: it gives way. */
static void
make(struct back *b, struct aim *aim)
{
	unsigned use = free_use(b->t, aim->then->m.special_use);
	struct pbox *holder;

	aim->name = free_name(b, aim->name);
	holder = plan_find(b->t, aim->name);
	if (holder)
		plan_drop(b->t, b->ask, holder, NULL, 0);
	else
		plan_parents(b->t, b->ask, aim->name, false);
	if (aim->how == RESTORE_REVIVED)
		aim->box = revive(b, aim, use);
	else
		aim->box = plan_make(b->t, b->ask, aim->name, use);
	aim->box->now.selectable = aim->then->m.selectable;
	aim->brought.folders++;
}

static void
open_aim(struct back *b, struct aim *aim)
{
	if (aim->now) {
		aim->box = plan_box(b->t, aim->now->m.id);
		ASSERT(aim->box);
	} else {
		make(b, aim);
	}
	if (aim->how != RESTORE_LIVES &&
	    past_was_subscribed(&b->w, aim->name) &&
	    !plan_is_subscribed(b->t, aim->name)) {
		plan_subscribed(b->t, b->ask, aim->name, true);
		aim->brought.names++;
	}
}

static bool
free_of_others(struct turn *t, struct ask *ask, struct str name)
{
	struct pbox *holder = plan_find(t, name);

	if (holder && !holder->now.selectable) {
		plan_drop(t, ask, holder, NULL, 0);
		return true;
	}
	return !holder;
}

bool
back_name_alone(
    struct turn *t, struct ask *ask, struct pbox *box, struct str name)
{
	struct str from = box->now.name;

	if (str_eq(from, name) || !free_of_others(t, ask, name))
		return false;
	plan_rename_to(t, ask, box, name);
	plan_parents(t, ask, name, false);
	if (!plan_find(t, from) && plan_has_children(t, from))
		plan_make(t, ask, from, 0)->now.selectable = false;
	return true;
}

bool
back_name(struct turn *t, struct ask *ask, struct pbox *box, struct str name)
{
	/* What is below it now stays there, and had been there before. */
	if (name_is_below(name, box->now.name))
		return back_name_alone(t, ask, box, name);
	return !str_eq(box->now.name, name) &&
	    plan_rename_below(t, box->now.name, name) == ST_OK &&
	    free_of_others(t, ask, name) &&
	    plan_rename_tree(t, ask, box, name, false) == ST_OK;
}

/* One that goes back may make room for another. */
void
back_rename(struct back *b, struct turn *t, struct ask *ask)
{
	bool progress = b->move_back;

	while (progress) {
		progress = false;
		for (size_t i = 0; i < b->n_aims; i++) {
			struct aim *aim = b->aims[i];

			if (aim->how != RESTORE_LIVES ||
			    !back_name(t, ask, plan_box(t, aim->then->m.id),
				aim->name))
				continue;
			progress = true;
			aim->brought.names += t == b->t;
		}
	}
}

static void
bear(struct back *b, struct pbox *box, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i == 0 || rows[i].e.flagset != rows[i - 1].e.flagset)
			plan_bear(b->t, box, rows[i].e.flagset);
}

static struct row *
in_arena(struct back *b, const struct row *rows, size_t n)
{
	struct row *copy = ARENA_ARRAY(&b->t->arena, struct row, n);

	memcpy(copy, rows, n * sizeof(*copy));
	return copy;
}

static void
do_kept(struct back *b, struct aim *aim)
{
	if (!aim->n_kept)
		return;
	bear(b, aim->box, aim->kept, aim->n_kept);
	plan_back(b->t, b->ask, aim->box, in_arena(b, aim->kept, aim->n_kept),
	    aim->n_kept);
	aim->brought.kept += (uint32_t)aim->n_kept;
}

static void
do_added(struct back *b, struct aim *aim)
{
	struct row *rows;

	if (!aim->n_added)
		return;
	rows = in_arena(b, aim->added, aim->n_added);
	for (size_t i = 0; i < aim->n_added; i++)
		rows[i].e.uid = aim->box->now.uidnext + (uint32_t)i;
	bear(b, aim->box, rows, aim->n_added);
	plan_add(b->t, b->ask, aim->box, rows, aim->n_added)->copied = true;
	aim->brought.fresh += (uint32_t)aim->n_added;
}

static int
by_source(const void *x, const void *y)
{
	const struct pull *a = x, *b = y;

	if (a->from->m.id != b->from->m.id)
		return a->from->m.id < b->from->m.id ? -1 : 1;
	return a->from_uid < b->from_uid ? -1 : a->from_uid > b->from_uid;
}

/* Those from one mailbox: gone there, added here, in the same order. */
static void
pull_from(struct back *b, struct aim *aim, struct pull *p, size_t n)
{
	struct pbox *from = plan_box(b->t, p->from->m.id);
	struct row *gone, *rows = ARENA_ARRAY(&b->t->arena, struct row, n);
	struct uidset uids = UIDSET_INIT;
	struct effect *e;
	enum status st;
	size_t n_gone;

	for (size_t i = 0; i < n; i++) {
		uidset_add(&uids, p[i].from_uid, p[i].from_uid);
		rows[i] = p[i].row;
		rows[i].e.uid = aim->box->now.uidnext + (uint32_t)i;
	}
	st = plan_rows(b->t, from, &uids, &gone, &n_gone);
	ASSERT(st == ST_OK && n_gone == n); /* its columns are loaded */
	uidset_release(&uids);
	plan_gone(b->t, b->ask, from, gone, n)->moved = true;
	bear(b, aim->box, rows, n);
	e = plan_add(b->t, b->ask, aim->box, rows, n);
	e->moved = true;
	e->source = from->now.id;
	aim->brought.moved_back += (uint32_t)n;
}

static void
do_pulled(struct back *b, struct aim *aim)
{
	size_t n;

	if (!aim->n_pulled)
		return;
	qsort(aim->pulled, aim->n_pulled, sizeof(*aim->pulled), by_source);
	for (size_t i = 0; i < aim->n_pulled; i += n) {
		struct pull *p = &aim->pulled[i];

		for (n = 1; i + n < aim->n_pulled && p[n].from == p->from; n++)
			;
		pull_from(b, aim, p, n);
	}
}

static void
do_flags(struct back *b, struct aim *aim)
{
	struct uidset uids = UIDSET_INIT;
	struct row *rows;
	enum status st;
	size_t n;

	if (!aim->n_flags)
		return;
	for (size_t i = 0; i < aim->n_flags; i++)
		uidset_add(&uids, aim->flags[i].e.uid, aim->flags[i].e.uid);
	st = plan_rows(b->t, aim->box, &uids, &rows, &n);
	ASSERT(st == ST_OK && n == aim->n_flags);
	uidset_release(&uids);
	for (size_t i = 0; i < n; i++) {
		rows[i].old_flagset = rows[i].e.flagset;
		rows[i].e.flagset = aim->flags[i].e.flagset;
	}
	bear(b, aim->box, rows, n);
	plan_flags(b->t, b->ask, aim->box, rows, n);
	aim->brought.flags += (uint32_t)n;
}

static int
by_name(const void *x, const void *y)
{
	const struct aim *const *a = x, *const *b = y;

	return str_cmp((*a)->name, (*b)->name);
}

void
back_sort(struct back *b)
{
	if (b->n_aims)
		qsort(b->aims, b->n_aims, sizeof(*b->aims), by_name);
}

/* Folders first, those above before those below. */
void
back_do(struct back *b)
{
	back_rename(b, b->t, b->ask);
	for (size_t i = 0; i < b->n_aims; i++)
		open_aim(b, b->aims[i]);
	for (size_t i = 0; i < b->n_aims; i++) {
		do_kept(b, b->aims[i]);
		do_added(b, b->aims[i]);
		do_flags(b, b->aims[i]);
		do_pulled(b, b->aims[i]);
	}
	if (b->ask->changed.modseq)
		b->t->durable = true;
}

/* Folders: create, delete, rename, subscribe, their use; and the quota. */
#include "base/vec.h"
#include "store/store_int.h"
#include "store/turn_int.h"

/* The pack is told too, so that a rebuild knows the names (S5). */
static void
note(struct turn *t, enum effect_kind kind, const struct mailbox *m)
{
	struct folder_note *n = VEC_ADD(t, notes);

	n->kind = kind;
	n->mailbox = m->id;
	n->uidvalidity = m->uidvalidity;
	n->special_use = m->special_use;
	n->name = m->name;
	t->durable = true;
}

struct pbox *
plan_make(struct turn *t, struct ask *ask, struct str name, unsigned use)
{
	struct pbox *box = plan_new_box(t, name);
	struct effect *e;

	box->now.special_use = use;
	e = plan_effect(t, ask, EFFECT_CREATE, box);
	e->name = box->now.name;
	note(t, EFFECT_CREATE, &box->now);
	return box;
}

/* A mailbox goes; its messages are gone first, by an effect of their own. */
void
plan_drop(struct turn *t, struct ask *ask, struct pbox *box, struct row *rows,
    size_t n)
{
	struct effect *e;

	if (n)
		plan_gone(t, ask, box, rows, n);
	e = plan_effect(t, ask, EFFECT_DELETE, box);
	e->was = box->now;
	e->name = box->now.name;
	box->exists = false;
	note(t, EFFECT_DELETE, &box->now);
}

enum status
plan_room(struct turn *t, struct ask *ask, struct pbox **box, size_t n_more)
{
	struct pbox *old = *box, *fresh;
	struct row *rows, *new;
	uint32_t recent = 1;
	enum status st;
	size_t n;

	if (n_more <= UINT32_MAX - UID_RESERVE - old->now.uidnext)
		return ST_OK;
	if ((st = plan_all_rows(t, old, &rows, &n)) != ST_OK)
		return st;
	if (n + n_more >= UINT32_MAX - 2 * UID_RESERVE)
		return ST_LIMIT;
	if (n)
		plan_gone(t, ask, old, rows, n)->moved = true;
	plan_drop(t, ask, old, NULL, 0);
	fresh = plan_make(t, ask, old->now.name, old->now.special_use);
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = plan_keywords(t, fresh, rows[i].e.flagset);
	ASSERT(st == ST_OK); /* they fitted before */
	new = ARENA_ARRAY(&t->arena, struct row, n);
	for (size_t i = 0; i < n; i++) {
		recent += rows[i].e.uid < old->now.recent_from;
		new[i] = rows[i];
		new[i].e.uid = (uint32_t)i + 1;
		new[i].e.expunged = false;
	}
	if (n)
		plan_add(t, ask, fresh, new, n)->moved = true;
	fresh->now.recent_from = recent;
	*box = fresh;
	return ST_OK;
}

/* RFC 9051 6.3.4: superior names come into being, as real mailboxes. */
void
plan_parents(struct turn *t, struct ask *ask, struct str name, bool selectable)
{
	for (size_t i = 1; i < name.n; i++)
		if (name.p[i] == '/' && !plan_find(t, str_first(name, i)))
			plan_make(t, ask, str_first(name, i), 0)
			    ->now.selectable = selectable;
}

void
plan_revived(struct turn *t, struct ask *ask, struct pbox *box)
{
	struct effect *e;

	box->exists = true;
	*VEC_ADD(t, boxes) = box;
	map_set_u64(&t->box_of, box->now.id, box);
	e = plan_effect(t, ask, EFFECT_REVIVE, box);
	e->name = box->now.name;
}

void
plan_revive(struct turn *t, struct ask *ask, struct pbox *box)
{
	plan_revived(t, ask, box);
	note(t, EFFECT_CREATE, &box->now);
}

static size_t
n_mailboxes(const struct turn *t)
{
	return t->a->boxes.n + t->n_boxes;
}

enum status
plan_create(struct turn *t, struct ask *ask)
{
	struct pbox *old, *box;
	struct str name;
	enum status st;

	if (!plan_may(&ask->c, RIGHT_CREATE))
		return ST_DENIED;
	st = mailbox_name_canonical(ask->c.name, &t->arena, &name);
	if (st != ST_OK)
		return st;
	old = plan_find(t, name);
	if (old && old->now.selectable)
		return ST_EXISTS;
	if (n_mailboxes(t) >= ACCOUNT_MAILBOXES_MAX)
		return ST_LIMIT;
	if (old) /* a name that only had children gives way to a mailbox */
		plan_drop(t, ask, old, NULL, 0);
	else
		plan_parents(t, ask, name, true);
	box = plan_make(t, ask, name, ask->c.special_use);
	ask->changed.mailbox = box->now.id;
	ask->changed.uidvalidity = box->now.uidvalidity;
	return ST_OK;
}

enum status
plan_delete(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);
	struct row *rows;
	enum status st;
	bool children;
	size_t n;

	if (!box)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, RIGHT_DELETE_MAILBOX))
		return ST_DENIED;
	if (str_eq(box->now.name, S("INBOX")))
		return ST_CANNOT;
	children = plan_has_children(t, box->now.name);
	if (children && !box->now.selectable)
		return ST_HAS_CHILDREN;
	if ((st = plan_all_rows(t, box, &rows, &n)) != ST_OK)
		return st;
	plan_drop(t, ask, box, rows, n);
	/* RFC 9051 6.3.5: the name stays, as \Noselect, for its children. */
	if (children)
		plan_make(t, ask, box->now.name, 0)->now.selectable = false;
	return ST_OK;
}

/* RFC 9051 6.3.6: INBOX stays, its messages go to the new mailbox (S20). */
static enum status
rename_inbox(
    struct turn *t, struct ask *ask, struct pbox *inbox, struct str name)
{
	struct row *rows, *new;
	struct pbox *box;
	enum status st;
	size_t n;

	if ((st = plan_all_rows(t, inbox, &rows, &n)) != ST_OK)
		return st;
	plan_parents(t, ask, name, true);
	box = plan_make(t, ask, name, 0);
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = plan_keywords(t, box, rows[i].e.flagset);
	ASSERT(st == ST_OK); /* they fitted into INBOX */
	ask->changed.mailbox = box->now.id;
	ask->changed.uidvalidity = box->now.uidvalidity;
	if (n == 0)
		return ST_OK;
	plan_gone(t, ask, inbox, rows, n)->moved = true;
	new = ARENA_ARRAY(&t->arena, struct row, n);
	for (size_t i = 0; i < n; i++) {
		new[i] = rows[i];
		new[i].e.uid = (uint32_t)i + 1;
		new[i].e.expunged = false;
		new[i].e.saved_ms = t->wall;
	}
	plan_add(t, ask, box, new, n)->moved = true;
	return ST_OK;
}

bool
name_is_below(struct str name, struct str parent)
{
	return name.n > parent.n && str_starts(name, parent) &&
	    name.p[parent.n] == '/';
}

/* All mailboxes at or below `name`, in the plan. */
static void
adopt_below(struct turn *t, struct str name)
{
	struct str key;
	size_t pos = 0;
	void *value;

	while (map_next(&t->a->by_name, &pos, &key, &value))
		if (name_is_below(key, name))
			plan_box(t, ((struct mbox *)value)->pub.id);
}

void
plan_rename_to(
    struct turn *t, struct ask *ask, struct pbox *box, struct str name)
{
	struct effect *e = plan_effect(t, ask, EFFECT_RENAME, box);

	e->name = box->now.name;
	e->new_name = name;
	box->now.name = name;
	note(t, EFFECT_RENAME, &box->now);
}

enum status
plan_rename_below(struct turn *t, struct str from, struct str to)
{
	enum status st = ST_OK;

	adopt_below(t, from);
	for (size_t i = 0; i < t->n_boxes && st == ST_OK; i++) {
		struct str name = t->boxes[i]->now.name;

		if (!t->boxes[i]->exists || !name_is_below(name, from))
			continue;
		name = arena_printf(&t->arena, STR_FMT STR_FMT, STR_ARG(to),
		    STR_ARG(str_from_pos(name, from.n)));
		st = mailbox_name_check(name);
		if (st == ST_OK && plan_find(t, name))
			st = ST_EXISTS;
	}
	return st;
}

static enum status
rename_check(struct turn *t, struct str from, struct str to)
{
	if (name_is_below(to, from))
		return ST_INVALID;
	if (plan_find(t, to))
		return ST_EXISTS;
	return plan_rename_below(t, from, to);
}

enum status
plan_rename_tree(struct turn *t, struct ask *ask, struct pbox *box,
    struct str to, bool selectable)
{
	struct str from = box->now.name;
	enum status st;
	size_t n;

	if ((st = rename_check(t, from, to)) != ST_OK)
		return st;
	plan_parents(t, ask, to, selectable);
	n = t->n_boxes;
	for (size_t i = 0; i < n; i++) {
		struct pbox *b = t->boxes[i];

		if (b->exists && b != box && name_is_below(b->now.name, from))
			plan_rename_to(t, ask, b,
			    arena_printf(&t->arena, STR_FMT STR_FMT,
				STR_ARG(to),
				STR_ARG(str_from_pos(b->now.name, from.n))));
	}
	plan_rename_to(t, ask, box, to);
	return ST_OK;
}

enum status
plan_rename(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);
	struct str from, to;
	enum status st;

	if (!box)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, RIGHT_CREATE | RIGHT_DELETE_MAILBOX))
		return ST_DENIED;
	from = box->now.name;
	st = mailbox_name_canonical(ask->c.name, &t->arena, &to);
	if (st == ST_OK && str_eq(from, S("INBOX"))) {
		if (plan_find(t, to))
			return ST_EXISTS;
		return rename_inbox(t, ask, box, to);
	}
	if (st == ST_OK)
		st = plan_rename_tree(t, ask, box, to, true);
	if (st != ST_OK)
		return st;
	ask->changed.mailbox = box->now.id;
	ask->changed.uidvalidity = box->now.uidvalidity;
	return ST_OK;
}

bool
plan_is_subscribed(const struct turn *t, struct str name)
{
	bool on = false;

	for (size_t i = 0; i < t->a->n_subscriptions && !on; i++)
		on = str_eq(t->a->subscriptions[i], name);
	for (size_t i = 0; i < t->n_effects; i++)
		if (t->effects[i].kind == EFFECT_SUBSCRIBE &&
		    str_eq(t->effects[i].name, name))
			on = t->effects[i].on;
	return on;
}

void
plan_subscribed(struct turn *t, struct ask *ask, struct str name, bool on)
{
	struct effect *e = plan_effect(t, ask, EFFECT_SUBSCRIBE, NULL);

	e->name = name;
	e->on = on;
	e->was_on = !on;
	t->durable = true;
}

enum status
plan_subscribe(struct turn *t, struct ask *ask)
{
	struct str name;
	enum status st;
	bool was;

	st = mailbox_name_canonical(ask->c.name, &t->arena, &name);
	if (st != ST_OK)
		return st;
	was = plan_is_subscribed(t, name);
	if (ask->c.on && !was && !plan_find(t, name))
		return ST_NOT_FOUND;
	if (was == ask->c.on)
		return ST_OK;
	if (ask->c.on && t->a->n_subscriptions >= ACCOUNT_MAILBOXES_MAX)
		return ST_LIMIT;
	plan_subscribed(t, ask, name, ask->c.on);
	return ST_OK;
}

void
plan_use(struct turn *t, struct ask *ask, struct pbox *box, unsigned use)
{
	struct effect *e = plan_effect(t, ask, EFFECT_SPECIAL_USE, box);

	e->was_special_use = box->now.special_use;
	e->special_use = use;
	box->now.special_use = use;
	t->durable = true;
}

enum status
plan_special_use(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);

	if (!box)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, RIGHT_CREATE))
		return ST_DENIED;
	if (box->now.special_use == ask->c.special_use)
		return ST_OK;
	plan_use(t, ask, box, ask->c.special_use);
	return ST_OK;
}

void
plan_set_quota(struct turn *t, struct ask *ask, uint64_t quota)
{
	struct effect *e = plan_effect(t, ask, EFFECT_QUOTA, NULL);

	e->was_quota = t->row.quota;
	e->quota = quota;
	t->row.quota = quota;
	t->durable = true;
}

enum status
plan_quota(struct turn *t, struct ask *ask)
{
	if (!plan_may(&ask->c, RIGHT_ADMIN))
		return ST_DENIED;
	if (t->row.quota != ask->c.quota)
		plan_set_quota(t, ask, ask->c.quota);
	return ST_OK;
}

/* V6: one number per mailbox. It is no state of the past: no modseq. */
enum status
plan_claim_recent(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);

	if (!box)
		return ST_NOT_FOUND;
	ask->changed.mailbox = box->now.id;
	ask->changed.recent_from = box->now.recent_from;
	ask->changed.recent_to = box->now.uidnext;
	if (box->now.recent_from != box->now.uidnext) {
		box->now.recent_from = box->now.uidnext;
		box->dirty = true;
	}
	return ST_OK;
}

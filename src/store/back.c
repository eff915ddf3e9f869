/* Where folders of the past come back, and which of their messages. */
#include "store/back_int.h"

#include "base/vec.h"
#include "store/columns.h"

void
back_init(struct back *b, struct turn *t, struct ask *ask, bool dry)
{
	int64_t wall_offset = t->a->wall_offset;

	*b = (struct back){.t = t, .ask = ask};
	b->names = turn_new(t->a);
	b->names_ask.c = ask->c;
	/* A step of the clock is the real turn's to notice (S23). */
	t->a->wall_offset = wall_offset;
	b->w.a = t->a;
	b->w.arena = &t->arena;
	b->left = dry ? SIZE_MAX : TURN_MESSAGES;
	b->move_back = ask->c.move_back;
}

static void
aim_free(struct aim *aim)
{
	free(aim->kept);
	free(aim->added);
	free(aim->flags);
	free(aim->pulled);
}

void
back_release(struct back *b)
{
	for (size_t i = 0; i < b->n_aims; i++)
		aim_free(b->aims[i]);
	free(b->aims);
	free(b->fresh);
	map_release(&b->aim_of);
	map_release(&b->bearers);
	turn_free(b->names);
	past_walk_release(&b->w);
}

struct bearer {
	uint64_t id;
	bool many;
};

static void
note_name(struct back *b, struct str name, uint64_t id)
{
	struct bearer *who = map_get(&b->bearers, name);

	if (!who) {
		who = ARENA_NEW(b->w.arena, struct bearer);
		who->id = id;
		map_set(&b->bearers, name, who);
	} else if (who->id != id) {
		who->many = true;
	}
}

/*
 * A name that only has children (\Noselect) is no bearer: nobody has seen
 * UIDs under it. So a folder deleted before its children comes back whole.
 */
enum status
back_note_names(
    struct back *b, struct past_walk *w, const struct history_row *row)
{
	enum effect_kind kind = history_effect(row);
	struct history_folder f;
	bool selectable;
	enum status st;

	if (kind != EFFECT_CREATE && kind != EFFECT_REVIVE &&
	    kind != EFFECT_DELETE && kind != EFFECT_RENAME)
		return ST_OK;
	if ((st = history_folder(row, &f)) != ST_OK)
		return st;
	selectable = kind == EFFECT_DELETE
	    ? f.was_selectable
	    : past_box(w, row->mailbox)->m.selectable;
	if (!selectable)
		return ST_OK;
	note_name(b, f.name, row->mailbox);
	if (kind == EFFECT_RENAME)
		note_name(b, f.new_name, row->mailbox);
	return ST_OK;
}

static bool
borne_by_another(const struct back *b, struct str name, uint64_t id)
{
	const struct bearer *who = map_get(&b->bearers, name);

	return who && (who->many || who->id != id);
}

static enum status
look_up_dead(struct back *b, struct aim *aim)
{
	struct account *a = b->t->a;
	uint64_t id = aim->then->m.id;
	enum status st;

	st = db_dead_mailbox(a, id, b->w.arena, &aim->dead, &aim->dead_gone);
	if (st == ST_OK)
		st = db_keywords(
		    a, id, b->w.arena, &aim->keywords, &aim->n_keywords);
	return st == ST_NOT_FOUND ? ST_CORRUPT : st;
}

enum status
back_aim(
    struct back *b, struct past_box *then, struct str name, struct aim **out)
{
	struct aim *aim = map_get_u64(&b->aim_of, then->m.id);
	const struct pbox *holder;
	enum status st = ST_OK;

	if (aim) {
		*out = aim;
		return ST_OK;
	}
	aim = ARENA_NEW(b->w.arena, struct aim);
	aim->then = then;
	aim->name = name;
	holder = plan_find(b->names, name);
	if (back_lives(b, then)) {
		aim->how = RESTORE_LIVES;
		aim->now = then;
	} else if (holder && (holder->now.selectable || !then->m.selectable)) {
		aim->how = RESTORE_MERGED;
		aim->now = past_box(&b->w, holder->now.id);
	} else if (!then->m.selectable ||
	    borne_by_another(b, name, then->m.id)) {
		aim->how = RESTORE_NEW;
	} else {
		aim->how = RESTORE_REVIVED;
		st = look_up_dead(b, aim);
	}
	if (st != ST_OK)
		return st;
	*VEC_ADD(b, aims) = aim;
	map_set_u64(&b->aim_of, then->m.id, aim);
	*out = aim;
	return ST_OK;
}

/* The flags it has now: the walk has undone those of the item. */
static uint32_t
flagset_now(const struct back *b, const struct fresh *f)
{
	const struct mbox *mbox = mbox_get(b->t->a, f->box->m.id);
	struct entry e;

	columns_at(mbox->columns, (size_t)(f->item - f->box->items), &e, NULL);
	return e.flagset;
}

bool
back_spend(struct back *b)
{
	if (b->left == 0) {
		b->more = true;
		return false;
	}
	b->left--;
	return true;
}

void
back_pull(struct back *b, struct aim *aim, const struct row *row,
    struct past_box *from, uint32_t from_uid)
{
	struct pull *p;

	if (!back_spend(b))
		return;
	p = VEC_ADD(aim, pulled);
	p->from = from;
	p->from_uid = from_uid;
	p->row = *row;
}

/* It was moved, and lives there. */
static void
moved(struct back *b, struct aim *aim, struct row *row, struct fresh *f,
    const struct past_box *from)
{
	f->taken = true;
	if (!b->move_back && f->box != from) {
		aim->brought.elsewhere++;
		return;
	}
	if (!b->ask->c.flags_back)
		row->e.flagset = flagset_now(b, f);
	back_pull(b, aim, row, f->box, f->item->e.uid);
}

void
back_item(struct back *b, struct aim *aim, struct past_item *item,
    uint32_t flagset, const struct past_box *from)
{
	struct row row = {.e = item->e, .size = item->size};
	struct fresh *f = NULL;

	if (db_purged(b->t->a, item->e.message))
		return;
	row.e.flagset = flagset;
	row.e.expunged = false;
	if (item->there) {
		aim->brought.there++;
		return;
	}
	/* What went with its folder was not moved, copied perhaps. */
	if (!item->with_folder) {
		if (from)
			f = back_untaken(b, item->e.message, from);
		if (!f)
			f = back_untaken(b, item->e.message, NULL);
	}
	if (f) {
		moved(b, aim, &row, f, from);
		return;
	}
	if (aim->how == RESTORE_REVIVED && item->gone == aim->then->died) {
		/* S30; later ones could not have lower uids. */
		*VEC_ADD(aim, kept) = row;
		if (b->left)
			b->left--;
	} else if (back_spend(b)) {
		*VEC_ADD(aim, added) = row;
	}
}

void
back_flags(struct back *b, struct aim *aim, uint32_t uid, uint32_t flagset)
{
	struct row *row;

	if (!back_spend(b))
		return;
	row = VEC_ADD(aim, flags);
	row->e.uid = uid;
	row->e.flagset = flagset;
}

bool
back_room(struct back *b, size_t n)
{
	if (b->left || b->aims[n]->now)
		return true;
	b->more = true;
	for (size_t i = n; i < b->n_aims; i++)
		aim_free(b->aims[i]);
	b->n_aims = n;
	return false;
}

enum status
back_check(const struct back *b)
{
	for (size_t i = 0; i < b->n_aims; i++) {
		const struct aim *aim = b->aims[i];
		uint32_t next = 1;

		if (aim->now)
			next = mbox_get(b->t->a, aim->now->m.id)->pub.uidnext;
		else if (aim->how == RESTORE_REVIVED)
			next = aim->dead.uidnext;
		if (next >= UINT32_MAX - UID_RESERVE ||
		    aim->n_added + aim->n_pulled >
			UINT32_MAX - UID_RESERVE - next)
			return ST_LIMIT;
	}
	return b->t->a->boxes.n + b->n_aims > ACCOUNT_MAILBOXES_MAX ? ST_LIMIT
								    : ST_OK;
}

void
back_count(struct brought *to, const struct brought *more)
{
	to->folders += more->folders;
	to->kept += more->kept;
	to->fresh += more->fresh;
	to->moved_back += more->moved_back;
	to->flags += more->flags;
	to->removed += more->removed;
	to->names += more->names;
	to->there += more->there;
	to->elsewhere += more->elsewhere;
	to->skipped += more->skipped;
	to->refused += more->refused;
}

void
back_total(const struct back *b, struct brought *out)
{
	*out = b->other;
	for (size_t i = 0; i < b->n_aims; i++)
		back_count(out, &b->aims[i]->brought);
}

enum status
back_plan(
    struct turn *t, struct ask *ask, enum status (*decide)(struct back *b))
{
	struct back b;
	enum status st;

	back_init(&b, t, ask, false);
	st = decide(&b);
	if (st == ST_OK) {
		back_total(&b, &ask->changed.brought);
		ask->changed.more = b.more;
	}
	back_release(&b);
	return st;
}

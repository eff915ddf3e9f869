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

static int
by_message(const void *x, const void *y)
{
	const struct fresh *a = x, *b = y;

	if (a->message != b->message)
		return a->message < b->message ? -1 : 1;
	if (a->box->m.id != b->box->m.id)
		return a->box->m.id < b->box->m.id ? -1 : 1;
	return a->item->e.uid < b->item->e.uid ? -1 : 1;
}

static bool
lives(const struct back *b, const struct past_box *p)
{
	return mbox_get(b->t->a, p->m.id) != NULL;
}

void
back_find_fresh(struct back *b)
{
	for (size_t i = 0; i < b->w.n_boxes; i++) {
		struct past_box *p = b->w.boxes[i];

		for (size_t k = 0; lives(b, p) && k < p->n_now; k++) {
			struct past_item *item = &p->items[k];

			if (!item->present)
				*VEC_ADD(b, fresh) = (struct fresh){
				    item->e.message, p, item, false};
		}
	}
	if (b->n_fresh)
		qsort(b->fresh, b->n_fresh, sizeof(*b->fresh), by_message);
}

static struct fresh *
first_fresh(struct back *b, uint64_t message)
{
	size_t lo = 0, hi = b->n_fresh;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->fresh[mid].message < message)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < b->n_fresh && b->fresh[lo].message == message
	    ? &b->fresh[lo]
	    : NULL;
}

static struct fresh *
next_fresh(struct back *b, struct fresh *f)
{
	return f + 1 < b->fresh + b->n_fresh && f[1].message == f->message
	    ? f + 1
	    : NULL;
}

/* The first that shows the message in `box` (NULL: anywhere), untaken. */
static struct fresh *
find_fresh(struct back *b, uint64_t message, const struct past_box *box)
{
	struct fresh *f = first_fresh(b, message);

	while (f && (f->taken || (box && f->box != box)))
		f = next_fresh(b, f);
	return f;
}

static int
by_uid(const void *x, const void *y)
{
	const struct past_item *const *a = x, *const *b = y;

	return (*a)->e.uid < (*b)->e.uid ? -1 : (*a)->e.uid > (*b)->e.uid;
}

static struct past_item **
missing(struct back *b, struct past_box *p,
    bool (*is)(const struct past_item *item), size_t *n_out)
{
	struct past_item **list = ARENA_ARRAY(
	    b->w.arena, struct past_item *, p->n_items - p->n_now + 1);
	size_t n = 0;

	for (size_t i = p->n_now; i < p->n_items; i++)
		if (is(&p->items[i]))
			list[n++] = &p->items[i];
	if (n)
		qsort(list, n, sizeof(*list), by_uid);
	*n_out = n;
	return list;
}

static bool
is_wanted(const struct past_item *item)
{
	return item->wanted;
}

static bool
is_sure(const struct past_item *item)
{
	return item->wanted && item->with_folder;
}

static bool
is_perhaps(const struct past_item *item)
{
	return item->wanted && !item->with_folder;
}

static bool
is_other(const struct past_item *item)
{
	return item->present && !item->wanted;
}

struct past_item **
back_wanted(struct back *b, struct past_box *p, size_t *n_out)
{
	return missing(b, p, is_wanted, n_out);
}

static void
match_box(struct back *b, struct past_box *p,
    bool (*is)(const struct past_item *item))
{
	const struct aim *aim = map_get_u64(&b->aim_of, p->m.id);
	struct past_box *now = aim ? aim->now : lives(b, p) ? p : NULL;
	struct past_item **items;
	size_t n;

	if (!now)
		return;
	items = missing(b, p, is, &n);
	for (size_t i = 0; i < n; i++) {
		struct fresh *f = find_fresh(b, items[i]->e.message, now);

		if (!f)
			continue;
		f->taken = true;
		items[i]->there = true;
	}
}

static int
by_id(const void *x, const void *y)
{
	const struct past_box *const *a = x, *const *b = y;

	return (*a)->m.id < (*b)->m.id ? -1 : (*a)->m.id > (*b)->m.id;
}

/*
 * What would come whatever else is shown first, then what may be elsewhere,
 * then what is not asked for: or asking again would bring it again (S32).
 */
void
back_match(struct back *b)
{
	static bool (*const passes[])(const struct past_item *item) = {
	    is_sure, is_perhaps, is_other};
	struct past_box **list =
	    ARENA_ARRAY(b->w.arena, struct past_box *, b->w.n_boxes + 1);
	size_t n = b->w.n_boxes;

	for (size_t i = 0; i < n; i++)
		list[i] = b->w.boxes[i];
	qsort(list, n, sizeof(*list), by_id);
	for (size_t pass = 0; pass < ARRAY_LEN(passes); pass++)
		for (size_t i = 0; i < n; i++)
			match_box(b, list[i], passes[pass]);
}

static bool
borne_by_another(const struct back *b, struct str name, uint64_t id)
{
	const struct bearer *who = map_get(&b->bearers, name);

	return who && (who->many || who->id != id);
}

void
back_take(struct back *b, const struct past_box *box, uint32_t uid)
{
	const struct past_item *item =
	    past_find((struct past_box *)(uintptr_t)box, uid);
	struct fresh *f;

	if (!item)
		return;
	for (f = first_fresh(b, item->e.message); f; f = next_fresh(b, f))
		if (f->item == item)
			f->taken = true;
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
	if (lives(b, then)) {
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
			f = find_fresh(b, item->e.message, from);
		if (!f)
			f = find_fresh(b, item->e.message, NULL);
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

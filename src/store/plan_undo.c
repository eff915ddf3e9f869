/* CHANGE_UNDO: events turned around, newest first. */
#include "base/vec.h"
#include "store/flagset.h"
#include "store/undo_int.h"

enum {
	UNDO_RIGHTS = RIGHT_CREATE | RIGHT_INSERT | RIGHT_WRITE | RIGHT_SEEN |
	    RIGHT_DELETE_MESSAGE | RIGHT_EXPUNGE | RIGHT_DELETE_MAILBOX
};

static int
by_number(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static bool
is_chosen(const struct undo *u, const struct history_row *row)
{
	const struct change *c = &u->b->ask->c;

	if (c->by && row->origin != c->by)
		return false;
	if (u->n_events)
		return bsearch(&row->modseq, u->events, u->n_events,
			   sizeof(row->modseq), by_number) != NULL;
	return row->modseq >= c->first && row->modseq <= c->last;
}

static void
turn_flags(struct undo *u, struct past_box *p, const struct entry *e)
{
	const struct past_item *item = past_find(p, e->uid);
	struct wish *w = undo_wish_of(u, p, e->uid);
	struct entry now;

	if (!item)
		return;
	if (!w || w->kind == WISH_NONE) {
		if (!undo_now(p, u, e->uid, &now, NULL)) {
			u->b->other.skipped++;
			return;
		}
		w = undo_new_wish(u, p, e->uid);
		w->kind = WISH_FLAGS;
		w->flagset = now.flagset;
	}
	w->flagset = undo_reversed(u, w->flagset, item->e.flagset, e->flagset);
}

/* An entry that came: it leaves, if only chosen events have touched it. */
static void
turn_add(struct undo *u, struct past_box *p, const struct entry *e)
{
	struct wish *w = undo_wish_of(u, p, e->uid);
	struct entry now;

	if (w && w->kind == WISH_RETURN) {
		w->kind = WISH_NONE;
		return;
	}
	if (w && w->kind == WISH_PULL) {
		w->kind = WISH_REMOVE;
		undo_call(u, w, w->from, w->from_uid);
		return;
	}
	if (!undo_now(p, u, e->uid, &now, NULL))
		return;
	if (!map_get_u64(&u->chosen, now.modseq)) {
		u->b->other.skipped++;
		return;
	}
	undo_new_wish(u, p, e->uid)->kind = WISH_REMOVE;
}

/*
 * An entry that went. Where an EXPUNGE could take it, it was \Deleted; it
 * comes back without, or the next EXPUNGE would take it again.
 */
static void
turn_gone(struct undo *u, struct past_box *p, const struct history_row *row,
    const struct entry *e)
{
	const struct flags deleted = {.bits = FLAG_DELETED};
	struct wish *w = undo_new_wish(u, p, e->uid);

	if (w->kind == WISH_FLAGS)
		return; /* it has come back under its uid */
	/* By one of the events: then it stays, and has what it left with. */
	w->kind = w->kind == WISH_REMOVE ? WISH_FLAGS : WISH_RETURN;
	w->from = NULL;
	w->saved_ms = e->saved_ms;
	w->flagset = e->flagset;
	if (row->modseq != p->death &&
	    flagset_apply(u->b->t->a->flagsets, e->flagset, FLAGS_REMOVE,
		&deleted, &w->flagset) != ST_OK)
		w->flagset = e->flagset;
}

/*
 * An entry that was moved, and is not there any more: thrown away since, as
 * from a Trash, it comes back as if it had gone from where it was; brought
 * back there since, it is moved. Where else it went it stays.
 */
static void
turn_moved_and_gone(struct undo *u, struct past_box *p, const struct entry *e)
{
	struct wish *w = undo_new_wish(u, p, e->uid);

	if (w->kind == WISH_FLAGS)
		return;
	w->kind = WISH_RETURN;
	w->from = u->moved_box;
	w->saved_ms = e->saved_ms;
	w->flagset = e->flagset;
}

/*
 * An entry that was moved, to `uid` of the box noted. What a restore moved may
 * have got other flags on its way.
 */
static void
turn_moved(
    struct undo *u, struct past_box *p, const struct entry *e, uint32_t uid)
{
	const struct past_item *came = past_find(u->moved_box, uid);
	struct wish *w = undo_wish_of(u, u->moved_box, uid);
	struct entry now;

	if (!came)
		return;
	if (w && w->kind == WISH_FLAGS) {
		w->kind = WISH_PULL;
		w->from = u->moved_box;
		w->from_uid = uid;
	} else if (!w || w->kind == WISH_NONE || w->kind == WISH_REMOVE) {
		if (w) {
			u->b->other.skipped++;
			return;
		}
		if (!undo_now(u->moved_box, u, uid, &now, NULL)) {
			turn_moved_and_gone(u, p, e);
			return;
		}
		w = undo_new_wish(u, u->moved_box, uid);
		w->kind = WISH_PULL;
		w->from = u->moved_box;
		w->from_uid = uid;
		w->flagset = now.flagset;
	}
	w->flagset = undo_reversed(u, w->flagset, came->e.flagset, e->flagset);
	w->saved_ms = e->saved_ms;
	undo_call(u, w, p, e->uid);
}

static enum status
turn_entries(struct undo *u, struct past_walk *w, struct past_box *p,
    const struct history_row *row)
{
	enum effect_kind kind = history_effect(row);
	bool moved = history_moved(row), was_moved;
	struct history_reader r;
	struct entry e;
	enum status st;
	uint64_t size;

	if ((st = past_touch(w, p)) != ST_OK)
		return st;
	was_moved = kind == EFFECT_GONE && u->moved_modseq == row->modseq;
	u->moved_modseq = 0;
	history_read(&r, row);
	for (uint32_t i = 0; history_next(&r, &e, &size); i++) {
		if (moved && i == 0) {
			u->moved_modseq = row->modseq;
			u->moved_box = p;
			u->moved_uid = e.uid;
		}
		if (moved)
			break;
		if (kind == EFFECT_FLAGS)
			turn_flags(u, p, &e);
		else if (was_moved)
			turn_moved(u, p, &e, u->moved_uid + i);
		else if (kind == EFFECT_GONE)
			turn_gone(u, p, row, &e);
		else
			turn_add(u, p, &e);
	}
	return wire_ok(&r.w) ? ST_OK : ST_CORRUPT;
}

static void
turn_rename(
    struct box_wish *w, struct str name, struct str new_name, uint64_t modseq)
{
	w->came = modseq;
	w->came_as = new_name;
	if ((w->revive || w->remake) && str_eq(w->name, new_name))
		w->name = name;
	if (!w->rename) {
		w->rename = true;
		w->from = new_name;
	} else if (!str_eq(w->to, new_name)) {
		w->broken = true; /* somebody renamed it in between */
	}
	w->to = name;
}

/* Who came to the name by the same change? */
static void
note_replaced(struct undo *u, uint64_t modseq, struct str name)
{
	for (size_t i = 0; i < u->n_boxes; i++) {
		struct box_wish *w = u->boxes[i];

		if (w->came == modseq && str_eq(w->came_as, name))
			w->replaced = true;
	}
}

/*
 * A name that only has children: one that an event made goes when nothing is
 * below it any more; one that an event took is made anew.
 */
static void
turn_plain(struct undo *u, struct past_box *p, enum effect_kind kind,
    const struct history_folder *f, uint64_t modseq)
{
	struct box_wish *w = undo_box(u, p);

	if (kind == EFFECT_CREATE) {
		w->plain = !w->remake;
		w->remake = false;
	} else if (kind == EFFECT_DELETE) {
		w->remake = !w->plain;
		w->plain = false;
		w->name = arena_str(u->b->w.arena, f->name);
		note_replaced(u, modseq, w->name);
	} else if (kind == EFFECT_RENAME) {
		turn_rename(w, arena_str(u->b->w.arena, f->name),
		    arena_str(u->b->w.arena, f->new_name), modseq);
	}
}

static void
turn_folder(struct undo *u, struct past_box *p, const struct history_row *row,
    const struct history_folder *f)
{
	struct arena *arena = u->b->w.arena;
	enum effect_kind kind = history_effect(row);
	struct box_wish *w;

	if (kind == EFFECT_DELETE
		? !f->was_selectable
		: !p->m.selectable && kind != EFFECT_SPECIAL_USE) {
		turn_plain(u, p, kind, f, row->modseq);
		return;
	}
	w = undo_box(u, p);
	switch (kind) {
	case EFFECT_CREATE:
	case EFFECT_REVIVE:
		w->drop = !w->revive;
		w->revive = false;
		w->name = arena_str(arena, f->name);
		w->came = row->modseq;
		w->came_as = w->name;
		break;
	case EFFECT_DELETE:
		w->revive = !w->drop;
		w->drop = false;
		w->name = arena_str(arena, f->name);
		break;
	case EFFECT_RENAME:
		turn_rename(w, arena_str(arena, f->name),
		    arena_str(arena, f->new_name), row->modseq);
		break;
	case EFFECT_SPECIAL_USE:
		if (!w->use)
			w->use_from = p->m.special_use;
		w->use = true;
		w->use_to = f->was_special_use;
		break;
	default:
		break;
	}
}

static void
turn_name(struct undo *u, struct str name, bool on)
{
	struct name_wish *w = NULL;

	for (size_t i = 0; i < u->n_names && !w; i++)
		if (str_eq(u->names[i].name, name))
			w = &u->names[i];
	if (!w)
		w = VEC_ADD(u, names);
	w->name = arena_str(u->b->w.arena, name);
	w->on = on;
}

static enum status
turn_row(struct undo *u, struct past_walk *w, const struct history_row *row)
{
	enum change_kind change = history_change(row);
	struct history_folder f;
	enum status st;

	if (history_effect(row) == EFFECT_EPOCH)
		return ST_OK;
	if (change == CHANGE_APPEND || change == CHANGE_DELIVER) {
		u->b->other.refused++;
		return ST_OK;
	}
	map_set_u64(&u->chosen, row->modseq, u);
	if (history_has_entries(history_effect(row)))
		return turn_entries(u, w, past_box(w, row->mailbox), row);
	if ((st = history_folder(row, &f)) != ST_OK)
		return st;
	if (history_effect(row) == EFFECT_SUBSCRIBE) {
		turn_name(u, f.name, f.was_on);
	} else if (history_effect(row) == EFFECT_QUOTA) {
		u->quota = !u->quota_later;
		u->quota_to = f.was_quota;
	} else if (row->mailbox) {
		turn_folder(u, past_box(w, row->mailbox), row, &f);
	}
	return ST_OK;
}

static enum status
each_row(void *ctx, struct past_walk *w, const struct history_row *row)
{
	struct undo *u = ctx;
	enum status st = back_note_names(u->b, w, row);

	if (st != ST_OK)
		return st;
	if (is_chosen(u, row))
		return turn_row(u, w, row);
	if (history_effect(row) == EFFECT_QUOTA)
		u->quota_later = true;
	return ST_OK;
}

/* The state before the first event; ST_INVALID when none is named. */
static enum status
choose(struct undo *u)
{
	const struct change *c = &u->b->ask->c;
	uint64_t first = c->first;

	if (c->n_events) {
		u->events = ARENA_ARRAY(u->b->w.arena, uint64_t, c->n_events);
		memcpy(u->events, c->events, c->n_events * sizeof(*u->events));
		u->n_events = c->n_events;
		qsort(u->events, u->n_events, sizeof(*u->events), by_number);
		first = u->events[0];
	}
	if (first == 0 || (!c->n_events && c->last < first))
		return ST_INVALID;
	if (first > u->b->t->a->modseq)
		return ST_NOT_FOUND;
	u->b->w.modseq = first - 1;
	return ST_OK;
}

static enum status
undo_all(struct undo *u)
{
	struct back *b = u->b;
	enum status st;

	if (!plan_may(&b->ask->c, UNDO_RIGHTS))
		return ST_DENIED;
	if ((st = choose(u)) != ST_OK)
		return st;
	b->w.each = each_row;
	b->w.ctx = u;
	if ((st = past_walk(&b->w)) != ST_OK)
		return st;
	if (!u->chosen.n)
		return b->other.refused ? ST_CANNOT : ST_NOT_FOUND;
	if (u->quota && !plan_may(&b->ask->c, RIGHT_ADMIN))
		return ST_DENIED;
	if ((st = undo_aims(u)) != ST_OK || (st = back_check(b)) != ST_OK)
		return st;
	undo_do(u);
	return ST_OK;
}

enum status
undo_plan(struct back *b)
{
	struct undo u = {.b = b};
	enum status st = undo_all(&u);

	free(u.wishes);
	free(u.boxes);
	free(u.names);
	free(u.reversals);
	map_release(&u.chosen);
	map_release(&u.wish_of);
	map_release(&u.box_of);
	return st;
}

enum status
plan_undo(struct turn *t, struct ask *ask)
{
	return back_plan(t, ask, undo_plan);
}

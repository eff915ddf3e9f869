/* Questions to the history that need no state of the past. */
#include "base/vec.h"
#include "store/columns.h"
#include "store/past_int.h"

struct vanish {
	struct account *a;
	uint64_t mailbox;
	uint32_t first_new; /* uids from here on came since: never told */
	struct uidset gone;
	enum status st;
};

static bool
collect_vanished(void *ctx, const struct history_row *row)
{
	struct vanish *v = ctx;
	struct history_reader r;
	struct entry e;
	uint64_t size;

	if (row->modseq > v->a->modseq)
		return false;
	if (row->mailbox != v->mailbox)
		return true;
	if (history_effect(row) == EFFECT_ADD) {
		history_read(&r, row);
		if (r.uid < v->first_new)
			v->first_new = r.uid;
	} else if (history_effect(row) == EFFECT_GONE ||
	    history_effect(row) == EFFECT_BACK) {
		bool gone = history_effect(row) == EFFECT_GONE;

		history_read(&r, row);
		while (history_next(&r, &e, &size))
			if (gone && e.uid < v->first_new)
				uidset_add(&v->gone, e.uid, e.uid);
			else if (!gone)
				uidset_remove(&v->gone, e.uid, e.uid);
		if (!wire_ok(&r.w))
			v->st = ST_CORRUPT;
	}
	return v->st == ST_OK;
}

static void
into_arena(struct uidset *set, struct arena *arena, struct uidset *out)
{
	struct uidrange *r =
	    ARENA_ARRAY(arena, struct uidrange, set->n_ranges + 1);

	if (set->n_ranges)
		memcpy(r, set->ranges, set->n_ranges * sizeof(*r));
	*out = (struct uidset){r, set->n_ranges, 0};
	uidset_release(set);
}

enum status
past_changes_since(struct account *a, uint64_t mailbox, uint64_t modseq,
    struct arena *arena, struct uidset *vanished_out,
    struct uidset *changed_out)
{
	struct vanish v = {.a = a, .mailbox = mailbox, .first_new = UINT32_MAX};
	struct uidset changed = UIDSET_INIT;
	enum status st;
	struct mbox *b;

	if (!past_reaches(a, modseq))
		return ST_NOT_FOUND;
	if ((st = mbox_columns(a, mailbox, &b)) != ST_OK)
		return st;
	if (b->gone_modseq > modseq)
		st = db_history(a, false, modseq, collect_vanished, &v);
	if (st == ST_OK)
		st = v.st;
	if (st != ST_OK) {
		uidset_release(&v.gone);
		return st;
	}
	for (size_t i = columns_next_newer(b->columns, 0, modseq);
	     i < columns_count(b->columns);
	     i = columns_next_newer(b->columns, i + 1, modseq)) {
		struct entry e;

		columns_at(b->columns, i, &e, NULL);
		uidset_add(&changed, e.uid, e.uid);
	}
	into_arena(&v.gone, arena, vanished_out);
	into_arena(&changed, arena, changed_out);
	return ST_OK;
}

/* The newest row in [first, last] whose wall is not after `wall`. */
static enum status
bisect(struct account *a, uint64_t first, uint64_t last, int64_t wall,
    uint64_t *out)
{
	uint64_t found = 0;

	while (first <= last) {
		uint64_t mid = first + (last - first) / 2, at;
		int64_t at_wall;
		enum status st = db_history_at(a, mid, &at, &at_wall);

		if (st != ST_OK && st != ST_NOT_FOUND)
			return st;
		if (st == ST_NOT_FOUND || at < first) {
			first = mid + 1; /* no row up to mid */
		} else if (at_wall <= wall) {
			found = at;
			first = mid + 1;
		} else {
			last = at - 1;
		}
	}
	if (!found)
		return ST_NOT_FOUND;
	*out = found;
	return ST_OK;
}

enum status
past_modseq_at(struct account *a, int64_t wall_ms, uint64_t *out)
{
	uint64_t last = a->modseq, start;
	enum status st;

	/* S23: the newest segment that contains the time. */
	for (;;) {
		int64_t wall;

		st = db_clock_before(a, last, &start, &wall);
		if (st == ST_NOT_FOUND)
			return bisect(a, a->history_from, last, wall_ms, out);
		if (st != ST_OK)
			return st;
		if (wall <= wall_ms)
			return bisect(a, start, last, wall_ms, out);
		last = start - 1;
	}
}

uint64_t
past_from(const struct account *a)
{
	return a->history_from;
}

static bool
first_wall(void *ctx, const struct history_row *row)
{
	*(int64_t *)ctx = row->wall;
	return false;
}

enum status
past_horizon(struct account *a, int64_t *wall_ms_out)
{
	int64_t wall = a->last_wall;
	enum status st =
	    db_history(a, false, a->history_from, first_wall, &wall);

	if (st == ST_OK)
		*wall_ms_out = wall;
	return st;
}

struct events {
	struct account *a;
	struct arena *arena;
	struct past_event *events;
	size_t n_events, cap_events, max;
	uint64_t named; /* the mailbox whose name was asked for last */
	struct str name;
	bool back_named, by_gone; /* is the RESTORE or UNDO, and by what */
	enum status st;
};

static struct str
box_name(struct events *x, uint64_t mailbox)
{
	const struct mbox *b = mbox_get(x->a, mailbox);

	if (!x->named || x->named != mailbox) {
		x->named = mailbox;
		x->name = b ? arena_str(x->arena, b->pub.name)
			    : db_dead_name(x->a, mailbox, x->arena);
	}
	return x->name;
}

/* The Trash, or a folder that was thrown into it. */
static bool
in_trash(const struct events *x, struct str name)
{
	const struct mbox *b;
	size_t pos = 0;
	void *value;

	while (map_next(&x->a->boxes, &pos, NULL, &value)) {
		b = value;
		if ((b->pub.special_use & USE_TRASH) &&
		    str_starts(name, b->pub.name) &&
		    (name.n == b->pub.name.n || name.p[b->pub.name.n] == '/'))
			return true;
	}
	return false;
}

/* The name, or one above it, that is above both. */
static struct str
above_both(struct str a, struct str b)
{
	while (a.n > 0 && !str_eq(a, b) && !name_is_below(b, a)) {
		while (a.n > 0 && a.p[a.n - 1] != '/')
			a.n--;
		if (a.n > 0)
			a.n--;
	}
	return a;
}

/*
 * RESTORE and UNDO do many things in many folders: what is above all of them
 * names it, or nothing. Of a move that is where messages came to.
 */
static void
name_back(struct events *x, struct past_event *e, const struct history_row *row,
    struct str name)
{
	if (name.n == 0)
		return;
	if (!x->back_named || (x->by_gone && history_moved(row))) {
		e->mailbox = row->mailbox;
		e->name = name;
		x->by_gone = history_effect(row) == EFFECT_GONE;
	} else {
		e->name = above_both(e->name, name);
		x->by_gone = false;
	}
	x->back_named = true;
}

static void
fill_back(struct events *x, struct past_event *e, const struct history_row *row)
{
	enum effect_kind kind = history_effect(row);
	struct history_folder f = {0};

	e->folders += kind == EFFECT_CREATE || kind == EFFECT_REVIVE;
	if (history_has_entries(kind)) {
		if (!history_moved(row)) /* its GONE has counted them */
			e->count += history_count(row);
	} else if ((x->st = history_folder(row, &f)) != ST_OK) {
		return;
	}
	if (f.name.n)
		name_back(x, e, row, arena_str(x->arena, f.name));
	else if (row->mailbox)
		name_back(x, e, row, box_name(x, row->mailbox));
}

static void
fill_event(
    struct events *x, struct past_event *e, const struct history_row *row)
{
	enum effect_kind kind = history_effect(row);
	struct history_folder f;
	uint64_t source;

	if (kind == EFFECT_GONE)
		e->gone += history_count(row);
	if (e->kind == CHANGE_RESTORE || e->kind == CHANGE_UNDO) {
		fill_back(x, e, row);
		return;
	}
	if (history_has_entries(kind)) {
		if (kind == EFFECT_ADD && e->mailbox) {
			e->target = row->mailbox; /* MOVE, RENAME INBOX */
			e->new_name = box_name(x, e->target);
			e->trash = in_trash(x, e->new_name);
			return;
		}
		if (kind == EFFECT_ADD && history_source(row, &source)) {
			e->mailbox = source;
			e->name = box_name(x, source);
			e->target = row->mailbox;
			e->new_name = box_name(x, e->target);
			e->trash = in_trash(x, e->new_name);
		} else if (!e->mailbox) {
			e->mailbox = row->mailbox;
			e->name = box_name(x, row->mailbox);
		}
		e->count += history_count(row);
		return;
	}
	if ((x->st = history_folder(row, &f)) != ST_OK)
		return;
	/* Of a rename with all below, the last row is the one asked for. */
	e->mailbox = row->mailbox;
	e->name = f.name.n ? arena_str(x->arena, f.name)
	    : row->mailbox ? box_name(x, row->mailbox)
			   : f.name;
	e->new_name = arena_str(x->arena, f.new_name);
	e->trash = kind == EFFECT_RENAME && in_trash(x, e->new_name) &&
	    !in_trash(x, e->name);
}

static bool
collect_event(void *ctx, const struct history_row *row)
{
	struct events *x = ctx;
	struct past_event *e = x->n_events ? &x->events[x->n_events - 1] : NULL;

	if (row->modseq > x->a->modseq)
		return false;
	if (history_effect(row) == EFFECT_EPOCH)
		return true;
	if (!e || e->modseq != row->modseq) {
		if (x->n_events == x->max)
			return false;
		e = VEC_ADD(x, events);
		e->modseq = row->modseq;
		e->wall_ms = row->wall;
		e->kind = history_change(row);
		e->origin_id = row->origin;
		x->back_named = x->by_gone = false;
	}
	fill_event(x, e, row);
	return x->st == ST_OK;
}

enum status
past_events(struct account *a, uint64_t from, size_t max, struct arena *arena,
    struct past_event **out, size_t *n_out)
{
	struct events x = {.a = a, .arena = arena, .max = max};
	enum status st = db_history(a, false,
	    from > a->history_from ? from : a->history_from, collect_event, &x);

	if (st == ST_OK)
		st = x.st;
	for (size_t i = 0; i < x.n_events && st == ST_OK; i++) {
		struct past_event *e = &x.events[i];

		if (i > 0 && e->origin_id == e[-1].origin_id)
			e->origin = e[-1].origin;
		else
			st = db_origin(a, e->origin_id, arena, &e->origin);
	}
	if (st == ST_OK) {
		*out = ARENA_ARRAY(arena, struct past_event, x.n_events + 1);
		if (x.n_events)
			memcpy(*out, x.events, x.n_events * sizeof(*x.events));
		*n_out = x.n_events;
	}
	free(x.events);
	return st;
}

struct habit {
	struct map origins; /* ids that are the one, 1, or another's, 2 */
	struct account *a;
	int64_t wall;
	uint64_t unknown; /* an origin to be looked up; 0: none */
	uint64_t at;      /* where the walk goes on */
	bool found;
};

static bool
look_for_removal(void *ctx, const struct history_row *row)
{
	struct habit *h = ctx;
	uintptr_t is;

	if (row->modseq > h->a->modseq || row->wall >= h->wall)
		return false;
	if (history_effect(row) != EFFECT_GONE)
		return true;
	is = (uintptr_t)map_get_u64(&h->origins, row->origin);
	if (!is) {
		h->unknown = row->origin;
		h->at = row->modseq - 1;
		return false;
	}
	h->found = is == 1;
	return !h->found;
}

enum status
past_removed_before(struct account *a, struct str credential,
    struct str protocol, int64_t wall_ms, bool *out)
{
	struct habit h = {.a = a, .wall = wall_ms, .at = a->history_from};
	struct arena arena = ARENA_INIT;
	struct origin o;
	enum status st;

	do {
		h.unknown = 0;
		st = db_history(a, false, h.at, look_for_removal, &h);
		if (st == ST_OK && h.unknown)
			st = db_origin(a, h.unknown, &arena, &o);
		if (st == ST_OK && h.unknown)
			(void)map_set_u64(&h.origins, h.unknown,
			    (void *)(uintptr_t)(str_eq(
						    o.credential, credential) &&
					str_eq(o.protocol, protocol)
				    ? 1
				    : 2));
	} while (st == ST_OK && h.unknown);
	map_release(&h.origins);
	arena_release(&arena);
	if (st == ST_OK)
		*out = h.found;
	return st;
}

#include "store/past.h"

#include "base/vec.h"
#include "store/columns.h"
#include "store/flagset.h"
#include "store/past_int.h"

bool
past_reaches(struct account *a, uint64_t modseq)
{
	/* S22: a modseq that may have meant something else says nothing. */
	return modseq >= a->history_from && !db_lost(a, modseq);
}

static struct past_box *
add_box(struct past_walk *w, uint64_t id)
{
	struct past_box *p = ARENA_NEW(w->arena, struct past_box);
	const struct mbox *b = mbox_get(w->a, id);

	if (b) {
		p->m = b->pub;
		p->m.name = arena_str(w->arena, b->pub.name);
		p->exists = true;
	} else {
		p->m.id = id;
	}
	*VEC_ADD(w, boxes) = p;
	map_set_u64(&w->box_of, id, p);
	return p;
}

struct past_box *
past_box(struct past_walk *w, uint64_t id)
{
	struct past_box *p = map_get_u64(&w->box_of, id);

	return p ? p : add_box(w, id);
}

/* The messages of now, to be undone. */
enum status
past_touch(struct past_walk *w, struct past_box *p)
{
	struct mbox *b;
	enum status st;
	size_t n;

	if (p->touched)
		return ST_OK;
	p->touched = true;
	if (!mbox_get(w->a, p->m.id))
		return ST_OK;
	if ((st = mbox_columns(w->a, p->m.id, &b)) != ST_OK)
		return st;
	n = columns_count(b->columns);
	mem_grow(&p->items, &p->cap_items, n + 1, sizeof(*p->items));
	for (size_t i = 0; i < n; i++) {
		columns_at(b->columns, i, &p->items[i].e, &p->items[i].size);
		p->items[i].present = true;
	}
	p->n_items = p->n_now = n;
	return ST_OK;
}

/* Most lookups follow the one before: try there, then bisect. */
struct past_item *
past_find(struct past_box *p, uint32_t uid)
{
	size_t lo = 0, hi = p->n_now, at;

	if (p->hint < p->n_now && p->items[p->hint].e.uid == uid)
		return &p->items[p->hint++];
	while (lo < hi) {
		at = lo + (hi - lo) / 2;
		if (p->items[at].e.uid < uid)
			lo = at + 1;
		else
			hi = at;
	}
	if (lo < p->n_now && p->items[lo].e.uid == uid) {
		p->hint = lo + 1;
		return &p->items[lo];
	}
	at = (size_t)(uintptr_t)map_get_u64(&p->back, uid);
	return at ? &p->items[at - 1] : NULL;
}

/* What left is there. It may have come back since, under its uid (S30). */
static void
undo_gone(struct past_walk *w, struct past_box *p, struct past_item *item,
    const struct history_row *row, const struct entry *e, uint64_t size)
{
	if (item && item->present) {
		w->st = ST_CORRUPT;
		return;
	}
	if (!item) {
		item = VEC_ADD(p, items);
		item->gone = row->modseq;
		item->with_folder = row->modseq == p->death;
		map_set_u64(&p->back, e->uid, (void *)(uintptr_t)p->n_items);
	}
	item->e = *e;
	item->e.modseq = w->modseq;
	item->size = size;
	item->present = true;
}

static void
undo_entry(struct past_walk *w, struct past_box *p,
    const struct history_row *row, const struct entry *e, uint64_t size)
{
	struct past_item *item = past_find(p, e->uid);
	enum effect_kind kind = history_effect(row);

	if (kind == EFFECT_GONE) {
		undo_gone(w, p, item, row, e, size);
		return;
	}
	if (!item || !item->present) {
		w->st = ST_CORRUPT;
		return;
	}
	if (kind == EFFECT_ADD || kind == EFFECT_BACK) {
		item->present = false;
	} else {
		item->e.flagset = e->flagset;
	}
	/* What it was before, history does not keep: at most the point asked. */
	item->e.modseq = w->modseq;
}

static void
undo_entries(struct past_walk *w, const struct history_row *row)
{
	struct past_box *p = past_box(w, row->mailbox);
	enum effect_kind kind = history_effect(row);
	struct history_reader r;
	struct entry e;
	uint64_t size;
	bool first = true;

	if (w->st == ST_OK)
		w->st = past_touch(w, p);
	history_read(&r, row);
	while (w->st == ST_OK && history_next(&r, &e, &size)) {
		if (kind == EFFECT_ADD && first)
			p->m.uidnext = e.uid;
		first = false;
		undo_entry(w, p, row, &e, size);
	}
	if (!wire_ok(&r.w))
		w->st = ST_CORRUPT;
}

static void
undo_folder(struct past_walk *w, const struct history_row *row)
{
	struct history_folder f;
	struct past_box *p;
	enum status st = history_folder(row, &f);

	if (st != ST_OK) {
		w->st = st;
		return;
	}
	if (history_effect(row) == EFFECT_SUBSCRIBE) {
		map_set(&w->subscribed, f.name,
		    (void *)(uintptr_t)(f.was_on ? 2 : 1));
		return;
	}
	if (row->mailbox == 0)
		return;
	p = past_box(w, row->mailbox);
	switch (history_effect(row)) {
	case EFFECT_CREATE:
	case EFFECT_REVIVE:
		p->exists = false;
		break;
	case EFFECT_DELETE:
		if (!p->died)
			p->died = row->modseq;
		p->death = row->modseq;
		p->exists = true;
		p->touched = true; /* nothing of now is its own */
		p->m.name = arena_str(w->arena, f.name);
		p->m.selectable = f.was_selectable;
		p->m.special_use = f.was_special_use;
		p->m.uidvalidity = f.was_uidvalidity;
		p->m.uidnext = f.was_uidnext;
		p->m.recent_from = f.was_recent_from;
		break;
	case EFFECT_RENAME:
		p->m.name = arena_str(w->arena, f.name);
		break;
	case EFFECT_SPECIAL_USE:
		p->m.special_use = f.was_special_use;
		break;
	default:
		break;
	}
}

static bool
undo_row(void *ctx, const struct history_row *row)
{
	struct past_walk *w = ctx;

	/* Committed, not published yet: not a part of now. */
	if (row->modseq > w->a->modseq)
		return true;
	if (w->only && row->mailbox != w->only)
		return true;
	if (w->each && (w->st = w->each(w->ctx, w, row)) != ST_OK)
		return false;
	if (history_has_entries(history_effect(row)))
		undo_entries(w, row);
	else
		undo_folder(w, row);
	return w->st == ST_OK;
}

/* S33: as if they had never been there. */
static void
drop_purged(struct past_walk *w)
{
	for (size_t i = 0; i < w->n_boxes; i++) {
		struct past_box *p = w->boxes[i];

		for (size_t k = p->n_now; k < p->n_items; k++)
			if (db_purged(w->a, p->items[k].e.message))
				p->items[k].present = false;
	}
}

enum status
past_walk(struct past_walk *w)
{
	enum status st;

	if (!past_reaches(w->a, w->modseq))
		return ST_NOT_FOUND;
	st = db_history(w->a, true, w->modseq, undo_row, w);
	if (st == ST_OK && w->st == ST_OK && db_any_purged(w->a))
		drop_purged(w);
	return st != ST_OK ? st : w->st;
}

void
past_walk_release(struct past_walk *w)
{
	for (size_t i = 0; i < w->n_boxes; i++) {
		free(w->boxes[i]->items);
		map_release(&w->boxes[i]->back);
	}
	free(w->boxes);
	map_release(&w->box_of);
	map_release(&w->subscribed);
}

static int
by_uid(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

enum status
past_mailbox(struct account *a, uint64_t mailbox, uint64_t modseq,
    struct arena *arena, struct past_state *out)
{
	struct past_walk w = {
	    .a = a, .modseq = modseq, .only = mailbox, .arena = arena};
	struct past_state s = {0};
	struct past_box *p;
	bool sorted = true;
	enum status st;

	if ((st = past_walk(&w)) != ST_OK)
		goto out;
	p = past_box(&w, mailbox);
	if ((st = p->exists ? past_touch(&w, p) : ST_NOT_FOUND) != ST_OK)
		goto out;
	s.entries = ARENA_ARRAY(arena, struct entry, p->n_items + 1);
	for (size_t i = 0; i < p->n_items; i++) {
		if (!p->items[i].present)
			continue;
		sorted = sorted &&
		    (s.n == 0 || s.entries[s.n - 1].uid < p->items[i].e.uid);
		s.entries[s.n++] = p->items[i].e;
	}
	if (!sorted)
		qsort(s.entries, s.n, sizeof(*s.entries), by_uid);
	s.uidvalidity = p->m.uidvalidity;
	s.uidnext = p->m.uidnext;
	s.name = p->m.name;
	*out = s;
out:
	past_walk_release(&w);
	return st;
}

void
past_count(struct account *a, struct past_box *p)
{
	struct mailbox *m = &p->m;

	if (!p->touched)
		return;
	m->messages = m->unseen = m->deleted = 0;
	m->size = m->deleted_size = 0;
	for (size_t i = 0; i < p->n_items; i++) {
		const struct past_item *item = &p->items[i];
		unsigned bits;

		if (!item->present)
			continue;
		bits = flagset_get(a->flagsets, item->e.flagset)->flags.bits;
		m->messages++;
		m->size += item->size;
		m->unseen += !(bits & FLAG_SEEN);
		m->deleted += (bits & FLAG_DELETED) != 0;
		if (bits & FLAG_DELETED)
			m->deleted_size += item->size;
	}
}

bool
past_was_subscribed(const struct past_walk *w, struct str name)
{
	uintptr_t was = (uintptr_t)map_get(&w->subscribed, name);

	if (was)
		return was == 2;
	for (size_t i = 0; i < w->a->n_subscriptions; i++)
		if (str_eq(w->a->subscriptions[i], name))
			return true;
	return false;
}

enum status
past_mailboxes(struct account *a, uint64_t modseq, struct arena *arena,
    struct mailbox **out, size_t *n_out)
{
	struct past_walk w = {.a = a, .modseq = modseq, .arena = arena};
	struct mailbox *list;
	size_t n = 0, pos = 0;
	enum status st;
	void *value;

	if ((st = past_walk(&w)) != ST_OK)
		goto out;
	while (map_next(&a->boxes, &pos, NULL, &value))
		past_box(&w, ((struct mbox *)value)->pub.id);
	list = ARENA_ARRAY(arena, struct mailbox, w.n_boxes + 1);
	for (size_t i = 0; i < w.n_boxes; i++) {
		struct past_box *p = w.boxes[i];

		if (!p->exists)
			continue;
		past_count(a, p);
		p->m.subscribed = past_was_subscribed(&w, p->m.name);
		if (p->m.highestmodseq > modseq)
			p->m.highestmodseq = modseq;
		list[n++] = p->m;
	}
	qsort(list, n, sizeof(*list), mailbox_by_name);
	*out = list;
	*n_out = n;
out:
	past_walk_release(&w);
	return st;
}

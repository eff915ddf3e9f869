/* What the plans of all change kinds share. */
#include "base/vec.h"
#include "base/wire.h"
#include "store/columns.h"
#include "store/flagset.h"
#include "store/store_int.h"
#include "store/turn_int.h"

static struct pbox *
adopt(struct turn *t, struct mbox *mbox)
{
	struct pbox *p = ARENA_NEW(&t->arena, struct pbox);

	p->mbox = mbox;
	p->now = mbox->pub;
	p->gone_modseq = mbox->gone_modseq;
	p->exists = true;
	*VEC_ADD(t, boxes) = p;
	map_set_u64(&t->box_of, p->now.id, p);
	return p;
}

struct pbox *
plan_box(struct turn *t, uint64_t mailbox)
{
	struct pbox *p = map_get_u64(&t->box_of, mailbox);
	struct mbox *mbox;

	if (p)
		return p->exists ? p : NULL;
	mbox = mbox_get(t->a, mailbox);
	return mbox ? adopt(t, mbox) : NULL;
}

struct pbox *
plan_find(struct turn *t, struct str name)
{
	struct mbox *mbox;

	for (size_t i = 0; i < t->n_boxes; i++)
		if (t->boxes[i]->exists && str_eq(t->boxes[i]->now.name, name))
			return t->boxes[i];
	mbox = map_get(&t->a->by_name, name);
	/* One that the plan knows has another name by now, or is gone. */
	if (!mbox || map_get_u64(&t->box_of, mbox->pub.id))
		return NULL;
	return adopt(t, mbox);
}

struct pbox *
plan_new_box(struct turn *t, struct str name)
{
	struct pbox *p = ARENA_NEW(&t->arena, struct pbox);
	int64_t now = t->wall / 1000;

	/* S20: one counter per account, never behind the clock. */
	t->row.last_uidvalidity++;
	if (now > t->row.last_uidvalidity && now <= UINT32_MAX)
		t->row.last_uidvalidity = (uint32_t)now;
	p->now.id = t->row.next_id++;
	p->now.name = arena_str(&t->arena, name);
	p->now.selectable = true;
	p->now.uidvalidity = t->row.last_uidvalidity;
	p->now.uidnext = 1;
	p->now.recent_from = 1;
	p->exists = true;
	*VEC_ADD(t, boxes) = p;
	map_set_u64(&t->box_of, p->now.id, p);
	return p;
}

bool
plan_has_children(struct turn *t, struct str name)
{
	size_t n, pos = 0;
	struct str key;
	void *value;

	for (n = 0; n < t->n_boxes; n++)
		if (t->boxes[n]->exists &&
		    name_is_below(t->boxes[n]->now.name, name))
			return true;
	while (map_next(&t->a->by_name, &pos, &key, &value)) {
		const struct mbox *b = value;

		if (name_is_below(key, name) &&
		    !map_get_u64(&t->box_of, b->pub.id))
			return true;
	}
	return false;
}

bool
plan_may(const struct change *c, unsigned rights)
{
	return !c->viewer || (c->viewer->rights & rights) == rights;
}

static uint64_t
origin_id(struct turn *t, const struct origin *o)
{
	const struct origin none = {0};
	struct buf key;
	uint64_t id;

	if (!o)
		o = &none;
	buf_init(&key, 8192);
	wire_put_str(&key, str_first(o->person, ORIGIN_TEXT_MAX));
	wire_put_str(&key, str_first(o->credential, ORIGIN_TEXT_MAX));
	wire_put_str(&key, str_first(o->protocol, ORIGIN_TEXT_MAX));
	wire_put_str(&key, str_first(o->client, ORIGIN_TEXT_MAX));
	wire_put_str(&key, str_first(o->peer, ORIGIN_TEXT_MAX));
	id = (uint64_t)(uintptr_t)map_get(&t->a->origins, buf_str(&key));
	for (size_t i = 0; i < t->n_origins && !id; i++)
		if (str_eq(t->origins[i], buf_str(&key)))
			id = t->a->last_origin + i + 1;
	if (!id) {
		*VEC_ADD(t, origins) = arena_str(&t->arena, buf_str(&key));
		id = t->a->last_origin + t->n_origins;
	}
	buf_release(&key);
	return id;
}

struct effect *
plan_effect(
    struct turn *t, struct ask *ask, enum effect_kind kind, struct pbox *box)
{
	const struct effect *before =
	    t->n_effects ? &t->effects[t->n_effects - 1] : NULL;
	uint32_t part = 0;
	struct effect *e;

	if (ask->changed.modseq == 0)
		ask->changed.modseq = ++t->row.modseq;
	else if (before)
		part = before->part + 1;
	e = VEC_ADD(t, effects);
	e->kind = kind;
	e->change = ask->c.kind;
	e->modseq = ask->changed.modseq;
	e->part = part;
	e->origin = origin_id(t, ask->c.origin);
	e->box = box;
	if (box) {
		box->now.highestmodseq = e->modseq;
		box->dirty = true;
	}
	return e;
}

struct gather {
	struct turn *t;
	struct pbox *box;
	struct row *rows;
	size_t n_rows, cap_rows;
};

static void
gather_row(struct gather *g, const struct row *r)
{
	if (!r->e.expunged)
		*VEC_ADD(g, rows) = *r;
}

static void
gather_range(struct gather *g, uint32_t first, uint32_t last)
{
	struct columns *c = g->box->mbox ? g->box->mbox->columns : NULL;
	size_t n = c ? columns_count(c) : 0;

	for (size_t i = c ? columns_lower(c, first) : 0; i < n; i++) {
		struct row r = {0}, *over;

		columns_at(c, i, &r.e, &r.size);
		if (r.e.uid > last)
			break;
		over =
		    g->box->over.n ? map_get_u64(&g->box->over, r.e.uid) : NULL;
		gather_row(g, over ? over : &r);
	}
	for (size_t i = 0; i < g->box->n_added; i++)
		if (g->box->added[i]->e.uid >= first &&
		    g->box->added[i]->e.uid <= last)
			gather_row(g,
			    map_get_u64(
				&g->box->over, g->box->added[i]->e.uid));
}

static void
gather_done(struct gather *g, struct row **out, size_t *n_out)
{
	*out = ARENA_ARRAY(&g->t->arena, struct row, g->n_rows + 1);
	if (g->n_rows)
		memcpy(*out, g->rows, g->n_rows * sizeof(struct row));
	*n_out = g->n_rows;
	free(g->rows);
}

static enum status
need_columns(struct turn *t, struct pbox *box)
{
	struct mbox *b;

	return box->mbox ? mbox_columns(t->a, box->now.id, &b) : ST_OK;
}

enum status
plan_rows(struct turn *t, struct pbox *box, const struct uidset *set,
    struct row **out, size_t *n_out)
{
	struct gather g = {.t = t, .box = box};
	enum status st = need_columns(t, box);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < set->n_ranges; i++)
		gather_range(&g, set->ranges[i].first, set->ranges[i].last);
	gather_done(&g, out, n_out);
	return ST_OK;
}

enum status
plan_all_rows(struct turn *t, struct pbox *box, struct row **out, size_t *n_out)
{
	struct gather g = {.t = t, .box = box};
	enum status st = need_columns(t, box);

	if (st != ST_OK)
		return st;
	gather_range(&g, 1, UINT32_MAX);
	gather_done(&g, out, n_out);
	return ST_OK;
}

static bool
has_keyword(const struct str *list, size_t n, struct str keyword)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(list[i], keyword))
			return true;
	return false;
}

void
plan_bear(struct turn *t, struct pbox *box, uint32_t flagset)
{
	const struct flags *f = &flagset_get(t->a->flagsets, flagset)->flags;

	for (size_t i = 0; i < f->n_keywords; i++) {
		struct str k = f->keywords[i];

		if ((box->mbox &&
			has_keyword(
			    box->mbox->keywords, box->mbox->n_keywords, k)) ||
		    has_keyword(box->keywords, box->n_keywords, k))
			continue;
		*VEC_ADD(box, keywords) = arena_str(&t->arena, k);
	}
}

enum status
plan_keywords(struct turn *t, struct pbox *box, uint32_t flagset)
{
	size_t had = box->n_keywords, old = 0;

	if (box->mbox)
		old = box->mbox->n_keywords;
	plan_bear(t, box, flagset);
	if (box->n_keywords > had &&
	    old + box->n_keywords > MAILBOX_KEYWORDS_MAX) {
		box->n_keywords = had;
		return ST_LIMIT;
	}
	return ST_OK;
}

/* Adds a row to the counts of its mailbox and account, or takes it away. */
static void
count(struct turn *t, struct pbox *box, const struct row *r, bool add)
{
	unsigned bits = flagset_get(t->a->flagsets, r->e.flagset)->flags.bits;
	struct mailbox *m = &box->now;
	uint32_t one = add ? 1 : UINT32_MAX;
	uint64_t size = add ? r->size : 0 - r->size;

	m->messages += one;
	m->size += size;
	t->row.messages += add ? 1 : UINT64_MAX;
	t->row.bytes += size;
	if (!(bits & FLAG_SEEN))
		m->unseen += one;
	if (bits & FLAG_DELETED) {
		m->deleted += one;
		m->deleted_size += size;
	}
}

static struct effect *
rows_effect(struct turn *t, struct ask *ask, enum effect_kind kind,
    struct pbox *box, struct row *rows, size_t n)
{
	struct effect *e = plan_effect(t, ask, kind, box);

	e->rows = rows;
	e->n_rows = n;
	t->n_touched += n;
	for (size_t i = 0; i < n; i++) {
		rows[i].e.modseq = e->modseq;
		map_set_u64(&box->over, rows[i].e.uid, &rows[i]);
	}
	return e;
}

struct effect *
plan_add(struct turn *t, struct ask *ask, struct pbox *box, struct row *rows,
    size_t n)
{
	struct effect *e = rows_effect(t, ask, EFFECT_ADD, box, rows, n);

	for (size_t i = 0; i < n; i++) {
		*VEC_ADD(box, added) = &rows[i];
		count(t, box, &rows[i], true);
	}
	box->now.uidnext = rows[n - 1].e.uid + 1;
	return e;
}

struct effect *
plan_back(struct turn *t, struct ask *ask, struct pbox *box, struct row *rows,
    size_t n)
{
	struct effect *e = rows_effect(t, ask, EFFECT_BACK, box, rows, n);

	for (size_t i = 0; i < n; i++) {
		*VEC_ADD(box, added) = &rows[i];
		count(t, box, &rows[i], true);
	}
	e->copied = true;
	return e;
}

struct effect *
plan_gone(struct turn *t, struct ask *ask, struct pbox *box, struct row *rows,
    size_t n)
{
	struct effect *e;

	for (size_t i = 0; i < n; i++) {
		count(t, box, &rows[i], false);
		rows[i].e.expunged = true;
	}
	e = rows_effect(t, ask, EFFECT_GONE, box, rows, n);
	box->gone_modseq = e->modseq;
	return e;
}

struct effect *
plan_flags(struct turn *t, struct ask *ask, struct pbox *box, struct row *rows,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct row old = rows[i];

		old.e.flagset = rows[i].old_flagset;
		count(t, box, &old, false);
		count(t, box, &rows[i], true);
	}
	return rows_effect(t, ask, EFFECT_FLAGS, box, rows, n);
}

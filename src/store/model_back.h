/*
 * For model tests: what a restore brings, worked out naively from copies of
 * all the states there ever were (S30, S32, docs/decisions/0011).
 */
#ifndef STORE_MODEL_BACK_H
#define STORE_MODEL_BACK_H

#include "store/model_change.h"
#include "store/restore.h"

/* An entry that is shown now and was not then. */
struct mod_fresh {
	uint64_t message, box;
	uint32_t uid;
	bool taken;
};

struct mod_item { /* one that was there then and is missing */
	struct ent e;
	bool there;
};

struct mod_aim {
	const struct mod_box *then;
	uint64_t id; /* of the mailbox that gets it; 0: to be made */
	bool revive;
	struct mod_item *items;
	size_t n;
};

struct mod_back {
	struct model *m;
	const struct change *c;
	struct state *then;
	uint64_t modseq; /* that it would get */
	struct mod_fresh *fresh;
	size_t n_fresh;
	struct mod_aim aims[BOXES];
	size_t n_aims;
	bool effect;
};

static inline struct state *
state_at(struct model *m, uint64_t modseq)
{
	return m->past[modseq - m->first_modseq];
}

/* Has another mailbox with messages borne the name since? */
static inline bool
borne(struct mod_back *x, const char *name, uint64_t id)
{
	for (uint64_t at = x->c->at + 1; at <= x->m->modseq; at++) {
		struct mod_box *b = by_name(state_at(x->m, at), name);

		if (b && b->selectable && b->id != id)
			return true;
	}
	return false;
}

/* The last modseq at which it was there; uid 0: the mailbox. */
static inline uint64_t
last_seen(struct mod_back *x, uint64_t id, uint32_t uid)
{
	char key[12];

	return (uint64_t)(uintptr_t)map_get(
	    &x->m->seen, seen_key(id, uid, key));
}

static inline bool
wanted(const struct change *c, const struct mod_box *b)
{
	const char *name = c->name.n ? c->name.p : "";

	if (c->mailbox)
		return b->id == c->mailbox;
	return !*name || strcmp(b->name, name) == 0 || below(b->name, name);
}

static inline int
aims_by_name(const void *x, const void *y)
{
	const struct mod_aim *a = x, *b = y;

	return strcmp(a->then->name, b->then->name);
}

static inline void
take_aims(struct mod_back *x, bool living)
{
	for (size_t i = 0; i < x->then->n; i++) {
		const struct mod_box *p = &x->then->b[i];
		struct mod_box *now = by_id(&x->m->s, p->id);
		struct mod_box *holder = by_name(&x->m->s, p->name);
		struct mod_aim *aim = &x->aims[x->n_aims];

		if (!wanted(x->c, p) || (now != NULL) != living ||
		    (!now && !p->selectable && holder))
			continue;
		*aim = (struct mod_aim){.then = p};
		if (now)
			aim->id = now->id;
		else if (holder && holder->selectable)
			aim->id = holder->id;
		else if (p->selectable && !borne(x, p->name, p->id))
			aim->revive = true;
		x->n_aims++;
	}
	qsort(x->aims, x->n_aims, sizeof(x->aims[0]), aims_by_name);
}

static inline int
fresh_by_place(const void *x, const void *y)
{
	const struct mod_fresh *a = x, *b = y;

	if (a->box != b->box)
		return a->box < b->box ? -1 : 1;
	return a->uid < b->uid ? -1 : 1;
}

static inline void
find_mod_fresh(struct mod_back *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->m->s.n; i++)
		n += x->m->s.b[i].n;
	x->fresh = calloc(n + 1, sizeof(*x->fresh));
	for (size_t i = 0; i < x->m->s.n; i++) {
		struct mod_box *b = &x->m->s.b[i];
		struct mod_box *was = by_id(x->then, b->id);

		for (size_t k = 0; k < b->n; k++)
			if (!by_uid(was, b->e[k].uid))
				x->fresh[x->n_fresh++] = (struct mod_fresh){
				    b->e[k].message, b->id, b->e[k].uid, false};
	}
	qsort(x->fresh, x->n_fresh, sizeof(*x->fresh), fresh_by_place);
}

static inline struct mod_fresh *
take_mod_fresh(struct mod_back *x, uint64_t message, uint64_t box)
{
	for (size_t i = 0; i < x->n_fresh; i++) {
		struct mod_fresh *f = &x->fresh[i];

		if (f->taken || f->message != message || (box && f->box != box))
			continue;
		f->taken = true;
		return f;
	}
	return NULL;
}

static inline struct mod_aim *
aim_of(struct mod_back *x, uint64_t id)
{
	for (size_t i = 0; i < x->n_aims; i++)
		if (x->aims[i].then->id == id)
			return &x->aims[i];
	return NULL;
}

static inline int
boxes_by_id(const void *x, const void *y)
{
	const struct mod_box *const *a = x, *const *b = y;

	return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

static inline bool
went_with_folder(struct mod_back *x, uint64_t id, uint32_t uid)
{
	return !by_id(state_at(x->m, last_seen(x, id, uid) + 1), id);
}

static inline void
match_one(struct mod_back *x, const struct mod_box *b, int pass)
{
	struct mod_aim *aim = aim_of(x, b->id);
	struct mod_box *now = by_id(&x->m->s, b->id);
	uint64_t target = aim ? aim->id : now ? now->id : 0;

	for (size_t k = 0; k < b->n; k++) {
		const struct ent *e = &b->e[k];
		int class = 2;
		bool there;

		if (by_uid(now, e->uid))
			continue;
		if (aim && (!x->c->mailbox || uidset_has(&x->c->uids, e->uid)))
			class = !went_with_folder(x, b->id, e->uid);
		if (class != pass)
			continue;
		there = target && take_mod_fresh(x, e->message, target);
		if (class < 2)
			aim->items[aim->n++] = (struct mod_item){*e, there};
	}
}

static inline int
items_by_uid(const void *x, const void *y)
{
	const struct mod_item *a = x, *b = y;

	return a->e.uid < b->e.uid ? -1 : a->e.uid > b->e.uid;
}

/* All that is missing anywhere, and what answers for it already. */
static inline void
match(struct mod_back *x)
{
	const struct mod_box *list[BOXES];

	for (size_t i = 0; i < x->n_aims; i++)
		x->aims[i].items =
		    calloc(x->aims[i].then->n + 1, sizeof(*x->aims[i].items));
	for (size_t i = 0; i < x->then->n; i++)
		list[i] = &x->then->b[i];
	qsort(list, x->then->n, sizeof(list[0]), boxes_by_id);
	for (int pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < x->then->n; i++)
			match_one(x, list[i], pass);
	for (size_t i = 0; i < x->n_aims; i++)
		qsort(x->aims[i].items, x->aims[i].n, sizeof(struct mod_item),
		    items_by_uid);
}

static inline unsigned
unused(struct state *s, unsigned use)
{
	for (size_t i = 0; i < s->n; i++)
		use &= ~s->b[i].use;
	return use;
}

/* Parents that are missing only have children. */
static inline void
add_plain_parents(struct model *m, const char *name)
{
	char parent[NAME];

	for (size_t i = 1; name[i]; i++) {
		if (name[i] != '/')
			continue;
		snprintf(parent, sizeof(parent), "%.*s", (int)i, name);
		if (!by_name(&m->s, parent))
			add_box(m, parent)->selectable = false;
	}
}

static inline void
make_aim(struct mod_back *x, struct mod_aim *aim)
{
	struct model *m = x->m;
	struct mod_box *holder = by_name(&m->s, aim->then->name), *b;
	unsigned use = unused(&m->s, aim->then->use);

	if (holder)
		drop_box(m, holder);
	else
		add_plain_parents(m, aim->then->name);
	b = add_box(m, aim->then->name);
	b->selectable = aim->then->selectable;
	b->use = use;
	if (aim->revive) {
		struct state *s = state_at(m, last_seen(x, aim->then->id, 0));

		b->id = aim->then->id;
		b->uidvalidity = aim->then->uidvalidity;
		b->uidnext = by_id(s, b->id)->uidnext;
	}
	x->effect = true;
}

static inline void
open_mod_aim(struct mod_back *x, struct mod_aim *aim)
{
	struct model *m = x->m;
	const char *name = aim->then->name;
	bool lives = aim->id == aim->then->id;

	if (!aim->id)
		make_aim(x, aim);
	if (lives || !model_subscribed(x->then, name) ||
	    model_subscribed(&m->s, name))
		return;
	snprintf(m->s.subs[m->s.n_subs++], NAME, "%s", name);
	x->effect = true;
}

/* Would one below come to the name of another? */
static inline bool
collides(struct model *m, const char *from, const char *to)
{
	char name[2 * NAME];

	for (size_t i = 0; i < m->s.n; i++) {
		if (!below(m->s.b[i].name, from))
			continue;
		snprintf(name, sizeof(name), "%s%s", to,
		    m->s.b[i].name + strlen(from));
		if (by_name(&m->s, name))
			return true;
	}
	return false;
}

static inline bool
name_back(struct mod_back *x, struct mod_aim *aim)
{
	struct model *m = x->m;
	struct mod_box *b = by_id(&m->s, aim->then->id), *holder;
	const char *name = aim->then->name;
	char from[NAME];

	if (!b || strcmp(b->name, name) == 0)
		return false;
	memcpy(from, b->name, NAME);
	holder = by_name(&m->s, name);
	if ((holder && holder->selectable) ||
	    (!below(name, from) && collides(m, from, name)))
		return false;
	if (holder)
		drop_box(m, holder);
	if (below(name, from)) {
		b = by_id(&m->s, aim->then->id);
		memcpy(b->name, name, strlen(name) + 1);
		add_plain_parents(m, name);
	} else {
		add_plain_parents(m, name);
		rename_below(m, from, name);
	}
	return x->effect = true;
}

static inline void
put(struct mod_back *x, struct mod_box *b, struct ent e)
{
	if (!e.uid)
		e.uid = b->uidnext++;
	e.modseq = x->modseq;
	assert_true(b->n < BOX_ENTRIES);
	b->e[b->n++] = e;
	x->effect = true;
}

static inline void
flags_back(struct mod_back *x, struct mod_aim *aim, struct mod_box *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct ent *was = by_uid(aim->then, b->e[i].uid);

		if (!was || was->bits == b->e[i].bits ||
		    (x->c->mailbox && !uidset_has(&x->c->uids, was->uid)))
			continue;
		b->e[i].bits = was->bits;
		b->e[i].modseq = x->modseq;
		x->effect = true;
	}
}

struct mod_pull {
	struct mod_fresh *from;
	struct ent e;
};

static inline int
pulls_by_source(const void *x, const void *y)
{
	const struct mod_pull *a = x, *b = y;

	return fresh_by_place(a->from, b->from);
}

static inline void
fill_mod_aim(struct mod_back *x, struct mod_aim *aim, struct mod_pull *pulls,
    size_t *n_pulls, struct ent *added, size_t *n_added, struct mod_box *b)
{
	uint64_t died = aim->revive ? last_seen(x, aim->then->id, 0) : 0;

	for (size_t i = 0; i < aim->n; i++) {
		struct ent e = aim->items[i].e;
		uint64_t seen = last_seen(x, aim->then->id, e.uid);
		bool with_folder = went_with_folder(x, aim->then->id, e.uid);
		struct mod_fresh *f = NULL;

		if (aim->items[i].there)
			continue;
		if (!with_folder)
			f = take_mod_fresh(x, e.message, 0);
		if (f && x->c->move_back)
			pulls[(*n_pulls)++] = (struct mod_pull){f, e};
		else if (!f && aim->revive && seen == died)
			put(x, b, e);
		else if (!f)
			added[(*n_added)++] = e;
	}
}

static inline void
bring(struct mod_back *x, struct mod_aim *aim)
{
	struct mod_pull *pulls = calloc(aim->n + 1, sizeof(*pulls));
	struct ent *added = calloc(aim->n + 1, sizeof(*added));
	struct mod_box *b = aim->id ? by_id(&x->m->s, aim->id)
				    : by_name(&x->m->s, aim->then->name);
	size_t n_pulls = 0, n_added = 0;

	fill_mod_aim(x, aim, pulls, &n_pulls, added, &n_added, b);
	for (size_t i = 0; i < n_added; i++) {
		added[i].uid = 0;
		put(x, b, added[i]);
	}
	if (x->c->flags_back && aim->id == aim->then->id)
		flags_back(x, aim, b);
	qsort(pulls, n_pulls, sizeof(*pulls), pulls_by_source);
	for (size_t i = 0; i < n_pulls; i++) {
		struct mod_box *from = by_id(&x->m->s, pulls[i].from->box);
		struct uidset one = UIDSET_INIT;

		if (!x->c->flags_back)
			pulls[i].e.bits =
			    by_uid(from, pulls[i].from->uid)->bits;
		uidset_add(&one, pulls[i].from->uid, pulls[i].from->uid);
		do_gone(from, &one, true);
		uidset_release(&one);
		pulls[i].e.uid = 0;
		put(x, b, pulls[i].e);
	}
	free(pulls);
	free(added);
}

/* Does the restore to the model; the store does it before or after. */
static inline void
model_restore(struct model *m, const struct change *c)
{
	struct mod_back *x = calloc(1, sizeof(*x));

	x->m = m;
	x->c = c;
	x->then = state_at(m, c->at);
	x->modseq = m->modseq + 1;
	take_aims(x, true);
	for (bool more = c->move_back; more;) {
		more = false;
		for (size_t i = 0; i < x->n_aims; i++)
			if (name_back(x, &x->aims[i]))
				more = true;
	}
	take_aims(x, false);
	find_mod_fresh(x);
	match(x);
	for (size_t i = 0; i < x->n_aims; i++)
		open_mod_aim(x, &x->aims[i]);
	for (size_t i = 0; i < x->n_aims; i++) {
		bring(x, &x->aims[i]);
		free(x->aims[i].items);
	}
	if (x->effect)
		m->modseq++;
	free(x->fresh);
	free(x);
}

#endif

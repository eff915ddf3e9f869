/* The effects of a committed turn become what sessions see. */
#include "base/vec.h"
#include "store/columns.h"
#include "store/flagset.h"
#include "store/store_int.h"
#include "store/turn_int.h"

enum status
turn_load_columns(struct turn *t)
{
	enum status st = ST_OK;
	struct mbox *b;

	/* Between the commit and the publication a load would read ahead. */
	for (size_t i = 0; i < t->n_boxes && t->durable && st == ST_OK; i++)
		if (t->boxes[i]->mbox && t->boxes[i]->dirty)
			st = mbox_columns(t->a, t->boxes[i]->mbox->pub.id, &b);
	return st;
}

static void
make_boxes(struct turn *t)
{
	for (size_t i = 0; i < t->n_boxes; i++) {
		struct pbox *p = t->boxes[i];

		if (p->mbox || !p->exists)
			continue;
		p->mbox = mem_zalloc(sizeof(*p->mbox));
		p->mbox->pub = p->now;
		p->mbox->pub.name = str_of(str_dup(p->now.name), p->now.name.n);
		p->mbox->columns = columns_new();
		mbox_enter(t->a, p->mbox);
	}
}

static void
publish_gone(struct columns *c, const struct effect *e)
{
	struct uidset gone = UIDSET_INIT;

	for (size_t i = 0; i < e->n_rows; i++)
		uidset_add(&gone, e->rows[i].e.uid, e->rows[i].e.uid);
	columns_expunge(c, &gone, e->modseq);
	uidset_release(&gone);
}

static void
publish_flags(struct columns *c, const struct effect *e)
{
	size_t at = 0;
	struct entry old;
	uint64_t size;

	for (size_t i = 0; i < e->n_rows; i++) {
		const struct entry *new = &e->rows[i].e;

		/* Most of them follow each other. */
		if (i > 0 && ++at < columns_count(c)) {
			columns_at(c, at, &old, &size);
			if (old.uid != new->uid)
				at = columns_lower(c, new->uid);
		} else {
			at = columns_lower(c, new->uid);
		}
		columns_set_flags(c, at, new->flagset, new->modseq);
	}
}

static void
publish_added(struct columns *c, const struct effect *e)
{
	for (size_t i = 0; i < e->n_rows; i++) {
		struct entry new = e->rows[i].e;

		new.expunged = false;
		columns_add(c, &new, e->rows[i].size);
	}
}

static void
publish_rows(const struct effect *e)
{
	struct columns *c = e->box->mbox ? e->box->mbox->columns : NULL;

	if (!c)
		return;
	if (e->kind == EFFECT_FLAGS)
		publish_flags(c, e);
	else if (e->kind == EFFECT_GONE)
		publish_gone(c, e);
	else
		publish_added(c, e);
}

static int
find_subscription(const struct account *a, struct str name)
{
	for (size_t i = 0; i < a->n_subscriptions; i++)
		if (str_eq(a->subscriptions[i], name))
			return (int)i;
	return -1;
}

static void
publish_subscription(struct account *a, const struct effect *e)
{
	struct mbox *b = map_get(&a->by_name, e->name);
	int at = find_subscription(a, e->name);

	if (b)
		b->pub.subscribed = e->on;
	if (e->on && at < 0) {
		*VEC_ADD(a, subscriptions) =
		    str_of(str_dup(e->name), e->name.n);
	} else if (!e->on && at >= 0) {
		free((char *)(uintptr_t)a->subscriptions[at].p);
		a->subscriptions[at] = a->subscriptions[--a->n_subscriptions];
	}
}

/* Names change in two passes, so that two mailboxes may swap theirs. */
static void
publish_names(struct turn *t)
{
	struct account *a = t->a;

	for (size_t i = 0; i < t->n_boxes; i++) {
		struct pbox *p = t->boxes[i];

		/* One that was made in this turn may bear it by now. */
		if (p->mbox && !str_eq(p->mbox->pub.name, p->now.name) &&
		    map_get(&a->by_name, p->mbox->pub.name) == p->mbox)
			map_remove(&a->by_name, p->mbox->pub.name);
	}
	for (size_t i = 0; i < t->n_boxes; i++) {
		struct pbox *p = t->boxes[i];
		struct str name;

		if (!p->mbox || !p->exists ||
		    str_eq(p->mbox->pub.name, p->now.name))
			continue;
		name = str_of(str_dup(p->now.name), p->now.name.n);
		free((char *)(uintptr_t)p->mbox->pub.name.p);
		p->mbox->pub.name = name;
		map_set(&a->by_name, name, p->mbox);
	}
}

static void
publish_box(struct account *a, struct pbox *p)
{
	struct mailbox *pub = &p->mbox->pub;
	struct str name = pub->name;

	*pub = p->now;
	pub->name = name;
	pub->subscribed = find_subscription(a, name) >= 0;
	p->mbox->gone_modseq = p->gone_modseq;
	for (size_t i = 0; i < p->n_keywords; i++)
		*VEC_ADD(p->mbox, keywords) =
		    str_of(str_dup(p->keywords[i]), p->keywords[i].n);
}

void
turn_publish(struct turn *t)
{
	struct account *a = t->a;

	past_forget(a);
	for (size_t i = 0; i < t->n_boxes; i++)
		if (t->boxes[i]->mbox && !t->boxes[i]->exists)
			map_remove(&a->by_name, t->boxes[i]->mbox->pub.name);
	make_boxes(t);
	for (size_t i = 0; i < t->n_effects; i++) {
		const struct effect *e = &t->effects[i];

		if (e->n_rows)
			publish_rows(e);
		else if (e->kind == EFFECT_SUBSCRIBE)
			publish_subscription(a, e);
	}
	publish_names(t);
	for (size_t i = 0; i < t->n_boxes; i++) {
		struct pbox *p = t->boxes[i];

		if (p->mbox && p->exists) {
			publish_box(a, p);
		} else if (p->mbox) {
			if (p->mbox->columns)
				columns_kill(
				    p->mbox->columns, p->now.highestmodseq);
			mbox_leave(a, p->mbox);
		}
	}
	for (size_t i = 0; i < t->n_origins; i++)
		map_set(&a->origins, t->origins[i],
		    (void *)(uintptr_t)(a->last_origin + i + 1));
	a->last_origin += t->n_origins;
	/* Not all there are: views intern, too, while a sync is awaited. */
	a->flagsets_saved = t->n_flagsets;
	flagsets_are_saved(a->flagsets, t->n_saved_again);
	db_account_to(&t->row, a);
	a->list_old = true;
}

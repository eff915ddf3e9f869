/* What is shown now and was not then, and which missing message it answers for. */
#include "base/vec.h"
#include "store/back_int.h"

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

bool
back_lives(const struct back *b, const struct past_box *p)
{
	return mbox_get(b->t->a, p->m.id) != NULL;
}

void
back_find_fresh(struct back *b)
{
	for (size_t i = 0; i < b->w.n_boxes; i++) {
		struct past_box *p = b->w.boxes[i];

		for (size_t k = 0; back_lives(b, p) && k < p->n_now; k++) {
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

struct fresh *
back_untaken(struct back *b, uint64_t message, const struct past_box *box)
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
	struct past_box *now = aim ? aim->now : back_lives(b, p) ? p : NULL;
	struct past_item **items;
	size_t n;

	if (!now)
		return;
	items = missing(b, p, is, &n);
	for (size_t i = 0; i < n; i++) {
		struct fresh *f = back_untaken(b, items[i]->e.message, now);

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

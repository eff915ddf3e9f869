/* What UNDO wishes of a message or a mailbox, put together event by event. */
#include "base/vec.h"
#include "store/columns.h"
#include "store/flagset.h"
#include "store/undo_int.h"

struct wish_key {
	unsigned char bytes[12];
};

static struct str
key_of(const struct past_box *box, uint32_t uid, struct wish_key *key)
{
	memcpy(key->bytes, &box->m.id, 8);
	memcpy(key->bytes + 8, &uid, 4);
	return str_of((const char *)key->bytes, sizeof(key->bytes));
}

struct wish *
undo_wish_of(const struct undo *u, const struct past_box *box, uint32_t uid)
{
	struct wish_key key;

	return map_get(&u->wish_of, key_of(box, uid, &key));
}

void
undo_call(struct undo *u, struct wish *w, struct past_box *box, uint32_t uid)
{
	struct wish_key key;

	if (w->box)
		map_remove(&u->wish_of, key_of(w->box, w->uid, &key));
	w->box = box;
	w->uid = uid;
	map_set(&u->wish_of, key_of(box, uid, &key), w);
}

struct wish *
undo_new_wish(struct undo *u, struct past_box *box, uint32_t uid)
{
	struct wish *w = undo_wish_of(u, box, uid);

	if (w)
		return w;
	w = ARENA_NEW(u->b->w.arena, struct wish);
	undo_call(u, w, box, uid);
	*VEC_ADD(u, wishes) = w;
	return w;
}

struct box_wish *
undo_box(struct undo *u, struct past_box *box)
{
	struct box_wish *w = map_get_u64(&u->box_of, box->m.id);

	if (w)
		return w;
	w = ARENA_NEW(u->b->w.arena, struct box_wish);
	w->box = box;
	*VEC_ADD(u, boxes) = w;
	map_set_u64(&u->box_of, box->m.id, w);
	return w;
}

bool
undo_now(const struct past_box *box, const struct undo *u, uint32_t uid,
    struct entry *out, uint64_t *size_out)
{
	const struct mbox *mbox = mbox_get(u->b->t->a, box->m.id);
	size_t i;

	if (!mbox || !mbox->columns)
		return false;
	i = columns_lower(mbox->columns, uid);
	if (i == columns_count(mbox->columns))
		return false;
	columns_at(mbox->columns, i, out, size_out);
	return out->uid == uid;
}

/* In `list` and not in `other`. */
static struct flags
without(struct undo *u, const struct flags *list, const struct flags *other)
{
	struct str *words =
	    ARENA_ARRAY(u->b->w.arena, struct str, list->n_keywords + 1);
	struct flags out = {list->bits & ~other->bits, words, 0};

	for (size_t i = 0; i < list->n_keywords; i++) {
		size_t k = 0;

		while (k < other->n_keywords &&
		    !str_eqi(list->keywords[i], other->keywords[k]))
			k++;
		if (k == other->n_keywords)
			words[out.n_keywords++] = list->keywords[i];
	}
	return out;
}

uint32_t
undo_reversed(struct undo *u, uint32_t set, uint32_t after, uint32_t before)
{
	struct flagsets *fs = u->b->t->a->flagsets;
	const struct flags *a = &flagset_get(fs, after)->flags;
	const struct flags *b = &flagset_get(fs, before)->flags;
	struct flags took, gave;
	struct reversal *r;
	uint32_t out = set;

	for (size_t i = 0; i < u->n_reversals; i++) {
		r = &u->reversals[i];
		if (r->set == set && r->after == after && r->before == before)
			return r->out;
	}
	gave = without(u, a, b);
	took = without(u, b, a);
	if (flagset_apply(fs, set, FLAGS_REMOVE, &gave, &out) != ST_OK ||
	    flagset_apply(fs, out, FLAGS_ADD, &took, &out) != ST_OK)
		out = set;
	r = VEC_ADD(u, reversals);
	*r = (struct reversal){set, after, before, out};
	return out;
}

#include "store/text_table.h"

#include "base/wire.h"

static uint64_t
place_rows(struct text_table *t)
{
	uint64_t at = 0;

	for (unsigned k = 0; k < TEXT_KINDS; k++)
		for (unsigned i = 1; i < GRAMS_SIZES; i++) {
			t->rows[k][i] = at;
			at += (uint64_t)text_table_row(t, k, i) << i;
		}
	return at;
}

static bool
good_size(unsigned size)
{
	return size == 0 ||
	    (size >= GRAMS_LEAST_BITS && size <= GRAMS_MOST_BITS);
}

enum status
text_table_read(
    const struct text_fixed *f, struct str bytes, struct text_table *t)
{
	struct wire w = wire_of(bytes);
	uint64_t id = 0;

	t->n = 0;
	memset(t->count, 0, sizeof(t->count));
	for (size_t i = 0; i < f->messages; i++) {
		id += wire_var(&w);
		t->ids[i] = id;
		for (size_t k = 0; k < TEXT_KINDS; k++) {
			struct text_column *c = &t->columns[k][i];

			c->size = wire_u8(&w);
			if (!wire_ok(&w) || !good_size(c->size))
				return ST_CORRUPT;
			c->index = (uint16_t)t->count[k][c->size]++;
		}
	}
	if (!wire_end(&w) || place_rows(t) != f->sets)
		return ST_CORRUPT;
	t->n = f->messages;
	return ST_OK;
}

size_t
text_table_find(const struct text_table *t, uint64_t id)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->ids[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

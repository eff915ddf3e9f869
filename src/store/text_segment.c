#include "store/text_segment.h"

#include "base/wire.h"
#include "store/frame.h"
#include "store/text_table.h"

/* All sets of a segment; as many of the largest kind as it can have. */
enum { SETS_MAX = TEXT_KINDS * TEXT_SEGMENT << (GRAMS_MOST_BITS - 3) };

void
text_segment_init(struct text_segment *s)
{
	s->n = 0;
	buf_init(&s->sets, SETS_MAX);
}

void
text_segment_release(struct text_segment *s)
{
	buf_release(&s->sets);
}

void
text_segment_clear(struct text_segment *s)
{
	s->n = 0;
	buf_clear(&s->sets);
	buf_shrink(&s->sets);
}

void
text_segment_add(struct text_segment *s, uint64_t id,
    const struct grams *const grams[TEXT_KINDS])
{
	ASSERT(s->n < TEXT_SEGMENT && (s->n == 0 || id > s->ids[s->n - 1]));
	for (size_t k = 0; k < TEXT_KINDS; k++) {
		struct text_set *set = &s->set[k][s->n];

		set->at = s->sets.n;
		set->size = grams[k] ? grams_size(grams[k]) : 0;
		if (set->size)
			grams_put(grams[k], set->size, &s->sets);
	}
	s->ids[s->n++] = id;
}

/* A column becomes a message's set again. */
static void
take_column(const struct text_table *t, struct str sets, unsigned kind,
    size_t i, struct buf *out)
{
	const struct text_column *c = &t->columns[kind][i];
	size_t n = text_table_row(t, kind, c->size);
	const char *at = sets.p + t->rows[kind][c->size] + c->index / 8;

	for (size_t row = 0; row < (size_t)1 << c->size; row += 8) {
		unsigned byte = 0;

		for (unsigned b = 0; b < 8; b++)
			byte |=
			    ((unsigned)at[(row + b) * n] >> c->index % 8 & 1u)
			    << b;
		buf_addc(out, (char)byte);
	}
}

void
text_segment_take(struct text_segment *s, const struct text_table *t,
    struct str sets, size_t i)
{
	ASSERT(s->n < TEXT_SEGMENT);
	for (unsigned k = 0; k < TEXT_KINDS; k++) {
		struct text_set *set = &s->set[k][s->n];

		set->at = s->sets.n;
		set->size = t->columns[k][i].size;
		if (set->size)
			take_column(t, sets, k, i, &s->sets);
	}
	s->ids[s->n++] = t->ids[i];
}

static void
put_table(const struct text_segment *s, struct buf *out)
{
	uint64_t before = 0;

	for (size_t i = 0; i < s->n; i++) {
		wire_put_var(out, s->ids[i] - before);
		before = s->ids[i];
		for (size_t k = 0; k < TEXT_KINDS; k++)
			wire_put_u8(out, (uint8_t)s->set[k][i].size);
	}
}

/* A message's set becomes a column: of each row, one bit. */
static void
put_column(struct str set, char *rows, size_t row_bytes, size_t index)
{
	char bit = (char)(1 << index % 8);

	for (size_t i = 0; i < set.n; i++) {
		unsigned byte = (unsigned char)set.p[i];

		for (; byte; byte &= byte - 1) {
			size_t row = i * 8 + (size_t)__builtin_ctz(byte);
			char *to = rows + row * row_bytes + index / 8;

			*to = (char)(*to | bit);
		}
	}
}

static enum status
put_sets(
    const struct text_segment *s, size_t kind, unsigned size, struct buf *out)
{
	const struct text_set *set = s->set[kind];
	size_t n = 0, index = 0, row_bytes;
	char *rows;

	for (size_t i = 0; i < s->n; i++)
		n += set[i].size == size;
	row_bytes = (n + 7) / 8;
	rows = buf_reserve(out, row_bytes << size);
	if (!rows)
		return ST_LIMIT;
	memset(rows, 0, row_bytes << size);
	for (size_t i = 0; i < s->n; i++)
		if (set[i].size == size)
			put_column(str_of(s->sets.p + set[i].at,
				       (size_t)1 << (size - 3)),
			    rows, row_bytes, index++);
	buf_commit(out, row_bytes << size);
	return ST_OK;
}

enum status
text_segment_write(const struct text_segment *s, struct buf *out)
{
	struct text_fixed f = {.messages = (uint32_t)s->n,
	    .first = s->ids[0],
	    .last = s->ids[s->n - 1]};
	size_t from = out->n, table, sets;
	char zeros[TEXT_FIXED] = {0};
	struct buf fixed;

	ASSERT(s->n > 0);
	buf_add(out, zeros, sizeof(zeros));
	table = out->n;
	put_table(s, out);
	sets = out->n;
	for (size_t k = 0; k < TEXT_KINDS; k++)
		for (unsigned i = GRAMS_LEAST_BITS; i < GRAMS_SIZES; i++)
			if (put_sets(s, k, i, out) != ST_OK)
				return ST_LIMIT;
	f.table = (uint32_t)(sets - table);
	f.sets = out->n - sets;
	f.sum_table = frame_sum(str_of(out->p + table, sets - table));
	f.sum_sets = frame_sum(str_of(out->p + sets, out->n - sets));
	buf_init(&fixed, TEXT_FIXED);
	text_fixed_put(&f, &fixed);
	ASSERT(fixed.n == TEXT_FIXED);
	memcpy(out->p + from, fixed.p, TEXT_FIXED);
	buf_release(&fixed);
	return ST_OK;
}

/* The table of a segment of the text index, in memory (text_index_int.h). */
#ifndef STORE_TEXT_TABLE_H
#define STORE_TEXT_TABLE_H

#include "store/text_index_int.h"

struct text_table {
	size_t n;
	uint64_t ids[TEXT_SEGMENT];
	struct text_column {
		uint8_t size;   /* of the set; 0: it has none */
		uint16_t index; /* among those of that size */
	} columns[TEXT_KINDS][TEXT_SEGMENT];
	size_t count[TEXT_KINDS][GRAMS_SIZES];
	/* In the sets, where the first row of that size is. */
	uint64_t rows[TEXT_KINDS][GRAMS_SIZES];
};

/* ST_CORRUPT: `bytes` are none that the segment can have. */
enum status text_table_read(const struct text_fixed *f, struct str bytes,
    struct text_table *out) MUST_CHECK;

/* How many bytes a row of sets of that size has. */
static inline size_t
text_table_row(const struct text_table *t, unsigned kind, unsigned size)
{
	return (t->count[kind][size] + 7) / 8;
}

/* The first at or behind that id; n: there is none. */
size_t text_table_find(const struct text_table *t, uint64_t id);

#endif

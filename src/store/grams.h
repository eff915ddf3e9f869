/*
 * Which runs of four bytes stand in a text: a set of bits, one for each run's
 * hash. A text that lacks one of a needle's runs does not hold the needle; one
 * that has them all may. Runs over a line end are left out on both sides, so
 * that lines of a text may be given in any order.
 *
 * The set is kept as large as its text needs: half of a set, or'd with the
 * other half, is the set for one bit less of the hash.
 */
#ifndef STORE_GRAMS_H
#define STORE_GRAMS_H

#include "base/buf.h"

enum {
	GRAM = 4,             /* bytes */
	GRAM_BITS = 2,        /* of the set */
	GRAMS_LEAST_BITS = 6, /* log2 of the smallest set */
	GRAMS_MOST_BITS = 18, /* ... of the largest: 32 KiB */
	GRAMS_SIZES = GRAMS_MOST_BITS + 1,
};

struct grams {
	uint8_t bits[1 << (GRAMS_MOST_BITS - 3)];
	uint32_t last; /* the bytes before, of this line */
	unsigned n_last;
};

void grams_clear(struct grams *g);
/* Text, in any pieces. */
void grams_add(struct grams *g, struct str text);
/* What comes is another text. */
void grams_break(struct grams *g);

/*
 * log2 of the bits to keep, so that a third to two thirds of them are set; 0:
 * more would be, the set is of no use.
 */
unsigned grams_size(const struct grams *g);
/* Appends the set in 1 << size bits. */
void grams_put(const struct grams *g, unsigned size, struct buf *out);

/* The bits of the needle's runs, as numbers of GRAMS_MOST_BITS; at most n. */
size_t grams_of(struct str needle, uint32_t *out, size_t n);

/* Which bit that is in a set of 1 << size. */
static inline uint32_t
gram_bit(uint32_t bit, unsigned size)
{
	return bit & ((1u << size) - 1);
}

#endif

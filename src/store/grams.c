#include "store/grams.h"

/* A set of so many bits for two that are set, at least. */
enum { ROOM = 3 };

void
grams_clear(struct grams *g)
{
	memset(g, 0, sizeof(*g));
}

/*
 * Two bits for each run, which rules out more than one in the same space. Each
 * bit of both numbers depends on each byte: the low ones are kept.
 */
static void
hash(uint32_t v, uint32_t out[GRAM_BITS])
{
	uint64_t h = v * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	h ^= h >> 32;
	out[0] = (uint32_t)h & ((1u << GRAMS_MOST_BITS) - 1);
	out[1] = (uint32_t)(h >> 32) & ((1u << GRAMS_MOST_BITS) - 1);
}

static bool
ends_run(unsigned char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

void
grams_add(struct grams *g, struct str text)
{
	uint32_t last = g->last;
	unsigned n = g->n_last;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		uint32_t h[GRAM_BITS];

		if (ends_run(c)) {
			n = 0;
			continue;
		}
		last = last << 8 | c;
		if (n < GRAM - 1) {
			n++;
			continue;
		}
		hash(last, h);
		for (size_t k = 0; k < GRAM_BITS; k++)
			g->bits[h[k] >> 3] |= (uint8_t)(1u << (h[k] & 7));
	}
	g->last = last;
	g->n_last = n;
}

void
grams_break(struct grams *g)
{
	g->n_last = 0;
}

unsigned
grams_size(const struct grams *g)
{
	unsigned size = GRAMS_LEAST_BITS;
	uint64_t set = 0, word;

	for (size_t i = 0; i < sizeof(g->bits); i += sizeof(word)) {
		memcpy(&word, g->bits + i, sizeof(word));
		set += (unsigned)__builtin_popcountll(word);
	}
	while (size < GRAMS_MOST_BITS && (1u << size) * 2 < ROOM * set)
		size++;
	return set > (1u << size) / 4 * 3 ? 0 : size;
}

void
grams_put(const struct grams *g, unsigned size, struct buf *out)
{
	size_t n = (size_t)1 << (size - 3);
	char *to = buf_reserve(out, n);

	ASSERT(to && size >= GRAMS_LEAST_BITS && size <= GRAMS_MOST_BITS);
	memcpy(to, g->bits, n);
	for (size_t at = n; at < sizeof(g->bits); at += n)
		for (size_t i = 0; i < n; i++)
			to[i] = (char)(to[i] | (char)g->bits[at + i]);
	buf_commit(out, n);
}

size_t
grams_of(struct str needle, uint32_t *out, size_t most)
{
	uint32_t last = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < needle.n && n + GRAM_BITS <= most; i++) {
		unsigned char c = (unsigned char)needle.p[i];

		have = ends_run(c) ? 0 : have + 1;
		last = last << 8 | c;
		if (have >= GRAM) {
			hash(last, out + n);
			n += GRAM_BITS;
		}
	}
	return n;
}

#include "store/text_index.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "base/wire.h"
#include "store/frame.h"
#include "store/store_int.h"
#include "store/text_index_int.h"

enum { GRAMS_ASKED = 32 /* bits of a needle: more rule out no more */ };

struct segment {
	struct text_fixed f;
	uint64_t at; /* of its table */
};

/* The segment that was looked at last, as its table has it. */
struct table {
	size_t segment; /* SIZE_MAX: none */
	size_t n, at;
	uint64_t ids[TEXT_SEGMENT];
	struct column {
		uint8_t size;   /* of the set; 0: it has none */
		uint16_t index; /* among those of that size */
	} columns[TEXT_KINDS][TEXT_SEGMENT];
	size_t count[TEXT_KINDS][GRAMS_SIZES];
	uint64_t rows[TEXT_KINDS][GRAMS_SIZES]; /* where the first is */
};

struct text_index {
	const struct account *a;
	const char *map;
	size_t map_n;
	struct segment *segments;
	size_t n_segments, cap_segments;
	struct table table;
};

struct text_probe {
	struct text_index *x;
	enum text_where where;
	uint32_t grams[GRAMS_ASKED];
	size_t n_grams;
	size_t segment; /* that these are of */
	bool known[GRAMS_SIZES];
	uint8_t may[GRAMS_SIZES][TEXT_SEGMENT / 8];
};

/* --- opening --- */

static bool
map_file(struct text_index *x, int fd, const struct text_header *h)
{
	void *map = mmap(NULL, h->end, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return false;
	x->map = map;
	x->map_n = h->end;
	return true;
}

/* What stands behind one that cannot be read is not there. */
static void
find_segments(struct text_index *x)
{
	uint64_t at = TEXT_HEADER, last = 0, left;
	struct segment s;

	while ((left = x->map_n - at) >= TEXT_FIXED) {
		if (!text_fixed_get(str_of(x->map + at, TEXT_FIXED), &s.f))
			break;
		left -= TEXT_FIXED;
		s.at = at + TEXT_FIXED;
		if (s.f.first <= last || s.f.first > s.f.last ||
		    s.f.table > left || s.f.sets > left - s.f.table)
			break;
		*VEC_ADD(x, segments) = s;
		last = s.f.last;
		at = s.at + s.f.table + s.f.sets;
	}
}

static void
ask_for_more(struct account *a, uint64_t last)
{
	const struct store_host *host = &a->store->cfg.host;

	if (host->text_behind && a->next_id - last > STORE_TEXT_MESSAGES)
		host->text_behind(host->ctx, a);
}

struct text_index *
text_index_open(struct account *a)
{
	struct text_index *x = NULL;
	struct text_header h = {0};
	int fd = text_index_file(a, O_RDONLY, &h);

	ask_for_more(a, fd < 0 ? 0 : h.last);
	if (fd < 0)
		return NULL;
	x = mem_zalloc(sizeof(*x));
	x->a = a;
	x->table.segment = SIZE_MAX;
	if (map_file(x, fd, &h))
		find_segments(x);
	close(fd);
	if (x->n_segments == 0)
		text_index_close(&x);
	return x;
}

void
text_index_close(struct text_index **xp)
{
	struct text_index *x = *xp;

	*xp = NULL;
	if (!x)
		return;
	if (x->map)
		munmap((void *)(uintptr_t)x->map, x->map_n);
	free(x->segments);
	free(x);
}

/* --- a segment --- */

static void
place_sets(struct table *t, const struct segment *s, uint64_t *end_out)
{
	uint64_t at = s->at + s->f.table;

	for (size_t k = 0; k < TEXT_KINDS; k++)
		for (size_t i = 1; i < GRAMS_SIZES; i++) {
			t->rows[k][i] = at;
			at += (uint64_t)((t->count[k][i] + 7) / 8) << i;
		}
	*end_out = at;
}

/* False: the table is damaged; the segment rules nothing out. */
static bool
read_table(struct text_index *x, size_t segment)
{
	const struct segment *s = &x->segments[segment];
	struct str bytes = str_of(x->map + s->at, s->f.table);
	struct wire w = wire_of(bytes);
	struct table *t = &x->table;
	struct str sizes;
	uint64_t id = 0, end;

	t->segment = segment;
	t->n = t->at = 0;
	memset(t->count, 0, sizeof(t->count));
	if (frame_sum(bytes) != s->f.sum_table)
		return false;
	for (size_t i = 0; i < s->f.messages; i++) {
		id += wire_var(&w);
		sizes = wire_bytes(&w, TEXT_KINDS);
		if (!wire_ok(&w))
			return false;
		t->ids[i] = id;
		for (size_t k = 0; k < TEXT_KINDS; k++) {
			struct column *c = &t->columns[k][i];

			c->size = (uint8_t)sizes.p[k];
			if (c->size > GRAMS_MOST_BITS ||
			    (c->size && c->size < GRAMS_LEAST_BITS))
				return false;
			c->index = (uint16_t)t->count[k][c->size]++;
		}
	}
	if (!wire_end(&w))
		return false;
	place_sets(t, s, &end);
	if (end != s->at + s->f.table + s->f.sets)
		return false;
	t->n = s->f.messages;
	return true;
}

static bool
find_segment(struct text_index *x, uint64_t id, size_t *out)
{
	size_t lo = 0, hi = x->n_segments;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->segments[mid].f.last < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	*out = lo;
	return lo < x->n_segments && x->segments[lo].f.first <= id;
}

/* The message's place in the table; false: it is in no segment. */
static bool
find_message(struct text_index *x, uint64_t id, size_t *out)
{
	struct table *t = &x->table;
	size_t segment, lo = 0, hi;

	/* The same for another needle, or the next one. */
	if (t->at + 1 < t->n && t->ids[t->at + 1] == id)
		t->at++;
	if (t->at < t->n && t->ids[t->at] == id) {
		*out = t->at;
		return true;
	}
	if (!find_segment(x, id, &segment))
		return false;
	if (segment != t->segment && !read_table(x, segment)) {
		log_warn(
		    "a damaged text index is not used", LOG_U64("message", id));
		return false;
	}
	hi = t->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->ids[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo >= t->n || t->ids[lo] != id)
		return false;
	*out = t->at = lo;
	return true;
}

/* --- probes --- */

bool
text_index_helps(struct str needle)
{
	uint32_t bits[GRAM_BITS];

	return grams_of(needle, bits, GRAM_BITS) > 0;
}

struct text_probe *
text_probe_new(struct text_index *x, enum text_where where, struct str needle)
{
	struct text_probe *p;

	if (!x || !text_index_helps(needle))
		return NULL;
	p = mem_zalloc(sizeof(*p));
	p->x = x;
	p->where = where;
	p->segment = SIZE_MAX;
	p->n_grams = grams_of(needle, p->grams, GRAMS_ASKED);
	return p;
}

void
text_probe_free(struct text_probe **p)
{
	free(*p);
	*p = NULL;
}

/* Of all messages of that size: those that have every run of the needle. */
static const uint8_t *
candidates(struct text_probe *p, unsigned size)
{
	const struct table *t = &p->x->table;
	size_t n = (t->count[p->where][size] + 7) / 8;
	const char *rows = p->x->map + t->rows[p->where][size];
	uint8_t *may = p->may[size];

	if (p->segment != t->segment) {
		memset(p->known, 0, sizeof(p->known));
		p->segment = t->segment;
	}
	if (p->known[size])
		return may;
	p->known[size] = true;
	memset(may, 0xff, n);
	for (size_t i = 0; i < p->n_grams; i++) {
		const char *row = rows + n * gram_bit(p->grams[i], size);

		for (size_t k = 0; k < n; k++)
			may[k] &= (uint8_t)row[k];
	}
	return may;
}

bool
text_probe_may(struct text_probe *p, uint64_t message)
{
	const struct column *c;
	size_t i;

	if (!p || !find_message(p->x, message, &i) ||
	    message_opaque(p->x->a, message))
		return true;
	c = &p->x->table.columns[p->where][i];
	return c->size == 0 ||
	    (candidates(p, c->size)[c->index / 8] >> c->index % 8 & 1);
}

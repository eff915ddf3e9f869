#include "store/text_index.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "store/store_int.h"
#include "store/text_table.h"

enum { GRAMS_ASKED = 32 /* bits of a needle: more rule out no more */ };

struct text_index {
	struct account *a;
	int fd;
	const char *map;
	size_t map_n;
	struct text_layout layout;
	bool dropped;
	/* The segment that was looked at last; SIZE_MAX: none. */
	size_t segment, at;
	struct text_table table;
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
map_file(struct text_index *x, const struct text_header *h)
{
	void *map = mmap(NULL, h->end, PROT_READ, MAP_SHARED, x->fd, 0);

	if (map == MAP_FAILED)
		return false;
	x->map = map;
	x->map_n = h->end;
	return true;
}

static void
ask_for_more(struct account *a, uint64_t last)
{
	const struct store_host *host = &a->store->cfg.host;

	if (host->text_behind && a->next_id - last > STORE_TEXT_MESSAGES)
		host->text_behind(host->ctx, a);
}

/* It is made anew, while this search reads what it does not rule out. */
static void
drop_damaged(struct text_index *x, uint64_t at)
{
	const struct store_host *host = &x->a->store->cfg.host;

	if (x->dropped)
		return;
	x->dropped = true;
	log_warn("a damaged text index is dropped: it is made anew",
	    LOG_STR("account", account_id(x->a)), LOG_U64("at", at));
	if (text_index_drop(x->a) != ST_OK)
		log_warn("a damaged text index cannot be deleted",
		    LOG_STR("account", account_id(x->a)), LOG_ERRNO(errno));
	if (host->text_behind)
		host->text_behind(host->ctx, x->a);
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
	x->fd = fd;
	x->segment = SIZE_MAX;
	if (text_layout_read(fd, h.end, &x->layout) != ST_OK)
		drop_damaged(x, h.end);
	if (x->layout.n_places == 0 || !map_file(x, &h))
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
	close(x->fd);
	free(x->layout.places);
	free(x);
}

/* --- a segment --- */

/* Once for each segment, as long as the account is open. */
static bool
is_sound(struct text_index *x, const struct text_place *p)
{
	struct buf b;
	bool sound;

	if (map_get_u64(&x->a->text_proven, p->f.sum))
		return true;
	buf_init(&b, SIZE_MAX / 2);
	sound = text_place_read(x->fd, p, &b) == ST_OK;
	buf_release(&b);
	if (sound)
		(void)map_set_u64(&x->a->text_proven, p->f.sum, x->a);
	return sound;
}

/* One that is damaged has an empty table: it rules nothing out. */
static void
take_segment(struct text_index *x, size_t segment)
{
	const struct text_place *p = &x->layout.places[segment];

	x->segment = segment;
	x->at = 0;
	x->table.n = 0;
	if (!is_sound(x, p) ||
	    text_table_read(
		&p->f, str_of(x->map + p->at, p->f.table), &x->table) != ST_OK)
		drop_damaged(x, p->at);
}

static bool
find_segment(struct text_index *x, uint64_t id, size_t *out)
{
	size_t lo = 0, hi = x->layout.n_places;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->layout.places[mid].f.last < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	*out = lo;
	return lo < x->layout.n_places && x->layout.places[lo].f.first <= id;
}

/* The message's place in the table; false: it is in no segment. */
static bool
find_message(struct text_index *x, uint64_t id, size_t *out)
{
	const struct text_table *t = &x->table;
	size_t segment;

	/* The same for another needle, or the next one. */
	if (x->at + 1 < t->n && t->ids[x->at + 1] == id)
		x->at++;
	if (x->at < t->n && t->ids[x->at] == id) {
		*out = x->at;
		return true;
	}
	if (!find_segment(x, id, &segment))
		return false;
	if (segment != x->segment)
		take_segment(x, segment);
	*out = text_table_find(t, id);
	if (*out == t->n || t->ids[*out] != id)
		return false;
	x->at = *out;
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
	const struct text_table *t = &p->x->table;
	const struct text_place *at = &p->x->layout.places[p->x->segment];
	size_t n = text_table_row(t, p->where, size);
	const char *rows =
	    p->x->map + at->at + at->f.table + t->rows[p->where][size];
	uint8_t *may = p->may[size];

	if (p->segment != p->x->segment) {
		memset(p->known, 0, sizeof(p->known));
		p->segment = p->x->segment;
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
	const struct text_column *c;
	size_t i;

	if (!p || !find_message(p->x, message, &i) ||
	    message_opaque(p->x->a, message))
		return true;
	c = &p->x->table.columns[p->where][i];
	return c->size == 0 ||
	    (candidates(p, c->size)[c->index / 8] >> c->index % 8 & 1);
}

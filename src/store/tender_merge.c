/*
 * Compacted packs of which next to nothing is alive: some that follow each
 * other are copied to one, by the same way as a pack of which much is dead
 * (tender_compact.c). Its header names all of them, so what a kill leaves
 * explains itself as ever.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/tender_int.h"

enum {
	MERGE_SHARE = 16, /* of the size that packs have at most: small */
	MERGE_LEAST = 4,  /* neighbours; fewer are not worth it */
};

/* A pack or a keep, where a rebuild would come to it (pack_replay.c). */
struct merge_item {
	uint32_t origin, no;
	uint64_t size; /* 0: it is not small */
};

struct merge_items {
	struct merge_item *list;
	size_t n_list, cap_list;
};

static uint64_t
small_size(const struct tender *t)
{
	return t->cfg.small ? t->cfg.small : PACK_FILE_MAX / MERGE_SHARE;
}

/* Says nobody but this keep where the pack before its own ended? */
static bool
tells_an_end(const struct tender *t, const struct pack_header *h)
{
	uint64_t size;
	char name[16];

	pack_name(h->origin - 1, name);
	return tender_file_size(t, name, &size) && h->before_end < size;
}

static void
add_keep(const struct tender *t, uint32_t no, struct merge_items *out)
{
	struct merge_item item = {.origin = no, .no = no};
	struct pack_header h;
	uint64_t size;
	char name[16];
	int fd;

	pack_name(no, name);
	fd = account_open_file(t->a, name, O_RDONLY);
	if (fd >= 0 && pack_read_header(fd, &h) == ST_OK) {
		item.origin = h.origin;
		if (tender_file_size(t, name, &size) && size <= small_size(t) &&
		    !tender_is_damaged(t, no) && !tells_an_end(t, &h))
			item.size = size;
	}
	if (fd >= 0)
		close(fd);
	*VEC_ADD(out, list) = item;
}

static int
by_origin(const void *a, const void *b)
{
	const struct merge_item *x = a, *y = b;

	if (x->origin != y->origin)
		return x->origin < y->origin ? -1 : 1;
	return x->no > y->no ? -1 : x->no < y->no;
}

/*
 * From there on: what is not small, a pack above all, keeps its place between
 * the others. The largest must not be most of it: or the same bytes would be
 * copied again for each small file that comes.
 */
static size_t
run_at(const struct merge_items *l, size_t at)
{
	uint64_t all = 0, largest = 0;
	size_t n = 0;

	for (; n < PACK_SOURCES && at + n < l->n_list; n++) {
		uint64_t size = l->list[at + n].size;

		if (!size)
			break;
		all += size;
		if (size > largest)
			largest = size;
	}
	return n >= MERGE_LEAST && largest * 2 <= all ? n : 0;
}

static bool
choose_run(struct tender *t, const struct merge_items *l)
{
	for (size_t i = 0; i < l->n_list; i++) {
		size_t n = run_at(l, i);

		if (n == 0)
			continue;
		for (size_t k = 0; k < n; k++)
			t->sources[k] = l->list[i + k].no;
		t->n_sources = n;
		return true;
	}
	return false;
}

bool
tender_merge(struct tender *t, const struct pack_list *packs,
    const struct pack_list *keeps)
{
	struct merge_items l = {0};
	bool found;

	if (keeps->n_nos < MERGE_LEAST)
		return false;
	for (size_t i = 0; i < packs->n_nos; i++)
		*VEC_ADD(&l, list) =
		    (struct merge_item){packs->nos[i], packs->nos[i], 0};
	for (size_t i = 0; i < keeps->n_nos; i++)
		add_keep(t, keeps->nos[i], &l);
	qsort(l.list, l.n_list, sizeof(*l.list), by_origin);
	found = choose_run(t, &l);
	free(l.list);
	return found;
}

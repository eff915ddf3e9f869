#include "daemon/address_table.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"

struct plane {
	uint16_t row[ADDRESS_ROWS][ADDRESS_SLOTS];
};

struct shared {
	uint64_t key; /* so that nobody outside can choose collisions */
	struct plane planes[ADDRESS_PLANES];
};

struct address_table {
	struct shared *shared;
	struct plane *own;
};

int
address_memory(void)
{
	uint64_t key;
	int fd = memfd_create("addresses", MFD_CLOEXEC);

	random_fill(&random_system, &key, sizeof(key));
	if (fd < 0 || ftruncate(fd, sizeof(struct shared)) < 0 ||
	    pwrite(fd, &key, sizeof(key), offsetof(struct shared, key)) !=
		sizeof(key)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

struct address_table *
address_open(int fd, unsigned plane)
{
	struct address_table *t = mem_zalloc(sizeof(*t));

	ASSERT(plane < ADDRESS_PLANES);
	t->shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	ASSERT(t->shared != MAP_FAILED);
	t->own = &t->shared->planes[plane];
	return t;
}

void
address_close(struct address_table **t)
{
	if (!*t)
		return;
	munmap((*t)->shared, sizeof(struct shared));
	free(*t);
	*t = NULL;
}

/* splitmix64's finish: two independent slots from one keyed word. */
static size_t
slot(const struct address_table *t, uint64_t group, unsigned row)
{
	uint64_t x = group ^ t->shared->key;

	x += 0x9e3779b97f4a7c15ull * (row + 1);
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return (size_t)((x ^ x >> 31) % ADDRESS_SLOTS);
}

void
address_add(struct address_table *t, uint64_t group)
{
	for (unsigned r = 0; r < ADDRESS_ROWS; r++) {
		uint16_t *p = &t->own->row[r][slot(t, group, r)];

		if (*p < UINT16_MAX)
			__atomic_store_n(
			    p, (uint16_t)(*p + 1), __ATOMIC_RELAXED);
	}
}

void
address_drop(struct address_table *t, uint64_t group)
{
	for (unsigned r = 0; r < ADDRESS_ROWS; r++) {
		uint16_t *p = &t->own->row[r][slot(t, group, r)];

		if (*p > 0)
			__atomic_store_n(
			    p, (uint16_t)(*p - 1), __ATOMIC_RELAXED);
	}
}

unsigned
address_count(const struct address_table *t, uint64_t group)
{
	unsigned least = UINT32_MAX;

	for (unsigned r = 0; r < ADDRESS_ROWS; r++) {
		size_t at = slot(t, group, r);
		unsigned sum = 0;

		for (unsigned i = 0; i < ADDRESS_PLANES; i++)
			sum += __atomic_load_n(
			    &t->shared->planes[i].row[r][at], __ATOMIC_RELAXED);
		least = sum < least ? sum : least;
	}
	return least;
}

void
address_clear(struct address_table *t)
{
	memset(t->own, 0, sizeof(*t->own));
}

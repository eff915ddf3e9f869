#include "base/base.h"

#include <malloc.h>
#include <unistd.h>

enum { CROWD = 256, SETTLE = 8 * 1024 * 1024 };

_Noreturn void
assert_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "BUG: %s:%d: %s\n", file, line, cond);
	abort();
}

static _Noreturn void
out_of_memory(size_t n)
{
	fprintf(stderr, "fatal: out of memory allocating %zu bytes\n", n);
	abort();
}

void *
mem_alloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		out_of_memory(n);
	return p;
}

void *
mem_zalloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		out_of_memory(n);
	return p;
}

void *
mem_resize(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		out_of_memory(n);
	return q;
}

void
mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : 8, bytes;
	void *q;

	if (need <= *cap)
		return;
	while (n < need)
		n = n > SIZE_MAX / 2 ? need : n * 2;
	if (__builtin_mul_overflow(n, size, &bytes))
		out_of_memory(SIZE_MAX);
	memcpy(&q, p, sizeof(q));
	q = mem_resize(q, bytes);
	memcpy(p, &q, sizeof(q));
	*cap = n;
}

void
mem_crowd(struct mem_crowd *c, size_t n)
{
	if (n > c->most)
		c->most = n;
	if (c->most < CROWD || n > c->most / 4)
		return;
	c->most = n;
	(void)malloc_trim(0);
}

/* glibc keeps the more the larger the pieces were that it has seen. */
void
mem_settle(void)
{
	if (mallinfo2().fordblks > SETTLE)
		(void)malloc_trim(0);
}

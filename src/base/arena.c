#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
# define HAVE_ASAN 1
#elif defined(__has_feature)
# if __has_feature(address_sanitizer)
#  define HAVE_ASAN 1
# endif
#endif
#ifdef HAVE_ASAN
# include <sanitizer/asan_interface.h>
#else
# define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
# define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

/*
 * The first block is small: each idle session holds one or two arenas with
 * little in them. A reset keeps only that one; more is a malloc away.
 */
enum { FIRST_SIZE = 736, BLOCK_SIZE = 4000, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	_Alignas(16) char bytes[];
};

static struct arena_block *
block_new(size_t cap, struct arena_block *next)
{
	struct arena_block *b = mem_alloc(sizeof(*b) + cap);

	b->next = next;
	b->used = 0;
	b->cap = cap;
	ASAN_POISON_MEMORY_REGION(b->bytes, cap);
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t size = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct arena_block *b = a->head;
	void *p;

	ASSERT(size >= n);
	if (!b || b->cap - b->used < size) {
		b = block_new(
		    max_size(size, b ? BLOCK_SIZE : FIRST_SIZE), a->head);
		a->head = b;
	}
	p = b->bytes + b->used;
	b->used += size;
	a->used += size;
	ASAN_UNPOISON_MEMORY_REGION(p, n ? n : 1);
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	ASSERT(!__builtin_mul_overflow(n, size, &bytes));
	return arena_zalloc(a, bytes);
}

char *
arena_z(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	return (struct str){arena_z(a, s), s.n};
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	ASSERT(n >= 0);
	p = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){p, (size_t)n};
}

static void
wipe(const struct arena *a, struct arena_block *b)
{
	if (!a->secret)
		return;
	ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->cap);
	explicit_bzero(b->bytes, b->cap);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b = a->head, *keep = NULL;

	while (b) {
		struct arena_block *next = b->next;

		wipe(a, b);
		if (!keep && b->cap == FIRST_SIZE)
			keep = b;
		else
			free(b);
		b = next;
	}
	if (keep) {
		keep->next = NULL;
		keep->used = 0;
		ASAN_POISON_MEMORY_REGION(keep->bytes, keep->cap);
	}
	a->head = keep;
	a->used = 0;
}

void
arena_release(struct arena *a)
{
	struct arena_block *b = a->head;

	while (b) {
		struct arena_block *next = b->next;

		wipe(a, b);
		free(b);
		b = next;
	}
	a->head = NULL;
	a->used = 0;
}

/*
 * What every file may need: ASSERT, ARRAY_LEN, and the words that are banned.
 * ASSERT is always on: a broken invariant ends the process, and the supervisor
 * starts a new one; it is for our own mistakes, never for input.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define UNUSED       __attribute__((unused))

#define ASSERT(cond) \
 ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

_Noreturn void assert_failed(const char *cond, const char *file, int line);

/* Allocation that ends the process when memory is out. mem_grow doubles. */
void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull));
void *mem_zalloc(size_t n) __attribute__((malloc, returns_nonnull));
void *mem_resize(void *p, size_t n) __attribute__((returns_nonnull));

/*
 * Makes room for `need` elements of `size` bytes in the array *p of capacity
 * *cap (elements). The one way arrays grow here: see VEC_PUSH in base/vec.h.
 */
void mem_grow(void *p, size_t *cap, size_t need, size_t size);

/*
 * Told how many there are of something, gives memory back to the system when
 * of many three quarters have gone: what a crowd had lies scattered between
 * what others have, where free() keeps it for ever.
 */
struct mem_crowd {
	size_t most;
};
void mem_crowd(struct mem_crowd *c, size_t n);
/* The same when much is free, at the end of something that may have been large. */
void mem_settle(void);

static inline size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t
max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

#endif

/*
 * An arena hands out memory that is freed all at once. Each command has one
 * (reset after its tagged reply) and so has each session; a function that
 * takes an arena puts its result there. Under ASan a reset poisons what was
 * handed out, so a stale pointer is caught.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/buf.h"

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out since the last reset */
	bool secret; /* set by who has it: overwritten before it is freed */
};

#define ARENA_INIT \
 {                 \
  NULL, 0, false   \
 }

void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull));
void *arena_zalloc(struct arena *a, size_t n) __attribute__((returns_nonnull));

/* A copy of s, followed by a NUL that is not counted. */
struct str arena_str(struct arena *a, struct str s);
char *arena_z(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

#define ARENA_NEW(a, type)      ((type *)arena_zalloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
void *arena_array(struct arena *a, size_t n, size_t size);

void arena_reset(struct arena *a);   /* keeps a small block for the next use */
void arena_release(struct arena *a); /* frees all; the arena is usable again */

#endif

/*
 * A hash map from bytes or from a number to a pointer. Open addressing; keyed
 * by SipHash with a per-process key, so that outside data cannot choose its
 * collisions. The map copies byte keys and never owns values.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/str.h"

struct map_slot;

struct map {
	struct map_slot *slots;
	size_t n;    /* entries */
	size_t cap;  /* slots, a power of two, or 0 */
	size_t gone; /* tombstones */
};

#define MAP_INIT \
 {               \
  NULL, 0, 0, 0  \
 }

void *map_get(const struct map *m, struct str key);
/* Sets and returns the value that was there before, or NULL. */
void *map_set(struct map *m, struct str key, void *value);
void *map_remove(struct map *m, struct str key);

void *map_get_u64(const struct map *m, uint64_t key);
void *map_set_u64(struct map *m, uint64_t key, void *value);
void *map_remove_u64(struct map *m, uint64_t key);

/*
 * Iterates in no order: start with *pos = 0; false at the end. The map may
 * not grow meanwhile; removing the entry just returned is allowed.
 */
bool map_next(const struct map *m, size_t *pos, struct str *key, void **value);

void map_release(struct map *m);

#endif

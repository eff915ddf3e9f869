/*
 * A set of 32-bit numbers (UIDs, message sequence numbers) as ascending,
 * disjoint, non-adjacent ranges. Owned: uidset_release frees.
 */
#ifndef BASE_UIDSET_H
#define BASE_UIDSET_H

#include "base/arena.h"

struct uidrange {
	uint32_t first, last; /* first <= last, neither 0 */
};

struct uidset {
	struct uidrange *ranges;
	size_t n_ranges, cap_ranges;
};

#define UIDSET_INIT \
 {                  \
  NULL, 0, 0        \
 }

/* Adds first..last; fastest when ranges come in ascending order. */
void uidset_add(struct uidset *set, uint32_t first, uint32_t last);
void uidset_remove(struct uidset *set, uint32_t first, uint32_t last);
void uidset_copy(struct uidset *to, const struct uidset *from);
void uidset_clear(struct uidset *set);
void uidset_release(struct uidset *set);

bool uidset_has(const struct uidset *set, uint32_t uid);
uint64_t uidset_count(const struct uidset *set);

/* Iterates all numbers: start with *pos = 0, *uid = 0; false at the end. */
bool uidset_next(const struct uidset *set, size_t *pos, uint32_t *uid);

/* "1:3,7,9:12", the RFC 9051 uid-set; nothing for the empty set. */
void uidset_write(const struct uidset *set, struct buf *out);

#endif

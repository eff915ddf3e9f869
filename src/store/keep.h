/*
 * Compacted packs (S10): what is alive of a pack, or of compacted ones, in a
 * file keep-NNNNNN. It has the records of a pack, but is never replayed after
 * a crash, only read, and searched when mail.db is lost. Written under another
 * name, synced, then named, sealed (mode 0444): one that is there is whole.
 *
 * A place in one has PACK_KEPT in its pack number.
 */
#ifndef STORE_KEEP_H
#define STORE_KEEP_H

#include "store/pack_int.h"

struct keep {
	const struct account *a;
	uint32_t no; /* with PACK_KEPT */
	int fd;
	struct pack_header header;
	uint64_t end;    /* of what has been added */
	uint64_t synced; /* of it, what is on the disk */
	struct buf out;  /* not written yet */
};

/* The compacted packs that are there, ascending; `source` of one. */
enum status keep_list(
    const struct account *a, struct pack_list *out) MUST_CHECK;
/* Those that were never finished go. */
void keep_clean(const struct account *a);

/* Begins one for what is alive of these, in this order. */
enum status keep_begin(const struct account *a, const uint32_t *sources,
    size_t n, const struct random *random, struct keep **out) MUST_CHECK;
/* Copies a record whose sums have been checked. */
enum status keep_add(struct keep *k, const struct pack_found *f) MUST_CHECK;
/* On the disk, and named. */
enum status keep_finish(struct keep *k) MUST_CHECK;
/* Closes; one that is not finished goes. */
void keep_free(struct keep **k);

#endif

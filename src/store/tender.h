/*
 * The keeper's work on one account, as a machine without a loop of its own:
 * it reads a snapshot of mail.db and the packs, and asks the owner for the
 * rest in pieces (store/tend.h). It can be dropped at any point and begun
 * anew: what it finds is all it knows.
 *
 *	tender_step() -> TENDER_ASK: have *piece done, then tender_answered()
 *	              -> TENDER_AGAIN: call it again, soon
 *	              -> TENDER_LATER: something is in the way; in a while
 *	              -> TENDER_DONE: tender_status() says how it went
 */
#ifndef STORE_TENDER_H
#define STORE_TENDER_H

#include "store/tend.h"
#include "store/timeline.h"

struct tender_config {
	struct str root, account;
	const struct clock *clock;
	const struct random *random;
	const struct timeline *times; /* lives as long as the tender */
	int64_t retention;            /* ms (S25) */
	bool purge;    /* every pack in which anything is dead, and now */
	bool thorough; /* what nothing refers to: all rows are read for it */
	/* For tests; 0: the usual. Bytes. */
	uint64_t dead_min, slice, small;
	uint64_t free_min; /* pages */
};

struct tender_report {
	uint64_t rows, messages;  /* of the past, that went */
	uint64_t unused;          /* rows that only these referred to */
	uint64_t packs, bytes;    /* compacted; given back */
	uint64_t pages;           /* of mail.db, given back */
	uint64_t retained, quota; /* at the beginning (S25) */
};

enum tender_next { TENDER_ASK, TENDER_AGAIN, TENDER_LATER, TENDER_DONE };

struct tender;

/*
 * The owner holds the account open from before this until after
 * tender_close() (TEND_HOLD): S1.
 */
enum status tender_open(
    const struct tender_config *cfg, struct tender **out) MUST_CHECK;
void tender_close(struct tender **t);

/* The piece is borrowed until the next call. */
enum tender_next tender_step(struct tender *t, const struct tend **piece);
void tender_answered(
    struct tender *t, enum status st, const struct tended *tended);
enum status tender_status(const struct tender *t);
const struct tender_report *tender_report(const struct tender *t);

#endif

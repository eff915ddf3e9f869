/*
 * Mending one account: what proof.h finds, as far as it can be. The account is
 * ours alone: nobody has it open (S1). What is damaged is never overwritten:
 * a database that goes is kept as lost-<time>-mail.db, packs are not touched.
 */
#ifndef STORE_REPAIR_H
#define STORE_REPAIR_H

#include "store/store.h"

struct repair_host {
	void *ctx;
	/* What was done, or could not be saved: a sentence each. */
	void (*did)(void *ctx, struct str what);
	void (*lost)(void *ctx, struct str what);
};

/*
 * `s` is a store of our own, on DATA. A database that cannot be trusted is
 * rebuilt from the packs, and then takes from the old one what can still be
 * read there: where messages are, their flags, names and subscriptions. Rows
 * that contradict each other are set right; entries whose bytes are gone are
 * expunged, and named. ST_OK also when something was lost.
 */
enum status repair_account(
    struct store *s, struct str id, const struct repair_host *host) MUST_CHECK;

#endif

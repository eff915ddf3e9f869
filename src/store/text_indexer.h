/*
 * Writes an account's text index (store/text_index.h), a few milliseconds at a
 * time. It reads a snapshot of mail.db and the packs, and can be dropped at any
 * point: what stands in the file when it begins is all it knows.
 */
#ifndef STORE_TEXT_INDEXER_H
#define STORE_TEXT_INDEXER_H

#include "store/store.h"

struct text_indexer;

struct text_indexer_config {
	struct str root, account;
	const struct clock *clock;
	const struct random *random;
};

/* The account's owner holds it open until it is closed (TEND_HOLD): S1. */
enum status text_indexer_open(const struct text_indexer_config *cfg,
    struct text_indexer **out) MUST_CHECK;
void text_indexer_close(struct text_indexer **x);

/* False: there is no more to do, or it failed. */
bool text_indexer_step(struct text_indexer *x);
enum status text_indexer_status(const struct text_indexer *x);
uint64_t text_indexer_messages(const struct text_indexer *x);

/* To the end, for the command line. */
enum status text_indexer_run(
    const struct text_indexer_config *cfg, uint64_t *messages_out) MUST_CHECK;

#endif

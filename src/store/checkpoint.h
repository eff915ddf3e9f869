/*
 * Moves what the WAL of an account holds into its mail.db (S8). The keeper
 * calls this in its own process, for accounts whose owner has them open and
 * has said that the WAL grew (store_host.wal_grown).
 */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "store/store.h"

struct checkpoint {
	uint32_t pages; /* that the WAL holds */
	uint32_t moved; /* of them, those that are in mail.db by now */
};

/*
 * A PASSIVE checkpoint: it waits for nobody and nobody waits for it. Both
 * files are synced by it. moved < pages: a reader was in the way, or the
 * owner went on writing; try later.
 */
enum status store_checkpoint(
    struct str root, struct str account, struct checkpoint *out) MUST_CHECK;

#endif

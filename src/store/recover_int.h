/*
 * Opening an account whose end may have been unclean: the database, what the
 * packs hold beyond it (S3), the epoch (S22).
 */
#ifndef STORE_RECOVER_INT_H
#define STORE_RECOVER_INT_H

#include "store/account_int.h"
#include "store/change.h"

/*
 * Files in an account's folder, for what must not be done by half.
 * RECREATED: it comes from a backup, and its numbers are to be raised (S22).
 * REBUILDING: mail.db is being made from packs; one that is there is not whole.
 * SALVAGING: names the old mail.db that the new one is to take over from.
 */
#define RECREATED_MARK  "recreated"
#define REBUILDING_MARK "rebuilding"
/* "lost-<time>" with it: mail.db was missing then, and rebuilt. */
#define MISSING_END    "-mail.db-missing"
#define SALVAGING_MARK "salvaging"

enum status mark_clear(struct account *a, const char *name) MUST_CHECK;

/* What is added to each UIDNEXT: behind a power cut; when more is unknown. */
enum { EPOCH_UIDS = 1 << 17, REBUILD_UIDS = 1 << 24 };

/*
 * recover_raise.c. Durably: modseq from there on, so many UIDs of each mailbox and so many ids
 * are passed over. The modseqs between are kept as lost.
 */
enum status raise_numbers(
    struct account *a, uint64_t modseq, uint32_t uids, uint64_t ids) MUST_CHECK;
/* Of an account that comes from a backup; else nothing. */
enum status raise_recreated(struct account *a) MUST_CHECK;

/* a->dir_fd is open; opens mail.db and the packs and loads the account. */
enum status recover_account(struct account *a) MUST_CHECK;

/* Who did what recovery does. */
extern const struct origin recovery_origin;

/*
 * recover_replay.c: what stands in the packs from `from` on. `rebuild`: the
 * database is new, and knows of nothing.
 */
enum status recover_replay(
    struct account *a, struct place from, bool rebuild) MUST_CHECK;

#endif

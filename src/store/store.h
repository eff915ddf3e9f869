/*
 * The store of one process: open accounts, and their turns. A worker has one
 * with the DATA folder; a command-line run has one, too; tests have one on a
 * folder of their own. It never blocks on a sync when the host takes syncs.
 *
 * A change is submitted, waits for the account's next turn, and is answered
 * when it is as durable as its kind demands (DESIGN 4, "An account's turn").
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/clock.h"
#include "store/change.h"

struct store;
struct account;
struct tended; /* store/tend.h */

enum {
	STORE_WAL_PAGES = 2000,    /* of 4 KiB */
	STORE_TEXT_MESSAGES = 512, /* new ones, for the text index */
};

struct store_host {
	void *ctx;
	/*
	 * Have `fd` (a descriptor opened for this, owned by the callee from
	 * now on) synced, then call store_synced(token, errno or 0). NULL: the
	 * store syncs by itself at once.
	 */
	void (*sync)(void *ctx, int fd, uint64_t token);
	/* A change is done; `changed` is NULL unless st is ST_OK. */
	void (*answered)(void *ctx, uint64_t ask, enum status st,
	    const struct changed *changed);
	/* An account has new published state: bump the board, wake sessions. */
	void (*committed)(void *ctx, struct account *acct, uint64_t modseq);
	/* A message is about to be looked at: for who must say which one was
	 * the last (P10). NULL: nobody. */
	void (*reading)(void *ctx, struct account *acct, uint64_t message);
	/* The WAL has grown by another STORE_WAL_PAGES: have the keeper
	 * checkpoint it (store/checkpoint.h). NULL: the store does it. */
	void (*wal_grown)(void *ctx, struct account *acct, uint32_t pages);
	/* A piece of tending is done (store/tend.h). */
	void (*tended)(void *ctx, uint64_t ask, enum status st,
	    const struct tended *tended);
	/* Messages are not in the text index: have the keeper go on with it
	 * (store/text_indexer.h). NULL: there is nobody who would. */
	void (*text_behind)(void *ctx, struct account *acct);
};

struct store_config {
	struct str root; /* the DATA folder */
	const struct clock *clock;
	const struct random *random;
	struct store_host host;
	bool flags_sync;  /* store.flags = sync */
	uint64_t reserve; /* low-water mark of the disk, bytes */
	uint64_t epoch;   /* S22, from DATA/epoch */
	size_t max_open;  /* LRU of open accounts */
	bool read_only;
};

/*
 * Before anything in DATA is opened, which itself writes a little: where the
 * disk is all but full, the reserve is given up for it (S4).
 */
enum { STORE_START_BYTES = 1024 * 1024 };
void store_make_room(struct str root);

enum status store_open(
    const struct store_config *cfg, struct store **out) MUST_CHECK;
void store_close(struct store **s); /* all asks must be answered */

/* Makes DATA/accounts/ab/<id>/ with its standard mailboxes (a change). */
enum status store_create_account(
    struct store *s, struct str id, const struct origin *origin) MUST_CHECK;
/*
 * Moves it to removed/<id>-<ms> (S33), with `record`, what the directory knew
 * of it, in a file `account`. ST_BUSY while it is in use.
 */
enum status store_remove_account(
    struct store *s, struct str id, struct str record) MUST_CHECK;
/* Back from removed/<name>; ST_EXISTS when it is there. */
enum status store_restore_account(
    struct store *s, struct str id, struct str name) MUST_CHECK;

/* A reference on an open account; recovery (S3, S22) happens here. */
enum status store_account(
    struct store *s, struct str id, struct account **out) MUST_CHECK;
void account_unref(struct account **a);

/*
 * Somebody else is to own the account for a while: it is closed, and nobody
 * opens it (ST_BUSY) until it is back. ST_BUSY: it is in use.
 */
enum status store_lend(struct store *s, struct str id) MUST_CHECK;
void store_unlend(struct store *s, struct str id);

struct str account_id(const struct account *a);
/* A new file of the account for a trace (proto/trace.h); -1 and errno. */
int account_trace(struct account *a, const char *name);

/*
 * From now on, in this process: nothing looks into this message any more. It
 * has no header, its summary is that of summary_opaque(). Only its bytes are
 * as they were (P10).
 */
void store_opaque(struct store *s, struct str account, uint64_t message);

/* Queues a change; `ask` comes back in answered(). */
void store_submit(
    struct store *s, struct account *a, const struct change *c, uint64_t ask);

/*
 * Does what can be done now; true when more is to be done at once. The host
 * calls it after submits and store_synced, and at store_deadline (mono ms;
 * INT64_MAX: none).
 */
bool store_run(struct store *s);
void store_synced(struct store *s, uint64_t token, int error);
int64_t store_deadline(const struct store *s);

/* Submits, runs until answered: for the command line and tests. The result
 * lives in `a`. */
enum status store_do(struct store *s, struct account *acct,
    const struct change *c, struct arena *a, struct changed *out) MUST_CHECK;

#endif

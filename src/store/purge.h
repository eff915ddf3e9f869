/*
 * Legal erasure (S33): messages leave every folder, the past, the packs and
 * the database, so that none of their bytes is in any file of the account. It
 * is done by who owns the account alone (store_lend(): no session has it
 * open), since mail.db is written anew as a whole.
 *
 * What stays is that they were there: ids, sizes and times in the history.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "store/message.h"
#include "store/store.h"

struct purge_what {
	bool all;              /* every message, those of the past, too */
	struct str folder;     /* its messages of now; with `uids`, those */
	struct uidset uids;    /* empty: all of the folder */
	struct str message_id; /* with its <>; of the past, too */
};

struct purge_found {
	uint64_t *ids;
	size_t n_ids, cap_ids;
	uint64_t bytes;
};

struct purge_host {
	void *ctx;
	/* What is about to go, one by one; for the record of it. */
	void (*message)(void *ctx, const struct message *m);
	/* A file that went as a whole, since nobody can tell what is in it. */
	void (*file)(void *ctx, struct str name);
};

/*
 * With what a purge of this account that did not end was about: it is in the
 * folder's file `purging` until all of it is gone. ST_NOT_FOUND: no such
 * folder, or nothing there. Release `out`.
 */
enum status purge_find(struct account *a, const struct purge_what *what,
    struct purge_found *out) MUST_CHECK;
void purge_found_release(struct purge_found *f);

/*
 * May be called again when it has failed: it goes on. ST_BUSY: a backup reads
 * the account, or the keeper is at it. ST_CORRUPT: a pack is damaged, and what
 * cannot be read of it cannot be told apart (check --repair).
 */
enum status purge_run(struct store *s, struct account *a,
    const struct purge_found *f, const struct purge_host *host) MUST_CHECK;

/*
 * The same for all of an account in removed/: `name` is its folder there,
 * `root` DATA. It is told message by message, as far as its database can be
 * read, else file by file; then its folder goes. From the first step on it
 * cannot be restored: what a run that was killed has left goes by the next
 * one, or by the keeper. ST_NOT_FOUND: there is none (any more).
 */
#define PURGE_ENDING ".purged" /* of the folder's name meanwhile */
enum status purge_removed_find(
    struct str root, struct str name, size_t *n_out) MUST_CHECK;
enum status purge_removed_run(
    struct str root, struct str name, const struct purge_host *host) MUST_CHECK;

/* Of an account's files: holds mail, and nobody can tell whose. */
bool purge_is_opaque(struct str name);

#endif

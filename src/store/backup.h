/*
 * A consistent copy of DATA in a folder, while the server runs and while it
 * does not (S36). One folder holds one state, with the history of it; what has
 * not changed since the run before is not read again. Until the new manifest
 * takes the place of the old one, at the very end, the state before stays as
 * it was; a run that was killed is gone on with.
 *
 * Called by who holds the lock on DATA, or has been handed it (S1).
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "base/buf.h"
#include "base/clock.h"

struct backup_progress {
	uint64_t accounts, accounts_all;
	uint64_t bytes, bytes_all; /* of files dealt with, copied or not */
};

struct backup_host {
	void *ctx;
	/*
	 * Its owner has the account open from now on until release (S1).
	 * ST_NOT_FOUND: it has gone meanwhile.
	 */
	enum status (*hold)(void *ctx, struct str account);
	void (*release)(void *ctx, struct str account);
	void (*progress)(void *ctx, const struct backup_progress *p);
	/* What the operator should know, and is no reason to stop. */
	void (*warn)(void *ctx, struct str text);
};

struct backup_config {
	const char *data, *dir;
	const char *settings; /* the file with them; NULL: none */
	bool keys;            /* private keys of DATA/tls, too */
	bool copy;            /* never link */
	uint64_t epoch;
	const struct clock *clock;
	struct backup_host host;
};

struct backup_result {
	uint64_t run;
	uint64_t accounts, unchanged; /* of them not read again */
	uint64_t files, bytes;        /* in the backup now */
	uint64_t read, linked;        /* bytes of DATA's files in this run */
	uint64_t failed;              /* accounts that could not be read */
};

/*
 * ST_BUSY: another backup into that folder runs; ST_EXISTS: it holds
 * something else; ST_NO_SPACE. When not ST_OK, `why` has a sentence.
 */
enum status backup_run(const struct backup_config *cfg,
    struct backup_result *out, struct buf *why) MUST_CHECK;

#endif

/*
 * Looking whether what is stored is whole, without changing any of it: a
 * backup, or an account beside its owner.
 */
#ifndef STORE_PROOF_H
#define STORE_PROOF_H

#include "base/buf.h"

struct proof_host {
	void *ctx;
	/* Something is wrong: where ("accounts/ab/<id>"), and what. */
	void (*found)(void *ctx, struct str where, struct str what);
	/* Nothing is, but it should be known: files that were set aside. */
	void (*note)(void *ctx, struct str where, struct str what);
	void (*progress)(void *ctx, uint64_t bytes, uint64_t all);
};

struct proof_result {
	uint64_t accounts, files, bytes;
	uint64_t mailboxes, entries, messages, records;
	uint64_t found;
};

/*
 * Every byte against its checksum, every account opened, its database and
 * records looked at, its counts against the manifest. ST_OK also when things
 * were found; otherwise `why` says why nothing could be looked at.
 */
enum status proof_backup(const char *dir, const struct proof_host *host,
    struct proof_result *out, struct buf *why) MUST_CHECK;

/*
 * An account of DATA, while its owner holds it open, or nobody has it (S1).
 * `path`: of DATA. ST_NOT_FOUND.
 */
enum status proof_account(const char *path, struct str id,
    const struct proof_host *host, struct proof_result *out) MUST_CHECK;

#endif

/*
 * From a backup to DATA: files are cloned or copied, never linked, and every
 * byte is compared with its checksum on the way (S36). The account that comes
 * of them gives no UID and no modseq that the one before may have given since
 * (S22): a mark in its folder has whoever opens it first see to that.
 */
#ifndef STORE_RECREATE_H
#define STORE_RECREATE_H

#include "store/manifest.h"
#include "store/store.h"

struct recreate_host {
	void *ctx;
	void (*progress)(void *ctx, uint64_t bytes);
};

struct recreate {
	int dir; /* the backup */
	struct manifest m;
	struct recreate_host host;
	uint64_t bytes; /* written so far */
	struct buf *why;
};

/* `why` gets a sentence whenever one of these fails. */
enum status recreate_open(struct recreate *r, const char *dir,
    const struct recreate_host *host, struct buf *why) MUST_CHECK;
void recreate_close(struct recreate *r);

/*
 * All files of an account's folder into `to`, which is made (and those above
 * it); what stands there from a run that was killed is replaced. ST_CORRUPT:
 * the backup is damaged there. recreate_mark() then has it on the disk, and
 * asks for its numbers to be raised: without it the account is none.
 */
enum status recreate_account(struct recreate *r,
    const struct manifest_folder *f, const char *to) MUST_CHECK;
enum status recreate_mark(struct recreate *r, const char *to) MUST_CHECK;
/* The folder goes, and what a run that did not end has put there. */
void recreate_drop(const char *to);
/* Is it marked? */
bool recreate_done(const char *to);

/* One file, under the name `to`, with that mode; replaced as a whole. */
enum status recreate_file(struct recreate *r, const struct manifest_folder *f,
    struct str name, const char *to, unsigned mode) MUST_CHECK;

/*
 * An account in the backup, to be read there: with what store/past.h and
 * store/message.h have. The store is for that account alone.
 */
enum status recreate_look(struct recreate *r, const char *dir,
    const struct manifest_folder *f, struct store **store_out,
    struct account **out) MUST_CHECK;
void recreate_look_end(struct store **s, struct account **a);
/* The 16 bytes that an EMAILID is (not its text). */
enum status recreate_emailid(
    struct account *a, uint64_t message, unsigned char out[16]) MUST_CHECK;

/*
 * The account as it was right after `modseq`, exactly: what came later is
 * taken off its history, too. For an account that nobody uses yet; it is to be
 * let go of then, and opened again. ST_NOT_FOUND: before its history.
 */
enum status recreate_rewind(struct account *a, uint64_t modseq) MUST_CHECK;

#endif

/*
 * A database at rest in one moment, read beside its owner: by a read-only
 * connection of our own, in one read transaction, copied by SQLite's backup
 * API (S7). The owner goes on writing meanwhile. It must have the database
 * open, or nobody may (S1): who calls this sees to it.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/buf.h"

struct snapshot;

/* The row of an account, and counts of what its database holds. */
struct snapshot_row {
	uint64_t modseq, next_id, history_from, applied_offset;
	uint32_t applied_pack;
};

/*
 * Begins. `still`: the file is a copy at rest that nothing may write beside,
 * not even SQLite. ST_NOT_FOUND; ST_CORRUPT: it is no database of ours.
 */
enum status snapshot_open(
    const char *path, bool still, struct snapshot **out) MUST_CHECK;
void snapshot_close(struct snapshot **s);

/* Of mail.db only. */
enum status snapshot_row(
    struct snapshot *s, struct snapshot_row *out) MUST_CHECK;
/* Mailboxes that exist, entries, messages. */
enum status snapshot_counts(struct snapshot *s, uint64_t *mailboxes_out,
    uint64_t *entries_out, uint64_t *messages_out) MUST_CHECK;
/* All of it into a new file. */
enum status snapshot_copy(struct snapshot *s, const char *to) MUST_CHECK;
/*
 * What SQLite's own check finds, a line each, at most 20. ST_OK: nothing;
 * ST_CORRUPT.
 */
enum status snapshot_check(struct snapshot *s, struct buf *found) MUST_CHECK;

#endif

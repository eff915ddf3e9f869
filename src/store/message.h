/*
 * Messages: immutable bytes and what was computed of them at arrival.
 */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "mime/summary.h"
#include "store/store.h"

struct message {
	uint64_t id;
	uint64_t size;        /* RFC822.SIZE */
	uint64_t header_size; /* with its empty line */
	int64_t internaldate_ms;
	int32_t internaldate_zone; /* minutes east of UTC */
	char emailid[33]; /* globally unique, [A-Za-z0-9_-], NUL-ended */
	char threadid[33];
};

/*
 * Look-ups between these two share one transaction of SQLite, whose locks cost
 * more than the look-up itself. Both belong into one slice (S9).
 */
void message_reading(struct account *a);
void message_read_done(struct account *a);

/* Sizes and dates. */
enum status message_get(
    struct account *a, uint64_t id, struct message *out) MUST_CHECK;

/* The encoded summary (mime/summary.h); lives in the arena. */
enum status message_summary(struct account *a, uint64_t id, struct arena *arena,
    struct str *out) MUST_CHECK;

/*
 * Calls fn for each of ids[] in order, with `message` filled and the encoded
 * summary borrowed for the call: one prepared statement, no per-row
 * allocation. FETCH of envelopes and SEARCH live on this. fn may stop the
 * walk by returning false.
 */
enum status message_walk(struct account *a, const uint64_t *ids, size_t n,
    bool (*fn)(
	void *ctx, size_t i, const struct message *m, struct str summary),
    void *ctx) MUST_CHECK;

/*
 * Appends bytes [at, at + n) of the message, cut at its end, to out. Only the
 * frames that hold them are decoded; the account keeps the last one.
 */
enum status message_read(struct account *a, uint64_t id, uint64_t at,
    uint64_t n, struct buf *out) MUST_CHECK;

#endif

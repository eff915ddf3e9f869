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

/*
 * Adds the unique-id that a former POP3 server gave the message; nothing when
 * there is none (V5).
 */
enum status message_uidl(
    struct account *a, uint64_t id, struct buf *out) MUST_CHECK;

/*
 * The EMAILIDs of all messages, also of those that history alone still holds,
 * as 16 bytes each: of ids >= from, at most so many. *next_out is where to go
 * on, 0 at the end.
 */
enum status message_emailids(struct account *a, uint64_t from, size_t most,
    struct buf *out, uint64_t *next_out) MUST_CHECK;
/* As struct message has it. */
void message_emailid_text(const unsigned char emailid[16], char out[33]);

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

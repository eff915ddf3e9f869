/*
 * A message that is being received, and one that has been: its bytes,
 * compressed in frames as they arrive (S6), and its summary. Made by workers
 * (APPEND, import: an unnamed file in DATA) and by deliver (LMTP: a memfd,
 * sealed, whose descriptor goes to the worker with incoming_encode's text).
 */
#ifndef STORE_INCOMING_H
#define STORE_INCOMING_H

#include "mime/summary.h"
#include "store/flags.h"

enum { INCOMING_LARGE = 8 * 1024 * 1024 }; /* stored bytes: a file of its own */

struct incoming;

/*
 * Takes `fd` over: an empty file for what memory shall not hold; -1 lets it
 * make a memfd when it needs one. At most `max` bytes; more gives ST_LIMIT.
 */
struct incoming *incoming_new(int fd, uint64_t max);

/* Bytes of the message in any pieces. NUL is ST_INVALID unless allowed (V8). */
enum status incoming_write(struct incoming *in, struct str bytes) MUST_CHECK;
void incoming_allow_nul(struct incoming *in);

/* No more bytes follow: flushes the last frame, computes the summary. */
enum status incoming_finish(struct incoming *in) MUST_CHECK;

/* Set before the change is asked; default: no flags, now. */
void incoming_set_flags(struct incoming *in, const struct flags *flags);
void incoming_set_date(
    struct incoming *in, int64_t internaldate_ms, int32_t zone_minutes);

/*
 * A message that has been elsewhere: its EMAILID (S20: fixed at its first
 * arrival; default: a new one), and the unique-id that its former POP3 server
 * gave it (V5; RFC 1939: 1 to 70 characters of 0x21 to 0x7e).
 */
enum { INCOMING_EMAILID = 16, INCOMING_UIDL_MAX = 70 };
void incoming_set_emailid(
    struct incoming *in, const unsigned char emailid[INCOMING_EMAILID]);
enum status incoming_set_uidl(struct incoming *in, struct str uidl) MUST_CHECK;

/*
 * Lines (CRLF-ended) that stand in front of this recipient's copy: the trace
 * of a delivery. The body is not compressed again, the summary's places move.
 */
void incoming_set_prefix(struct incoming *in, struct str lines);

uint64_t incoming_size(const struct incoming *in);
const struct summary *incoming_summary(const struct incoming *in);

/*
 * For another process: a short text and a descriptor that stays ours (all
 * bytes, the frame table and the summary are written to it now; -1 when that
 * fails). Decoding takes the other end's descriptor over.
 */
int incoming_fd(struct incoming *in);
void incoming_encode(const struct incoming *in, struct buf *out);
enum status incoming_decode(
    struct str text, int fd, struct incoming **out) MUST_CHECK;

/*
 * A large message that came from another process goes into a file of ours, so
 * that the store can link it (S6), prefix and all; some frames a call, so that
 * nobody waits. `fd`, an empty file, is taken over by the first call. ST_BUSY:
 * call again.
 */
bool incoming_is_large(const struct incoming *in);
enum status incoming_move(struct incoming *in, int fd) MUST_CHECK;

void incoming_free(struct incoming **in);

#endif

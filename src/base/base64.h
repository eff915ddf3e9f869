/*
 * Base64 (RFC 4648): strict for protocols (SASL, hashes), lenient and
 * streaming for mail bodies, where lines are folded, garbage is skipped and
 * several padded runs may follow each other (RFC 2045 6.8).
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

void base64_encode(struct str in, struct buf *out);

/*
 * The whole of `in`: no white space, padded to a multiple of four, unused bits
 * zero. ST_SYNTAX otherwise, and then `out` is as it was.
 */
enum status base64_decode(struct str in, struct buf *out) MUST_CHECK;

/* Starts zeroed; takes bytes in any pieces. What is not base64 is skipped. */
struct base64_stream {
	uint32_t bits;
	unsigned n; /* characters in bits, 0..3 */
};
void base64_feed(struct base64_stream *s, struct str in, struct buf *out);
/* At the end: writes what an unpadded tail still holds. */
void base64_end(struct base64_stream *s, struct buf *out);

#endif

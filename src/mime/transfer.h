/*
 * Content-Transfer-Encoding, decoded as bytes arrive (RFC 2045 6). Tolerant:
 * a broken "=" of quoted-printable stays as it is, garbage in base64 is
 * skipped. The result does not depend on how the bytes are cut.
 */
#ifndef MIME_TRANSFER_H
#define MIME_TRANSFER_H

#include "base/base64.h"
#include "mime/summary.h"

struct transfer {
	enum part_encoding encoding;
	struct base64_stream base64;
	char held[128]; /* quoted-printable: "=", "=X", or white space */
	size_t n_held;
};

/* ENC_OTHER is passed through; who must not show it asks before (BINARY). */
void transfer_open(struct transfer *t, enum part_encoding encoding);
void transfer_feed(struct transfer *t, struct str bytes, struct buf *out);
void transfer_end(struct transfer *t, struct buf *out);

/* The value of the field, in any case; "" and unknown: 7BIT and OTHER. */
enum part_encoding transfer_encoding(struct str value);

#endif

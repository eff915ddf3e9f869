/*
 * A connection to another server, for the command line: it blocks, with a time
 * limit, and can turn to TLS. Lines and counted bytes, as mail protocols have
 * them.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/buf.h"

enum {
	STREAM_TIMEOUT_S = 120, /* of each read and write */
	STREAM_CONNECT_S = 20,
	STREAM_LINE_MAX = 1024 * 1024,
};

struct stream;

/*
 * Connects to the first address of the host that answers. `why` gets a
 * sentence when that fails. ST_CLOSED: nobody is there.
 */
enum status stream_open(struct str host, struct str port, struct stream **out,
    struct buf *why) MUST_CHECK;
void stream_close(struct stream **s);

/*
 * TLS 1.2 or newer from here on, for the host's name by the system's
 * authorities unless `unverified`. Bytes that came before it are an error: an
 * injected answer (RFC 9051 section 11.1).
 */
enum status stream_start_tls(
    struct stream *s, bool unverified, struct buf *why) MUST_CHECK;
bool stream_has_tls(const struct stream *s);
bool stream_is_loopback(const struct stream *s);

/* ST_CLOSED: the other side is gone, or silent for too long. */
enum status stream_write(struct stream *s, struct str bytes) MUST_CHECK;
/* Adds the next line without its CRLF. ST_LIMIT: too long. */
enum status stream_line(struct stream *s, struct buf *out) MUST_CHECK;
/* The next n bytes, in pieces. What fn gives, other than ST_OK, is kept, and
 * returned when all bytes are read. */
enum status stream_bytes(struct stream *s, uint64_t n,
    enum status (*fn)(void *ctx, struct str piece), void *ctx) MUST_CHECK;

#endif

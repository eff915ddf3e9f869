/*
 * COMPRESS=DEFLATE (RFC 4978) between a session and its socket. When idle it
 * keeps no compressor, and of the decompressor only its dictionary (P14).
 */
#ifndef DAEMON_SQUEEZE_H
#define DAEMON_SQUEEZE_H

#include "base/buf.h"

enum { SQUEEZE_RAW = 16 * 1024 }; /* compressed bytes that wait */

struct squeeze;

struct squeeze *squeeze_new(void);
void squeeze_free(struct squeeze **sq);

/* Compresses what stands in `out` from `from` on, in place, flushed. */
void squeeze_out(struct squeeze *sq, struct buf *out, size_t from);

/* Compressed bytes, at most SQUEEZE_RAW of them not yet inflated. */
void squeeze_in(struct squeeze *sq, struct str raw);
size_t squeeze_room(const struct squeeze *sq);
/* Inflates into `in` until it is full. ST_CORRUPT: no deflate stream. */
enum status squeeze_inflate(struct squeeze *sq, struct buf *in) MUST_CHECK;
bool squeeze_pending(const struct squeeze *sq);

/* Nothing is on its way in either direction: frees what can be remade. */
void squeeze_idle(struct squeeze *sq);

#endif

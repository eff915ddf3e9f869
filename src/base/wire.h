/*
 * The one binary encoding of this program: pack records, packed history rows,
 * messages between processes. Little-endian fixed integers, LEB128 variable
 * ones, byte runs with a variable length in front.
 *
 * Writing goes to a buf (whose limit makes it sticky-full). Reading is
 * sticky too: after the first value that is not there, all further reads give
 * zero or the empty str, and wire_ok() is false. Check once, at the end.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include "base/buf.h"

void wire_put_u8(struct buf *b, uint8_t v);
void wire_put_u16(struct buf *b, uint16_t v);
void wire_put_u32(struct buf *b, uint32_t v);
void wire_put_u64(struct buf *b, uint64_t v);
void wire_put_var(struct buf *b, uint64_t v);   /* LEB128 */
void wire_put_svar(struct buf *b, int64_t v);   /* zigzag, then LEB128 */
void wire_put_str(struct buf *b, struct str s); /* var length, bytes */

struct wire {
	const char *p, *end;
	bool bad;
};

static inline struct wire
wire_of(struct str s)
{
	return (struct wire){s.p, s.p + s.n, false};
}

uint8_t wire_u8(struct wire *w);
uint16_t wire_u16(struct wire *w);
uint32_t wire_u32(struct wire *w);
uint64_t wire_u64(struct wire *w);
uint64_t wire_var(struct wire *w);
int64_t wire_svar(struct wire *w);
struct str wire_str(struct wire *w); /* borrowed from the input */
struct str wire_bytes(struct wire *w, size_t n);

static inline bool
wire_ok(const struct wire *w)
{
	return !w->bad;
}

/* Everything was read and nothing was missing. */
static inline bool
wire_end(const struct wire *w)
{
	return !w->bad && w->p == w->end;
}

#endif

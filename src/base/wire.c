#include "base/wire.h"

static void
put_le(struct buf *b, uint64_t v, size_t n)
{
	char le[8];

	for (size_t i = 0; i < n; i++)
		le[i] = (char)(v >> (8 * i));
	buf_add(b, le, n);
}

void
wire_put_u8(struct buf *b, uint8_t v)
{
	put_le(b, v, 1);
}

void
wire_put_u16(struct buf *b, uint16_t v)
{
	put_le(b, v, 2);
}

void
wire_put_u32(struct buf *b, uint32_t v)
{
	put_le(b, v, 4);
}

void
wire_put_u64(struct buf *b, uint64_t v)
{
	put_le(b, v, 8);
}

void
wire_put_var(struct buf *b, uint64_t v)
{
	char out[10];
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (char)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (char)v;
	buf_add(b, out, n);
}

void
wire_put_svar(struct buf *b, int64_t v)
{
	wire_put_var(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void
wire_put_str(struct buf *b, struct str s)
{
	wire_put_var(b, s.n);
	buf_adds(b, s);
}

struct str
wire_bytes(struct wire *w, size_t n)
{
	struct str s = S("");

	if (w->bad || n > (size_t)(w->end - w->p)) {
		w->bad = true;
		return s;
	}
	s = str_of(w->p, n);
	w->p += n;
	return s;
}

static uint64_t
get_le(struct wire *w, size_t n)
{
	struct str s = wire_bytes(w, n);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v |= (uint64_t)(unsigned char)s.p[i] << (8 * i);
	return v;
}

uint8_t
wire_u8(struct wire *w)
{
	return (uint8_t)get_le(w, 1);
}

uint16_t
wire_u16(struct wire *w)
{
	return (uint16_t)get_le(w, 2);
}

uint32_t
wire_u32(struct wire *w)
{
	return (uint32_t)get_le(w, 4);
}

uint64_t
wire_u64(struct wire *w)
{
	return get_le(w, 8);
}

uint64_t
wire_var(struct wire *w)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t c = wire_u8(w);

		if (w->bad)
			return 0;
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	w->bad = true;
	return 0;
}

int64_t
wire_svar(struct wire *w)
{
	uint64_t v = wire_var(w);

	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

struct str
wire_str(struct wire *w)
{
	uint64_t n = wire_var(w);

	if (n > SIZE_MAX)
		w->bad = true;
	return wire_bytes(w, (size_t)n);
}

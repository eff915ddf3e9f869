#include "store/frame.h"

#include <sodium.h>
#include <zstd.h>

#include "base/vec.h"
#include "base/wire.h"

enum { LEVEL = 1, FRAMES_MAX = 1 << 20 };

/*
 * A compression context is 600 KiB of tables that cost more to set up than a
 * small mail costs to compress; they hold no state between calls.
 */
static ZSTD_CCtx *
compressor(void)
{
	static ZSTD_CCtx *ctx;

	if (!ctx)
		ctx = ZSTD_createCCtx();
	ASSERT(ctx);
	return ctx;
}

static ZSTD_DCtx *
decompressor(void)
{
	static ZSTD_DCtx *ctx;

	if (!ctx)
		ctx = ZSTD_createDCtx();
	ASSERT(ctx);
	return ctx;
}

enum status
frame_encode(struct str raw, struct buf *out, struct frame *frame_out)
{
	size_t bound = ZSTD_compressBound(raw.n), n;
	char *to;

	ASSERT(raw.n <= FRAME_RAW);
	to = buf_reserve(out, bound);
	if (!to)
		return ST_LIMIT;
	n = ZSTD_compressCCtx(compressor(), to, bound, raw.p, raw.n, LEVEL);
	if (ZSTD_isError(n) || n > raw.n - raw.n / FRAME_MIN_GAIN) {
		if (raw.n)
			memcpy(to, raw.p, raw.n);
		n = raw.n;
		frame_out->codec = CODEC_RAW;
	} else {
		frame_out->codec = CODEC_ZSTD;
	}
	buf_commit(out, n);
	frame_out->raw = (uint32_t)raw.n;
	frame_out->stored = (uint32_t)n;
	return ST_OK;
}

enum status
frame_decode(const struct frame *f, struct str stored, struct buf *out)
{
	char *to;
	size_t n;

	if (stored.n != f->stored)
		return ST_CORRUPT;
	if (f->codec == CODEC_RAW) {
		if (f->raw != f->stored)
			return ST_CORRUPT;
		buf_adds(out, stored);
		return buf_status(out);
	}
	to = buf_reserve(out, f->raw);
	if (!to)
		return ST_LIMIT;
	n = ZSTD_decompressDCtx(decompressor(), to, f->raw, stored.p, stored.n);
	if (ZSTD_isError(n) || n != f->raw)
		return ST_CORRUPT;
	buf_commit(out, n);
	return ST_OK;
}

uint64_t
frame_sum(struct str stored)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES];
	uint64_t sum;

	_Static_assert(crypto_shorthash_BYTES == sizeof(sum), "64 bits");
	crypto_shorthash((unsigned char *)&sum, (const unsigned char *)stored.p,
	    stored.n, key);
	return sum;
}

void
frames_put(const struct frames *f, struct buf *out)
{
	wire_put_var(out, f->n_frames);
	for (size_t i = 0; i < f->n_frames; i++) {
		wire_put_u8(out, f->frames[i].codec);
		wire_put_var(out, f->frames[i].raw);
		wire_put_var(out, f->frames[i].stored);
	}
}

enum status
frames_get(struct wire *w, struct frames *out)
{
	struct frames f = {0};
	uint64_t n = wire_var(w);

	if (n > FRAMES_MAX)
		return ST_CORRUPT;
	for (uint64_t i = 0; i < n && wire_ok(w); i++) {
		uint8_t codec = wire_u8(w);
		uint64_t raw = wire_var(w), stored = wire_var(w);

		if (codec > CODEC_ZSTD || raw > FRAME_RAW ||
		    stored > FRAME_STORED_MAX)
			break;
		*VEC_ADD(&f, frames) =
		    (struct frame){(uint32_t)raw, (uint32_t)stored, codec, 0};
	}
	if (!wire_ok(w) || f.n_frames != n) {
		free(f.frames);
		return ST_CORRUPT;
	}
	*out = f;
	return ST_OK;
}

uint64_t
frames_stored(const struct frames *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n_frames; i++)
		n += f->frames[i].stored;
	return n;
}

uint64_t
frames_raw(const struct frames *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n_frames; i++)
		n += f->frames[i].raw;
	return n;
}

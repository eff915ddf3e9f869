/*
 * Frames: the compressed pieces that message bytes are kept in. The header
 * block has frames of its own, so that it is read without the body; the body
 * is cut every FRAME_RAW bytes, so that a part is read without the whole.
 */
#ifndef STORE_FRAME_H
#define STORE_FRAME_H

#include "base/buf.h"

enum {
	FRAME_RAW = 256 * 1024,
	FRAME_STORED_MAX = FRAME_RAW, /* raw where it does not shrink */
	FRAME_MIN_GAIN = 20,          /* compressed must save a 20th */
};

enum frame_codec { CODEC_RAW = 0, CODEC_ZSTD = 1 };

struct frame {
	uint32_t raw, stored; /* bytes */
	uint8_t codec;
	uint64_t sum; /* frame_sum(), of whole frames; 0: not computed */
};

struct frames {
	struct frame *frames;
	size_t n_frames, cap_frames;
};

/* Compresses at most FRAME_RAW bytes to the end of `out`. */
enum status frame_encode(
    struct str raw, struct buf *out, struct frame *frame_out) MUST_CHECK;
/* Puts the frame's bytes at the end of `out`; ST_CORRUPT if it cannot be. */
enum status frame_decode(
    const struct frame *f, struct str stored, struct buf *out) MUST_CHECK;

/* Not keyed: of frames that stand in a file of their own (S6). */
uint64_t frame_sum(struct str stored);

void frames_put(const struct frames *f, struct buf *out);
struct wire;
enum status frames_get(struct wire *w, struct frames *out) MUST_CHECK;
uint64_t frames_stored(const struct frames *f);
uint64_t frames_raw(const struct frames *f);

#endif

/* A large message of another process, moved into a file of ours (S6). */
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/incoming_int.h"

enum { MOVE_FRAMES = 16 }; /* a call: 4 MiB at most */

bool
incoming_is_large(const struct incoming *in)
{
	return frames_stored(&in->frames) >= INCOMING_LARGE;
}

/* Summed on the way: then the turn has not to read them. */
static enum status
move_frame(struct incoming *in, struct frame *f)
{
	enum status st;
	struct buf b;

	buf_init(&b, FRAME_STORED_MAX);
	st = incoming_stored(in, in->move.from, f->stored, &b);
	if (st == ST_OK) {
		f->sum = frame_sum(buf_str(&b));
		st = file_pwrite(in->move.fd, buf_str(&b), in->move.to);
	}
	in->move.from += f->stored;
	in->move.to += f->stored;
	buf_release(&b);
	return st;
}

/* The prefix is a frame like others from now on. */
static void
moved(struct incoming *in)
{
	struct frames all = {0};

	if (in->prefix.n)
		*VEC_ADD(&all, frames) = (struct frame){(uint32_t)in->prefix.n,
		    (uint32_t)in->prefix.n, CODEC_RAW, frame_sum(in->prefix)};
	for (size_t i = 0; i < in->frames.n_frames; i++)
		*VEC_ADD(&all, frames) = in->frames.frames[i];
	free(in->frames.frames);
	in->frames = all;
	in->size += in->prefix.n;
	in->prefix = S("");
	in->in_file = in->move.to;
	in->trailer = 0;
	close(in->fd);
	in->fd = in->move.fd;
	in->move.fd = -1;
}

enum status
incoming_move(struct incoming *in, int fd)
{
	enum status st = ST_OK;

	ASSERT(in->finished && in->memory.n == 0);
	if (in->move.fd < 0) {
		in->move.fd = fd;
		in->move.to = in->prefix.n;
		st = file_pwrite(fd, in->prefix, 0);
	}
	for (int i = 0; i < MOVE_FRAMES && st == ST_OK; i++) {
		if (in->move.frame == in->frames.n_frames) {
			moved(in);
			return ST_OK;
		}
		st = move_frame(in, &in->frames.frames[in->move.frame++]);
	}
	return st == ST_OK ? ST_BUSY : st;
}

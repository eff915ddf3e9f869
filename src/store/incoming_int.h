/*
 * What the turns and the pack need of a received message beside its public
 * face.
 */
#ifndef STORE_INCOMING_INT_H
#define STORE_INCOMING_INT_H

#include "store/frame.h"
#include "store/incoming.h"

/* An encoded summary: 100,000 parts and long header texts fit. */
enum { SUMMARY_MAX = 64 * 1024 * 1024 };

const struct flags *incoming_flags(const struct incoming *in);
/* INTERNALDATE; `now_ms` (UTC) when nobody set one. */
void incoming_date(const struct incoming *in, int64_t now_ms, int64_t *ms_out,
    int32_t *zone_out);
/* NULL when it is to get a new one. */
const unsigned char *incoming_emailid(const struct incoming *in);
struct str incoming_uidl(const struct incoming *in); /* "" without one */
uint64_t incoming_header_size(const struct incoming *in);

/* "" without one; a raw frame of its own in front of all frames. */
struct str incoming_prefix(const struct incoming *in);
const struct frames *incoming_frames(const struct incoming *in);
/* A file that has all frames from its start on, or -1. It stays ours. */
int incoming_whole_file(struct incoming *in);
/* Stored bytes [at, at + n) of all frames but the prefix, appended to out. */
enum status incoming_stored(const struct incoming *in, uint64_t at, size_t n,
    struct buf *out) MUST_CHECK;

/*
 * The inside, incoming*.c's alone:
 *
 *	incoming.c       bytes that arrive, and what is set and asked
 *	incoming_pass.c  to another process and from it
 *	incoming_move.c  into a file of ours
 *
 * Bytes go:  write -> raw (up to FRAME_RAW) -> frame_encode -> memory -> fd
 * The header ends a frame, whatever its size.
 */
struct incoming {
	int fd;
	uint64_t max, size;
	bool allow_nul, finished;

	struct summarizer *summarizer;
	struct buf raw;
	enum { LINE_START, AFTER_CR, IN_LINE, IN_BODY } header;
	struct frames frames;
	struct buf memory; /* stored bytes [in_file, in_file + memory.n) */
	uint64_t in_file;

	struct arena arena; /* summary, flags, prefix, decoded trailer */
	struct summary summary;
	struct flags flags;
	struct str prefix;
	bool dated;
	int64_t date_ms;
	int32_t zone;
	bool known; /* emailid is given */
	unsigned char emailid[INCOMING_EMAILID];
	struct str uidl;
	uint64_t trailer; /* bytes behind the frames in fd; 0: not yet */

	struct {
		int fd; /* where the frames go, or -1 */
		size_t frame;
		uint64_t from, to;
	} move;
};
struct incoming *incoming_make(int fd);
/* Makes the file, if there is none yet. */
enum status incoming_need_file(struct incoming *in) MUST_CHECK;
/* What is in memory goes into it. */
enum status incoming_spill(struct incoming *in) MUST_CHECK;

#endif

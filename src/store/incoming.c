#include "store/incoming_int.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "base/wire.h"

enum {
	IN_MEMORY = 128 * 1024, /* stored bytes, before the file is used */
	PREFIX_MAX = 64 * 1024,
	MOVE_FRAMES = 16, /* a call: 4 MiB at most */
	TRAILER_MAX = SUMMARY_MAX + 16 * 1024 * 1024,
};

/*
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

static struct incoming *
make(int fd)
{
	struct incoming *in = mem_zalloc(sizeof(*in));

	in->fd = fd;
	in->move.fd = -1;
	buf_init(&in->raw, FRAME_RAW);
	buf_init(&in->memory, IN_MEMORY + 2 * FRAME_RAW);
	return in;
}

struct incoming *
incoming_new(int fd, uint64_t max)
{
	struct incoming *in = make(fd);

	in->max = max;
	in->summarizer = summarizer_new();
	return in;
}

void
incoming_free(struct incoming **out)
{
	struct incoming *in = *out;

	*out = NULL;
	if (!in)
		return;
	if (in->fd >= 0)
		close(in->fd);
	if (in->move.fd >= 0)
		close(in->move.fd);
	summarizer_free(&in->summarizer);
	buf_release(&in->raw);
	buf_release(&in->memory);
	free(in->frames.frames);
	arena_release(&in->arena);
	free(in);
}

void
incoming_allow_nul(struct incoming *in)
{
	in->allow_nul = true;
}

static enum status
need_file(struct incoming *in)
{
	if (in->fd < 0)
		in->fd = memfd_create("message", MFD_CLOEXEC);
	return in->fd < 0 ? ST_IO : ST_OK;
}

static enum status
spill(struct incoming *in)
{
	enum status st;

	if (in->memory.n == 0)
		return ST_OK;
	if ((st = need_file(in)) != ST_OK ||
	    (st = file_pwrite(in->fd, buf_str(&in->memory), in->in_file)) !=
		ST_OK)
		return st;
	in->in_file += in->memory.n;
	buf_clear(&in->memory);
	return ST_OK;
}

static enum status
flush_frame(struct incoming *in)
{
	size_t from = in->memory.n;
	struct frame f;
	enum status st;

	if (in->raw.n == 0)
		return ST_OK;
	if ((st = frame_encode(buf_str(&in->raw), &in->memory, &f)) != ST_OK)
		return st;
	/* Summed while it arrives, if it may be large: not in a turn. */
	f.sum = f.raw == FRAME_RAW
	    ? frame_sum(str_from_pos(buf_str(&in->memory), from))
	    : 0;
	*VEC_ADD(&in->frames, frames) = f;
	buf_clear(&in->raw);
	return in->memory.n > IN_MEMORY ? spill(in) : ST_OK;
}

/* How many bytes belong to the header, up to and with its empty line. */
static size_t
header_part(struct incoming *in, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];

		if (c == '\n' && in->header != IN_LINE) {
			in->header = IN_BODY;
			return i + 1;
		}
		if (c == '\n')
			in->header = LINE_START;
		else if (c == '\r' && in->header == LINE_START)
			in->header = AFTER_CR;
		else
			in->header = IN_LINE;
	}
	return bytes.n;
}

static enum status
put(struct incoming *in, struct str bytes)
{
	enum status st = ST_OK;

	while (bytes.n && st == ST_OK) {
		struct str piece = str_first(bytes, FRAME_RAW - in->raw.n);

		buf_adds(&in->raw, piece);
		bytes = str_from_pos(bytes, piece.n);
		if (in->raw.n == FRAME_RAW)
			st = flush_frame(in);
	}
	return st;
}

enum status
incoming_write(struct incoming *in, struct str bytes)
{
	enum status st = ST_OK;

	ASSERT(!in->finished);
	if (bytes.n > in->max - in->size)
		return ST_LIMIT;
	if (!in->allow_nul && str_find(bytes, '\0') != SIZE_MAX)
		return ST_INVALID;
	in->size += bytes.n;
	summarizer_feed(in->summarizer, bytes);
	if (in->header != IN_BODY) {
		size_t n = header_part(in, bytes);

		st = put(in, str_first(bytes, n));
		bytes = str_from_pos(bytes, n);
		if (st == ST_OK && in->header == IN_BODY)
			st = flush_frame(in);
	}
	return st == ST_OK ? put(in, bytes) : st;
}

enum status
incoming_finish(struct incoming *in)
{
	enum status st = flush_frame(in);

	if (st != ST_OK)
		return st;
	summarizer_finish(in->summarizer, &in->arena, &in->summary);
	summarizer_free(&in->summarizer);
	buf_release(&in->raw);
	in->finished = true;
	return ST_OK;
}

static void
copy_flags(struct incoming *in, const struct flags *flags)
{
	struct str *words =
	    ARENA_ARRAY(&in->arena, struct str, flags->n_keywords);

	for (size_t i = 0; i < flags->n_keywords; i++)
		words[i] = arena_str(&in->arena, flags->keywords[i]);
	in->flags = (struct flags){flags->bits, words, flags->n_keywords};
}

void
incoming_set_flags(struct incoming *in, const struct flags *flags)
{
	copy_flags(in, flags);
}

void
incoming_set_date(struct incoming *in, int64_t ms, int32_t zone)
{
	in->dated = true;
	in->date_ms = ms;
	in->zone = zone;
}

void
incoming_set_emailid(
    struct incoming *in, const unsigned char emailid[INCOMING_EMAILID])
{
	in->known = true;
	memcpy(in->emailid, emailid, INCOMING_EMAILID);
}

enum status
incoming_set_uidl(struct incoming *in, struct str uidl)
{
	if (uidl.n > INCOMING_UIDL_MAX)
		return ST_INVALID;
	for (size_t i = 0; i < uidl.n; i++)
		if (uidl.p[i] < 0x21 || uidl.p[i] > 0x7e)
			return ST_INVALID;
	in->uidl = arena_str(&in->arena, uidl);
	return ST_OK;
}

/* The lines join the top header; everything behind them moves. */
void
incoming_set_prefix(struct incoming *in, struct str lines)
{
	struct summary *s = &in->summary;

	ASSERT(in->finished && in->prefix.n == 0 && lines.n <= PREFIX_MAX);
	in->prefix = arena_str(&in->arena, lines);
	for (uint32_t i = 0; i < s->n_parts; i++) {
		if (i)
			s->parts[i].header_at += lines.n;
		else
			s->parts[i].header_size += lines.n;
		s->parts[i].body_at += lines.n;
	}
}

uint64_t
incoming_size(const struct incoming *in)
{
	return in->size + in->prefix.n;
}

const struct summary *
incoming_summary(const struct incoming *in)
{
	ASSERT(in->finished);
	return &in->summary;
}

uint64_t
incoming_header_size(const struct incoming *in)
{
	return incoming_summary(in)->parts[0].header_size;
}

const struct flags *
incoming_flags(const struct incoming *in)
{
	return &in->flags;
}

void
incoming_date(const struct incoming *in, int64_t now_ms, int64_t *ms_out,
    int32_t *zone_out)
{
	*ms_out = in->dated ? in->date_ms : now_ms;
	*zone_out = in->dated ? in->zone : 0;
}

const unsigned char *
incoming_emailid(const struct incoming *in)
{
	return in->known ? in->emailid : NULL;
}

struct str
incoming_uidl(const struct incoming *in)
{
	return in->uidl;
}

struct str
incoming_prefix(const struct incoming *in)
{
	return in->prefix;
}

const struct frames *
incoming_frames(const struct incoming *in)
{
	return &in->frames;
}

enum status
incoming_stored(
    const struct incoming *in, uint64_t at, size_t n, struct buf *out)
{
	char *to = buf_reserve(out, n);
	size_t filed = at < in->in_file
	    ? (size_t)(in->in_file - at < n ? in->in_file - at : n)
	    : 0;

	if (!to)
		return ST_LIMIT;
	if (filed && file_pread(in->fd, to, filed, at) != (ssize_t)filed)
		return ST_IO;
	if (n > filed) {
		uint64_t from = at + filed - in->in_file;

		ASSERT(from + (n - filed) <= in->memory.n);
		memcpy(to + filed, in->memory.p + from, n - filed);
	}
	buf_commit(out, n);
	return ST_OK;
}

int
incoming_whole_file(struct incoming *in)
{
	if (in->fd < 0 || in->prefix.n || spill(in) != ST_OK)
		return -1;
	return in->fd;
}

/* Behind the frames in the file: their table, the summary, what was set. */
static enum status
write_trailer(struct incoming *in)
{
	struct buf b, summary;
	enum status st;

	buf_init(&b, TRAILER_MAX);
	buf_init(&summary, SUMMARY_MAX);
	frames_put(&in->frames, &b);
	summary_encode(&in->summary, &summary);
	wire_put_str(&b, buf_str(&summary));
	wire_put_u8(&b, (uint8_t)in->flags.bits);
	wire_put_var(&b, in->flags.n_keywords);
	for (size_t i = 0; i < in->flags.n_keywords; i++)
		wire_put_str(&b, in->flags.keywords[i]);
	wire_put_u8(&b, in->dated);
	wire_put_svar(&b, in->date_ms);
	wire_put_svar(&b, in->zone);
	wire_put_u8(&b, in->known);
	buf_add(&b, in->emailid, INCOMING_EMAILID);
	wire_put_str(&b, in->uidl);
	st = buf_full(&b) || buf_full(&summary)
	    ? ST_LIMIT
	    : file_pwrite(in->fd, buf_str(&b), in->in_file);
	if (st == ST_OK)
		in->trailer = b.n;
	buf_release(&b);
	buf_release(&summary);
	return st;
}

int
incoming_fd(struct incoming *in)
{
	ASSERT(in->finished && in->prefix.n == 0);
	if (in->trailer)
		return in->fd;
	if (need_file(in) != ST_OK || spill(in) != ST_OK ||
	    write_trailer(in) != ST_OK)
		return -1;
	return in->fd;
}

void
incoming_encode(const struct incoming *in, struct buf *out)
{
	wire_put_u64(out, in->size);
	wire_put_u64(out, in->in_file);
	wire_put_u64(out, in->trailer);
}

static enum status
read_trailer(struct incoming *in, struct str trailer)
{
	struct wire w = wire_of(trailer);
	struct flags flags = {0};
	struct str *words, id;
	enum status st;
	uint64_t n;

	if ((st = frames_get(&w, &in->frames)) != ST_OK)
		return st;
	st = summary_decode(wire_str(&w), &in->arena, &in->summary);
	if (st != ST_OK)
		return st;
	flags.bits = wire_u8(&w);
	n = wire_var(&w);
	if (!wire_ok(&w) || n > (uint64_t)(w.end - w.p))
		return ST_SYNTAX;
	words = ARENA_ARRAY(&in->arena, struct str, (size_t)n);
	for (uint64_t i = 0; i < n; i++)
		words[i] = wire_str(&w);
	in->flags = (struct flags){flags.bits, words, (size_t)n};
	in->dated = wire_u8(&w) != 0;
	in->date_ms = wire_svar(&w);
	in->zone = (int32_t)wire_svar(&w);
	in->known = wire_u8(&w) != 0;
	id = wire_bytes(&w, INCOMING_EMAILID);
	if (id.n == INCOMING_EMAILID)
		memcpy(in->emailid, id.p, id.n);
	if (incoming_set_uidl(in, wire_str(&w)) != ST_OK)
		return ST_SYNTAX;
	if (!wire_end(&w) || in->summary.n_parts == 0 ||
	    frames_stored(&in->frames) != in->in_file ||
	    frames_raw(&in->frames) != in->size)
		return ST_SYNTAX;
	return ST_OK;
}

enum status
incoming_decode(struct str text, int fd, struct incoming **out)
{
	struct incoming *in = make(fd);
	struct wire w = wire_of(text);
	enum status st = ST_SYNTAX;
	char *trailer;

	in->finished = true;
	in->size = wire_u64(&w);
	in->in_file = wire_u64(&w);
	in->trailer = wire_u64(&w);
	if (!wire_end(&w) || in->trailer == 0 || in->trailer > TRAILER_MAX)
		goto out;
	trailer = arena_alloc(&in->arena, (size_t)in->trailer);
	if (file_pread(fd, trailer, (size_t)in->trailer, in->in_file) ==
	    (ssize_t)in->trailer)
		st = read_trailer(in, str_of(trailer, (size_t)in->trailer));
	else
		st = ST_IO;
out:
	if (st == ST_OK)
		*out = in;
	else
		incoming_free(&in);
	return st;
}

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

#include "store/incoming_int.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"

enum {
	IN_MEMORY = 128 * 1024, /* stored bytes, before the file is used */
	PREFIX_MAX = 64 * 1024,
};

struct incoming *
incoming_make(int fd)
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
	struct incoming *in = incoming_make(fd);

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

enum status
incoming_need_file(struct incoming *in)
{
	if (in->fd < 0)
		in->fd = memfd_create("message", MFD_CLOEXEC);
	return in->fd < 0 ? ST_IO : ST_OK;
}

enum status
incoming_spill(struct incoming *in)
{
	enum status st;

	if (in->memory.n == 0)
		return ST_OK;
	if ((st = incoming_need_file(in)) != ST_OK ||
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
	return in->memory.n > IN_MEMORY ? incoming_spill(in) : ST_OK;
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
	if (in->fd < 0 || in->prefix.n || incoming_spill(in) != ST_OK)
		return -1;
	return in->fd;
}

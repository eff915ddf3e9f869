/* A message as it goes to another process: a descriptor, and a short text. */
#include "base/file.h"
#include "base/wire.h"
#include "store/incoming_int.h"

enum { TRAILER_MAX = SUMMARY_MAX + 16 * 1024 * 1024 };

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
	if (incoming_need_file(in) != ST_OK || incoming_spill(in) != ST_OK ||
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
	struct incoming *in = incoming_make(fd);
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

#include "daemon/squeeze.h"

#include <zlib.h>

enum { WINDOW = 32 * 1024, PIECE = 16 * 1024, RAW_BITS = -15, MEMORY = 8 };

struct squeeze {
	z_stream down; /* inflate */
	z_stream up;   /* deflate */
	bool has_down, has_up;
	struct buf raw;
	unsigned char *dictionary;
	unsigned dictionary_n;
	bool more; /* inflate has output left, even without input */
};

struct squeeze *
squeeze_new(void)
{
	struct squeeze *sq = mem_zalloc(sizeof(*sq));

	buf_init(&sq->raw, SQUEEZE_RAW);
	return sq;
}

void
squeeze_free(struct squeeze **sqp)
{
	struct squeeze *sq = *sqp;

	if (!sq)
		return;
	*sqp = NULL;
	if (sq->has_down)
		inflateEnd(&sq->down);
	if (sq->has_up)
		deflateEnd(&sq->up);
	buf_release(&sq->raw);
	free(sq->dictionary);
	free(sq);
}

/*
 * A fresh compressor may go on where another one ended with a sync flush: it
 * starts at a byte, and refers to nothing before itself.
 */
static void
need_up(struct squeeze *sq)
{
	if (sq->has_up)
		return;
	memset(&sq->up, 0, sizeof(sq->up));
	ASSERT(deflateInit2(&sq->up, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
		   RAW_BITS, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK);
	sq->has_up = true;
}

static void
need_down(struct squeeze *sq)
{
	if (sq->has_down)
		return;
	memset(&sq->down, 0, sizeof(sq->down));
	ASSERT(inflateInit2(&sq->down, RAW_BITS) == Z_OK);
	if (sq->dictionary)
		ASSERT(inflateSetDictionary(&sq->down, sq->dictionary,
			   sq->dictionary_n) == Z_OK);
	free(sq->dictionary);
	sq->dictionary = NULL;
	sq->has_down = true;
}

void
squeeze_out(struct squeeze *sq, struct buf *out, size_t from)
{
	struct buf plain;

	buf_init(&plain, SIZE_MAX / 2);
	buf_add(&plain, out->p + from, out->n - from);
	buf_truncate(out, from);
	need_up(sq);
	sq->up.next_in = (unsigned char *)plain.p;
	sq->up.avail_in = (unsigned)plain.n;
	do {
		char *to = buf_reserve(out, PIECE);

		ASSERT(to);
		sq->up.next_out = (unsigned char *)to;
		sq->up.avail_out = PIECE;
		/* Z_BUF_ERROR: the flush was just complete. */
		int rc = deflate(&sq->up, Z_SYNC_FLUSH);

		ASSERT(rc == Z_OK || rc == Z_BUF_ERROR);
		buf_commit(out, PIECE - sq->up.avail_out);
	} while (sq->up.avail_out == 0);
	buf_release(&plain);
}

void
squeeze_in(struct squeeze *sq, struct str raw)
{
	buf_adds(&sq->raw, raw);
	ASSERT(!buf_full(&sq->raw));
}

size_t
squeeze_room(const struct squeeze *sq)
{
	return sq->raw.max - sq->raw.n;
}

bool
squeeze_pending(const struct squeeze *sq)
{
	return sq->raw.n > 0 || sq->more;
}

enum status
squeeze_inflate(struct squeeze *sq, struct buf *in)
{
	int rc = Z_OK;

	need_down(sq);
	sq->down.next_in = (unsigned char *)sq->raw.p;
	sq->down.avail_in = (unsigned)sq->raw.n;
	sq->more = true;
	while (in->n < in->max && sq->more) {
		size_t room = min_size(in->max - in->n, PIECE);
		char *to = buf_reserve(in, room);

		ASSERT(to);
		sq->down.next_out = (unsigned char *)to;
		sq->down.avail_out = (unsigned)room;
		rc = inflate(&sq->down, Z_SYNC_FLUSH);
		if (rc != Z_OK && rc != Z_BUF_ERROR)
			return ST_CORRUPT; /* its end, too: nobody ends it */
		buf_commit(in, room - sq->down.avail_out);
		sq->more = sq->down.avail_out == 0;
	}
	buf_consume(&sq->raw, sq->raw.n - sq->down.avail_in);
	return ST_OK;
}

/* Between two blocks and at a byte, as inflate() tells in data_type. */
enum { AT_BLOCK = 128 };

void
squeeze_idle(struct squeeze *sq)
{
	if (sq->has_up) {
		deflateEnd(&sq->up);
		sq->has_up = false;
	}
	if (!sq->has_down || squeeze_pending(sq) ||
	    sq->down.data_type != AT_BLOCK)
		return;
	sq->dictionary = mem_alloc(WINDOW);
	sq->dictionary_n = 0;
	if (inflateGetDictionary(
		&sq->down, sq->dictionary, &sq->dictionary_n) != Z_OK ||
	    !sq->dictionary_n) {
		free(sq->dictionary);
		sq->dictionary = NULL;
		return;
	}
	sq->dictionary = mem_resize(sq->dictionary, sq->dictionary_n);
	inflateEnd(&sq->down);
	sq->has_down = false;
	buf_shrink(&sq->raw);
}

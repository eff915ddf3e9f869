#include "proto/line.h"

void
line_init(struct line_reader *r, size_t max)
{
	buf_init(&r->held, max);
	r->skipping = false;
}

void
line_release(struct line_reader *r)
{
	line_wipe(r);
	buf_release(&r->held);
}

void
line_wipe(struct line_reader *r)
{
	if (r->held.p)
		explicit_bzero(r->held.p, r->held.cap);
	buf_clear(&r->held);
	buf_shrink(&r->held);
	r->skipping = false;
}

enum line_result
line_take(struct line_reader *r, struct buf *in, struct str *line_out)
{
	size_t end = str_find(buf_str(in), '\n');
	bool whole = end != SIZE_MAX;
	size_t n = whole ? end + 1 : in->n;

	/* What was handed out is over when the next line is asked for. */
	if (r->held.n && r->held.p[r->held.n - 1] == '\n')
		buf_clear(&r->held);
	buf_adds(&r->held, str_first(buf_str(in), n));
	buf_consume(in, n);
	if (buf_full(&r->held)) {
		r->skipping = true;
		buf_clear(&r->held);
	}
	if (!whole)
		return LINE_NONE;
	if (r->skipping) {
		r->skipping = false;
		buf_clear(&r->held);
		return LINE_TOO_LONG;
	}
	*line_out = str_first(buf_str(&r->held), r->held.n - 1);
	if (str_ends(*line_out, S("\r")))
		line_out->n--;
	return LINE_WHOLE;
}

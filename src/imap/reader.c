#include "imap/reader.h"

enum { READER_KEEP_MEMORY = 4096 };

void
imap_reader_init(struct imap_reader *r, const struct imap_reader_limits *limits)
{
	*r = (struct imap_reader){.limits = *limits};
	/* The announcement of a literal may stand beyond the limit. */
	buf_init(&r->text, limits->command + limits->line + READER_TAIL);
}

void
imap_reader_release(struct imap_reader *r)
{
	buf_release(&r->text);
}

void
imap_reader_reset(struct imap_reader *r)
{
	buf_clear(&r->text);
	if (r->text.cap > READER_KEEP_MEMORY)
		buf_shrink(&r->text);
	r->line_at = 0;
	r->state = READER_LINE;
	r->tail_n = 0;
}

void
imap_reader_continue(struct imap_reader *r)
{
	r->raw = true;
	r->line_at = r->text.n;
}

/*
 * Does the line end with "{n}", "{n+}", "~{n}" or "~{n+}"? A line end inside
 * a quoted string is not legal, so whatever looks like this is a literal.
 */
static bool
announcement(struct imap_reader *r, struct str line)
{
	struct str digits;
	size_t open;
	bool sync = true;
	uint64_t n;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return false;
	for (open = line.n - 1; open > 0 && line.p[open] != '{';)
		open--;
	if (line.p[open] != '{')
		return false;
	digits = str_of(line.p + open + 1, line.n - open - 2);
	if (digits.n > 0 && digits.p[digits.n - 1] == '+') {
		sync = false;
		digits.n--;
	}
	if (!str_to_u64(digits, &n))
		return false;
	r->literal_size = r->literal_left = n;
	r->literal_sync = sync;
	r->literal_binary = open > 0 && line.p[open - 1] == '~';
	return true;
}

static struct str
without_eol(struct str s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* How much of the input is of the current line; whether its end is there. */
static size_t
line_part(const struct buf *in, bool *ended_out)
{
	size_t i = str_find(buf_str(in), '\n');

	*ended_out = i != SIZE_MAX;
	return *ended_out ? i + 1 : in->n;
}

static void
keep_tail(struct imap_reader *r, const char *p, size_t n)
{
	size_t drop;

	if (n >= READER_TAIL) {
		memcpy(r->tail, p + n - READER_TAIL, READER_TAIL);
		r->tail_n = READER_TAIL;
		return;
	}
	drop = r->tail_n + n > READER_TAIL ? r->tail_n + n - READER_TAIL : 0;
	memmove(r->tail, r->tail + drop, r->tail_n - drop);
	memcpy(r->tail + r->tail_n - drop, p, n);
	r->tail_n += n - drop;
}

static enum imap_read
feed_line(struct imap_reader *r, struct buf *in)
{
	bool ended;
	size_t n = line_part(in, &ended);
	size_t have = r->text.n - r->line_at;
	struct str line;

	if (n == 0)
		return READ_MORE;
	/* Two bytes of grace: the limit is on the line without its end. */
	if (have + n > r->limits.line + 2 ||
	    r->text.n + n > r->limits.command + 2) {
		keep_tail(r, r->text.p + r->line_at, have);
		r->state = READER_SKIP_LINE;
		return READ_MORE;
	}
	buf_add(&r->text, in->p, n);
	buf_consume(in, n);
	if (!ended)
		return READ_MORE;
	line = str_from_pos(buf_str(&r->text), r->line_at);
	if (r->raw || !announcement(r, without_eol(line)))
		return READ_COMMAND;
	r->state = READER_DECIDE;
	return READ_LITERAL;
}

static enum imap_read
feed_skipped_line(struct imap_reader *r, struct buf *in)
{
	bool ended;
	size_t n = line_part(in, &ended);

	keep_tail(r, in->p, n);
	buf_consume(in, n);
	if (!ended)
		return READ_MORE;
	if (!r->raw &&
	    announcement(r, without_eol(str_of(r->tail, r->tail_n)))) {
		r->tail_n = 0;
		r->state =
		    r->literal_sync ? READER_SKIP_LINE : READER_SKIP_LITERAL;
		return r->literal_sync ? READ_SKIPPED : READ_MORE;
	}
	return READ_SKIPPED;
}

static enum imap_read
feed_literal(struct imap_reader *r, struct buf *in)
{
	size_t n = in->n;

	if (n > r->literal_left)
		n = (size_t)r->literal_left;
	r->literal_left -= n;
	if (r->state == READER_STREAM) {
		r->bytes = str_of(in->p, n);
		return READ_BYTES;
	}
	if (r->state == READER_KEEP)
		buf_add(&r->text, in->p, n);
	buf_consume(in, n);
	return READ_MORE;
}

enum imap_read
imap_reader_feed(struct imap_reader *r, struct buf *in)
{
	enum imap_read got = READ_MORE;

	while (got == READ_MORE) {
		if (r->state >= READER_KEEP && r->literal_left == 0) {
			r->state = r->state == READER_SKIP_LITERAL
			    ? READER_SKIP_LINE
			    : READER_LINE;
			r->line_at = r->text.n;
			r->tail_n = 0;
		}
		if (in->n == 0)
			break;
		switch (r->state) {
		case READER_LINE:
			got = feed_line(r, in);
			break;
		case READER_SKIP_LINE:
			got = feed_skipped_line(r, in);
			break;
		case READER_DECIDE:
			return READ_LITERAL;
		case READER_KEEP:
		case READER_STREAM:
		case READER_SKIP_LITERAL:
			got = feed_literal(r, in);
			break;
		}
	}
	return got;
}

bool
imap_reader_keep(struct imap_reader *r)
{
	ASSERT(r->state == READER_DECIDE);
	if (r->literal_size > r->limits.literal ||
	    r->text.n + r->literal_size > r->limits.command)
		return false;
	r->state = READER_KEEP;
	return true;
}

void
imap_reader_stream(struct imap_reader *r)
{
	ASSERT(r->state == READER_DECIDE);
	r->state = READER_STREAM;
}

bool
imap_reader_skip(struct imap_reader *r)
{
	ASSERT(r->state == READER_DECIDE);
	if (r->literal_sync)
		return true;
	r->state = READER_SKIP_LITERAL;
	return false;
}

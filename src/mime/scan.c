#include "mime/scan.h"

#include "base/vec.h"

enum {
	BOUNDARY_MAX = 1000, /* RFC 2046: 70; a line of mail: 998 */
};

/* An open part, on the path from the root to where we are. */
struct open {
	uint32_t part;
	uint32_t last_child;   /* 0: none yet */
	uint64_t lines_before; /* lines of the message where the body began */
	struct str boundary;   /* heap; n = 0: no multipart, or closed */
	bool digest;
};

enum state { IN_HEADER, IN_BODY, OPAQUE };

struct scan {
	struct scan_owner owner;
	struct summary_part *parts;
	size_t n_parts, cap_parts;
	struct open path[LIMIT_MIME_DEPTH + 1];
	size_t depth; /* path[0..depth) */
	size_t n_boundaries;
	uint64_t lengths[BOUNDARY_MAX / 64 + 1]; /* a set: of boundaries */
	size_t shortest;

	enum state state;
	uint64_t pos;     /* of the next byte */
	uint64_t line_at; /* where the current line began */
	uint64_t lines;   /* line ends so far */
	unsigned eol;     /* bytes of the line end before line_at: 0..2 */
	bool mid_line;    /* a body line that needs no look goes on */
	char last;        /* the last byte seen, for CR LF cut in two */
	bool capture;

	struct buf line;   /* the start of a line that is cut */
	struct buf header; /* of the current part */
};

static void
buf_add_some(struct buf *b, struct str s)
{
	buf_adds(b, str_first(s, b->max - b->n));
}

static struct open *
top(struct scan *s)
{
	return &s->path[s->depth - 1];
}

static void
note_lengths(struct scan *s)
{
	memset(s->lengths, 0, sizeof(s->lengths));
	s->shortest = BOUNDARY_MAX;
	for (size_t i = 0; i < s->depth; i++) {
		size_t n = s->path[i].boundary.n;

		if (n == 0)
			continue;
		s->lengths[n / 64] |= 1ULL << (n % 64);
		s->shortest = min_size(s->shortest, n);
	}
}

static bool
has_length(const struct scan *s, size_t n)
{
	return n <= BOUNDARY_MAX && (s->lengths[n / 64] >> (n % 64) & 1);
}

static void
drop_boundary(struct scan *s, struct open *o)
{
	if (o->boundary.n == 0)
		return;
	free((char *)(uintptr_t)o->boundary.p);
	o->boundary = S("");
	s->n_boundaries--;
	note_lengths(s);
}

void
scan_give_up(struct scan *s)
{
	while (s->depth)
		drop_boundary(s, &s->path[--s->depth]);
	s->state = OPAQUE;
	s->capture = false;
	s->mid_line = true;
}

/* Begins a part whose header starts at `at`, below the top of the path. */
static void
push(struct scan *s, uint64_t at)
{
	struct summary_part *p;
	uint32_t index = (uint32_t)s->n_parts;

	if (s->depth > LIMIT_MIME_DEPTH || s->n_parts >= LIMIT_MIME_PARTS) {
		scan_give_up(s);
		return;
	}
	p = VEC_ADD(s, parts);
	p->header_at = at;
	if (s->depth) {
		struct open *o = top(s);
		struct summary_part *parent = &s->parts[o->part];

		p->parent = o->part;
		p->number = ++parent->n_children;
		if (o->last_child)
			s->parts[o->last_child].next_sibling = index;
		else
			parent->first_child = index;
		o->last_child = index;
	}
	s->path[s->depth++] = (struct open){index, 0, 0, S(""), false};
	s->state = IN_HEADER;
	s->capture = false;
	buf_clear(&s->header);
}

/* The header of the top part ends here; asks what its body is. */
static void
header_done(struct scan *s, uint64_t end)
{
	struct open *o = top(s);
	struct summary_part *p = &s->parts[o->part];
	struct scan_answer answer;
	bool in_digest = s->depth > 1 && s->path[s->depth - 2].digest;

	p->header_size = end - p->header_at;
	p->body_at = end;
	o->lines_before = s->lines;
	s->state = IN_BODY;
	answer = s->owner.header(
	    s->owner.ctx, o->part, buf_str(&s->header), in_digest);
	if (s->state == OPAQUE)
		return;
	p = &s->parts[o->part];
	if (answer.kind == PART_MULTIPART && answer.boundary.n > BOUNDARY_MAX)
		answer.kind = PART_LEAF;
	p->kind = (uint8_t)answer.kind;
	s->capture = answer.capture;
	if (answer.kind == PART_MULTIPART) {
		o->boundary =
		    str_of(str_dup(answer.boundary), answer.boundary.n);
		o->digest = answer.digest;
		s->n_boundaries++;
		note_lengths(s);
	} else if (answer.kind == PART_MESSAGE) {
		push(s, end);
	}
}

/*
 * Closes the top part, whose body ends at `end`; `lines` is what the message
 * had up to there. A multipart without parts gets one that is all of it, so
 * that its text can be read.
 */
static void
pop(struct scan *s, uint64_t end, uint64_t lines)
{
	struct open o = *top(s);
	struct summary_part *p = &s->parts[o.part];

	if (s->state == IN_HEADER) {
		/* May push the message in it, which is closed first. */
		size_t depth = s->depth;

		header_done(s, max_size(end, p->header_at));
		if (s->state == OPAQUE)
			return;
		while (s->depth > depth)
			pop(s, end, lines);
		o = *top(s);
		p = &s->parts[o.part];
		s->state = IN_BODY;
	}
	if (p->kind == PART_MULTIPART && p->n_children == 0) {
		uint64_t at = p->body_at;

		drop_boundary(s, top(s));
		push(s, at);
		if (s->state == OPAQUE)
			return;
		header_done(s, at);
		if (s->state == OPAQUE)
			return;
		top(s)->lines_before = o.lines_before;
		while (top(s)->part != o.part)
			pop(s, end, lines);
		p = &s->parts[o.part];
	}
	p->body_size = end > p->body_at ? end - p->body_at : 0;
	p->body_lines = lines > o.lines_before && p->body_size
	    ? (uint32_t)(lines - o.lines_before)
	    : 0;
	drop_boundary(s, top(s));
	s->depth--;
	s->state = IN_BODY;
	s->capture = false;
}

/*
 * Is this line (with its end) a boundary of an open multipart? One that is
 * a boundary exactly is looked for first, so that "--ab" does not close "a";
 * then one that closes and has more behind it, as some senders write.
 */
static bool
boundary_match(const struct scan *s, struct str line, size_t *level, bool *last)
{
	bool exact;

	if (line.n < 3 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	line = str_trim(str_from_pos(line, 2));
	if (line.n < s->shortest)
		return false;
	exact = has_length(s, line.n) || has_length(s, line.n - 2);
	for (size_t i = exact ? s->depth : 0; i-- > 0;) {
		struct str b = s->path[i].boundary;

		if (b.n == 0 || (line.n != b.n && line.n != b.n + 2) ||
		    !str_starts(line, b))
			continue;
		*level = i;
		*last = line.n != b.n;
		if (!*last || str_ends(line, S("--")))
			return true;
	}
	for (size_t i = s->depth; i-- > 0;) {
		struct str b = s->path[i].boundary;

		if (b.n == 0 || line.n < b.n + 2 || line.p[b.n] != '-' ||
		    line.p[b.n + 1] != '-' || !str_starts(line, b))
			continue;
		*level = i;
		*last = true;
		return true;
	}
	return false;
}

/* The line [at, end) is the boundary of path[level]. */
static void
boundary(struct scan *s, size_t level, bool last, uint64_t at, uint64_t end)
{
	bool in_header = s->state == IN_HEADER;
	uint64_t body_end = at - s->eol, lines = s->lines - (s->eol != 0);

	if (in_header) {
		/* The header has no empty line and the part no body. */
		body_end = at;
		lines = s->lines;
	}
	while (s->state != OPAQUE && s->depth > level + 1)
		pop(s, body_end, lines);
	if (s->state == OPAQUE)
		return;
	if (last) {
		drop_boundary(s, top(s));
		s->state = IN_BODY;
	} else {
		push(s, end);
	}
}

static bool
is_blank(struct str line)
{
	return str_eq(line, S("\r\n")) || str_eq(line, S("\n"));
}

/*
 * A line that needed a look: any of a header, in a body those that begin
 * with '-'. `line` may be cut when it is long; it ends at `end`, and `eol`
 * is the length of its line end (0 at the end of the message).
 */
static void
line_done(struct scan *s, struct str line, uint64_t end, unsigned eol)
{
	uint64_t at = s->line_at;
	size_t level;
	bool last;

	if (s->n_boundaries && boundary_match(s, line, &level, &last)) {
		boundary(s, level, last, at, end);
		s->lines += eol != 0;
	} else if (s->state == IN_HEADER) {
		s->lines += eol != 0;
		if (is_blank(line))
			header_done(s, end);
		else
			buf_add_some(&s->header, line);
	} else {
		s->lines += eol != 0;
		if (s->capture)
			s->capture =
			    s->owner.body(s->owner.ctx, top(s)->part, line);
	}
	s->eol = eol;
	s->line_at = end;
}

/* Counts the line ends in s. */
static uint64_t
count_lines(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	uint64_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		n++;
	}
	return n;
}

/*
 * Body bytes at `s` up to the next line that needs a look, or all of them:
 * with no multipart open nothing does, and with one only lines with a '-'.
 */
static size_t
body_run(struct scan *s, struct str bytes)
{
	const char *p = bytes.p, *end = bytes.p + bytes.n, *q;

	if (s->n_boundaries == 0) {
		s->lines += count_lines(bytes);
		s->mid_line = true;
		return bytes.n;
	}
	while (p < end) {
		if (!s->mid_line && *p == '-')
			break;
		q = memchr(p, '\n', (size_t)(end - p));
		if (!q) {
			s->mid_line = true;
			p = end;
			break;
		}
		if (q > bytes.p)
			s->eol = q[-1] == '\r' ? 2 : 1;
		else
			s->eol = s->mid_line && s->last == '\r' ? 2 : 1;
		s->lines++;
		s->mid_line = false;
		p = q + 1;
		s->line_at = s->pos + (uint64_t)(p - bytes.p);
	}
	return (size_t)(p - bytes.p);
}

/* A line to be looked at: completes it, or keeps what there is of it. */
static size_t
careful_line(struct scan *s, struct str bytes)
{
	size_t at = str_find(bytes, '\n');
	struct str line = str_first(bytes, at == SIZE_MAX ? at : at + 1);
	unsigned eol;

	if (at == SIZE_MAX) {
		buf_add_some(&s->line, line);
		return line.n;
	}
	eol = 1;
	if (at > 0 ? bytes.p[at - 1] == '\r' : s->line.n && s->last == '\r')
		eol = 2;
	if (s->line.n) {
		buf_add_some(&s->line, line);
		line_done(s, buf_str(&s->line), s->pos + at + 1, eol);
		buf_clear(&s->line);
	} else {
		line_done(s, line, s->pos + at + 1, eol);
	}
	return at + 1;
}

void
scan_feed(struct scan *s, struct str bytes)
{
	while (bytes.n) {
		size_t n;

		if (s->state == OPAQUE) {
			n = bytes.n;
			s->lines += count_lines(bytes);
		} else if (s->state == IN_HEADER || s->line.n ||
		    (!s->mid_line && s->n_boundaries && bytes.p[0] == '-')) {
			n = careful_line(s, bytes);
			if (s->state == IN_BODY && s->line.n == 0)
				s->mid_line = false;
		} else {
			n = body_run(s, bytes);
			if (s->capture)
				s->capture = s->owner.body(s->owner.ctx,
				    top(s)->part, str_first(bytes, n));
		}
		s->pos += n;
		s->last = bytes.p[n - 1];
		bytes = str_from_pos(bytes, n);
	}
}

void
scan_finish(struct scan *s)
{
	if (s->state != OPAQUE && s->line.n)
		line_done(s, buf_str(&s->line), s->pos, 0);
	while (s->state != OPAQUE && s->depth)
		pop(s, s->pos, s->lines);
	if (s->state == OPAQUE)
		s->parts[0] = scan_root(s);
}

struct scan *
scan_new(struct scan_owner owner)
{
	struct scan *s = mem_zalloc(sizeof(*s));

	s->owner = owner;
	buf_init(&s->line, LIMIT_MIME_HEADER);
	buf_init(&s->header, LIMIT_MIME_HEADER);
	push(s, 0);
	return s;
}

void
scan_free(struct scan **s)
{
	if (!*s)
		return;
	while ((*s)->depth)
		drop_boundary(*s, &(*s)->path[--(*s)->depth]);
	buf_release(&(*s)->line);
	buf_release(&(*s)->header);
	free((*s)->parts);
	free(*s);
	*s = NULL;
}

bool
scan_opaque(const struct scan *s)
{
	return s->state == OPAQUE;
}

struct summary_part *
scan_parts(struct scan *s, uint32_t *n_out)
{
	*n_out = scan_opaque(s) ? 1 : (uint32_t)s->n_parts;
	return s->parts;
}

struct summary_part
scan_root(const struct scan *s)
{
	struct summary_part root = {
	    .header_size = s->parts[0].header_size,
	    .body_at = s->parts[0].body_at,
	    .body_size = s->pos - s->parts[0].body_at,
	    .type = S("TEXT"),
	    .subtype = S("PLAIN"),
	    .charset = S(""),
	};

	root.body_lines = (uint32_t)(s->lines - s->path[0].lines_before);
	return root;
}

#include "imap/parse.h"

#include "proto/limits.h"

void
imap_parse_init(
    struct imap_parse *p, struct str text, bool utf8, struct arena *arena)
{
	*p = (struct imap_parse){
	    .p = text.p, .end = text.p + text.n, .arena = arena, .utf8 = utf8};
}

bool
parse_fail(struct imap_parse *p, const char *why)
{
	if (!p->why)
		p->why = why;
	return false;
}

bool
parse_char(struct imap_parse *p, char c)
{
	if (!parse_at(p, c))
		return false;
	p->p++;
	return true;
}

bool
parse_sp(struct imap_parse *p)
{
	return parse_char(p, ' ');
}

bool
parse_crlf(struct imap_parse *p)
{
	const char *at = p->p;

	/* A bare LF is what some scripts send; it cannot mean anything else. */
	if (parse_at(p, '\r'))
		p->p++;
	if (parse_at(p, '\n') && p->p + 1 == p->end) {
		p->p++;
		return true;
	}
	p->p = at;
	return false;
}

bool
parse_text(struct imap_parse *p, struct str text)
{
	if (!str_startsi(str_of(p->p, (size_t)(p->end - p->p)), text))
		return false;
	p->p += text.n;
	return true;
}

bool
parse_keyword(struct imap_parse *p, struct str word)
{
	const char *at = p->p;

	if (!parse_text(p, word))
		return false;
	if (p->p < p->end && imap_is_atom_char((unsigned char)*p->p)) {
		p->p = at;
		return false;
	}
	return true;
}

bool
parse_deeper(struct imap_parse *p)
{
	if (p->depth == LIMIT_NESTING)
		return parse_fail(p, "Nested too deeply");
	p->depth++;
	return true;
}

void
parse_shallower(struct imap_parse *p)
{
	ASSERT(p->depth > 0);
	p->depth--;
}

/*
 * ATOM-CHAR = <any CHAR except atom-specials>
 * atom-specials = "(" / ")" / "{" / SP / CTL / "%" / "*" / DQUOTE / "\" / "]"
 */
bool
imap_is_atom_char(unsigned char c)
{
	return c > ' ' && c < 127 && !strchr("(){%*\"\\]", c);
}

/* Takes the longest run of atom characters and of those in `more`. */
static bool
parse_run(struct imap_parse *p, const char *more, struct str *out)
{
	const char *at = p->p;

	while (p->p < p->end &&
	    (imap_is_atom_char((unsigned char)*p->p) ||
		(*p->p != '\0' && strchr(more, *p->p))))
		p->p++;
	*out = str_of(at, (size_t)(p->p - at));
	return out->n > 0;
}

/* tag = 1*<any ASTRING-CHAR except "+"> */
bool
parse_tag(struct imap_parse *p, struct str *out)
{
	const char *at = p->p;

	if (!parse_run(p, "]", out) || str_find(*out, '+') != SIZE_MAX) {
		p->p = at;
		return false;
	}
	return true;
}

bool
parse_atom(struct imap_parse *p, struct str *out)
{
	return parse_run(p, "", out);
}

/* astring = 1*ASTRING-CHAR / string;  ASTRING-CHAR = ATOM-CHAR / "]" */
bool
parse_astring(struct imap_parse *p, struct str *out)
{
	return parse_run(p, "]", out) || parse_string(p, out);
}

/* string = quoted / literal */
bool
parse_string(struct imap_parse *p, struct str *out)
{
	return parse_quoted(p, out) || parse_literal(p, out, NULL);
}

/* nstring = string / nil */
bool
parse_nstring(struct imap_parse *p, struct str *out)
{
	if (parse_keyword(p, S("NIL"))) {
		*out = str_of(NULL, 0);
		return true;
	}
	return parse_string(p, out);
}

/*
 * quoted = DQUOTE *QUOTED-CHAR DQUOTE. Bytes above 127 are UTF-8, legal in
 * rev2 and with UTF8=ACCEPT; others send them too, and there is no other
 * meaning they could have, so what they mean is left to the argument.
 */
bool
parse_quoted(struct imap_parse *p, struct str *out)
{
	const char *c, *begin = p->p + 1;
	bool escaped = false;
	char *to, *start;

	if (!parse_at(p, '"'))
		return false;
	for (c = begin; c < p->end && *c != '"'; c++) {
		if (*c == '\\') {
			escaped = true;
			if (++c == p->end || (*c != '"' && *c != '\\'))
				return parse_fail(
				    p, "Only \\\\ and \\\" in quotes");
		}
		if (*c == '\r' || *c == '\n' || *c == '\0')
			return parse_fail(p, "Unfinished quoted string");
	}
	if (c >= p->end)
		return parse_fail(p, "Unfinished quoted string");
	*out = str_of(begin, (size_t)(c - begin));
	p->p = c + 1;
	if (!escaped)
		return true;
	start = to = ARENA_ARRAY(p->arena, char, out->n);
	for (c = begin; c < p->p - 1; c++) {
		if (*c == '\\')
			c++;
		*to++ = *c;
	}
	*out = str_of(start, (size_t)(to - start));
	return true;
}

bool
parse_literal_header(struct imap_parse *p, uint64_t *size_out, bool *binary_out)
{
	const char *at = p->p;
	bool binary = parse_char(p, '~');
	uint64_t n;

	if (!(parse_char(p, '{') && parse_number64(p, &n)))
		goto no;
	(void)parse_char(p, '+');
	if (!parse_char(p, '}'))
		goto no;
	(void)parse_char(p, '\r');
	if (!parse_char(p, '\n'))
		goto no;
	*size_out = n;
	*binary_out = binary;
	return true;
no:
	p->p = at;
	return false;
}

bool
parse_literal(struct imap_parse *p, struct str *out, bool *binary_out)
{
	const char *at = p->p;
	bool binary;
	uint64_t n;

	if (!parse_literal_header(p, &n, &binary))
		return false;
	if (n > (uint64_t)(p->end - p->p)) {
		p->truncated = true;
		p->p = at;
		return false;
	}
	if (binary && !binary_out) {
		p->p = at;
		return parse_fail(p, "A literal8 is not legal here");
	}
	*out = str_of(p->p, (size_t)n);
	p->p += n;
	/* literal = ... *CHAR8: any byte but NUL, which only literal8 holds. */
	if (!binary && memchr(out->p, '\0', out->n)) {
		p->p = at;
		return parse_fail(p, "A NUL in a literal");
	}
	if (binary_out)
		*binary_out = binary;
	return true;
}

bool
parse_number64(struct imap_parse *p, uint64_t *out)
{
	const char *at = p->p;

	while (p->p < p->end && *p->p >= '0' && *p->p <= '9')
		p->p++;
	if (p->p > at && str_to_u64(str_of(at, (size_t)(p->p - at)), out))
		return true;
	p->p = at;
	return false;
}

bool
parse_number(struct imap_parse *p, uint32_t *out)
{
	const char *at = p->p;
	uint64_t n;

	if (!parse_number64(p, &n))
		return false;
	if (n > UINT32_MAX) {
		p->p = at;
		return parse_fail(p, "A number is too large");
	}
	*out = (uint32_t)n;
	return true;
}

/* nz-number = digit-nz *DIGIT. Leading zeros are let pass. */
bool
parse_nz_number(struct imap_parse *p, uint32_t *out)
{
	const char *at = p->p;
	uint32_t n;

	if (!parse_number(p, &n))
		return false;
	if (n == 0) {
		p->p = at;
		return parse_fail(p, "Zero is not legal here");
	}
	*out = n;
	return true;
}

/* seq-number = nz-number / "*" */
static bool
parse_seq_number(struct imap_parse *p, uint32_t *out)
{
	if (parse_char(p, '*')) {
		*out = 0;
		return true;
	}
	return parse_nz_number(p, out);
}

/* sequence-set = (seq-number / seq-range) ["," sequence-set] / "$" */
bool
parse_sequence_set(struct imap_parse *p, struct imap_set *out)
{
	struct imap_range r;
	size_t cap = 0;

	*out = (struct imap_set){0};
	if (parse_char(p, '$')) {
		out->saved = true;
		return true;
	}
	do {
		if (!parse_seq_number(p, &r.first))
			return parse_fail(p, "Not a message set");
		r.last = r.first;
		if (parse_char(p, ':') && !parse_seq_number(p, &r.last))
			return parse_fail(p, "Not a message set");
		if (out->n == cap) {
			struct imap_range *more;

			cap = cap ? cap * 2 : 8;
			more = ARENA_ARRAY(p->arena, struct imap_range, cap);
			if (out->n)
				memcpy(more, out->ranges, out->n * sizeof(r));
			out->ranges = more;
		}
		out->ranges[out->n++] = r;
	} while (parse_char(p, ','));
	return true;
}

bool
parse_partial(struct imap_parse *p, uint64_t *at_out, uint64_t *n_out)
{
	const char *at = p->p;
	uint64_t from, n;

	if (parse_char(p, '<') && parse_number64(p, &from) &&
	    parse_char(p, '.') && parse_number64(p, &n) && n > 0 &&
	    parse_char(p, '>')) {
		*at_out = from;
		*n_out = n;
		return true;
	}
	p->p = at;
	return false;
}

#include "mime/transfer.h"

#include "base/hex.h"
#include "mime/lex.h"

enum part_encoding
transfer_encoding(struct str value)
{
	static const struct {
		struct str name;
		enum part_encoding encoding;
	} known[] = {
	    {STR_INIT(""), ENC_7BIT},
	    {STR_INIT("7bit"), ENC_7BIT},
	    {STR_INIT("8bit"), ENC_8BIT},
	    {STR_INIT("binary"), ENC_BINARY},
	    {STR_INIT("quoted-printable"), ENC_QP},
	    {STR_INIT("base64"), ENC_BASE64},
	};
	struct str word;

	(void)lex_cfws(&value, NULL);
	word = lex_until(&value, ";()");
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eqi(word, known[i].name))
			return known[i].encoding;
	return ENC_OTHER;
}

void
transfer_open(struct transfer *t, enum part_encoding encoding)
{
	*t = (struct transfer){.encoding = encoding};
}

static void
release(struct transfer *t, struct buf *out)
{
	buf_add(out, t->held, t->n_held);
	t->n_held = 0;
}

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * One byte that the fast path does not take. Held is empty, or "=" and what
 * followed it so far, or white space that a line end would make vanish (RFC
 * 2045 6.7 rule 3), perhaps with a CR behind.
 */
static void
qp_byte(struct transfer *t, char c, struct buf *out)
{
	char *h = t->held;
	size_t n = t->n_held;

	if (n && h[0] == '=') {
		bool second = n == 2 && hex_digit(h[1]) >= 0;

		if (second && hex_digit(c) >= 0) {
			buf_addc(
			    out, (char)(hex_digit(h[1]) << 4 | hex_digit(c)));
			t->n_held = 0;
			return;
		}
		if (c == '\n' && !second) {
			t->n_held = 0; /* soft line break */
			return;
		}
		if (n < sizeof(t->held) && !second &&
		    (is_wsp(c) || c == '\r' || (n == 1 && hex_digit(c) >= 0))) {
			h[t->n_held++] = c;
			return;
		}
		release(t, out);
	} else if (n) {
		if (c == '\n') {
			bool cr = h[n - 1] == '\r';

			t->n_held = 0;
			buf_addz(out, cr ? "\r\n" : "\n");
			return;
		}
		if (h[n - 1] != '\r' && n < sizeof(t->held) &&
		    (is_wsp(c) || c == '\r')) {
			h[t->n_held++] = c;
			return;
		}
		release(t, out);
	}
	if (c == '=' || is_wsp(c) || c == '\r')
		h[t->n_held++] = c;
	else
		buf_addc(out, c);
}

/* Nothing but what may stand between "=" and the end of its line. */
static bool
only_padding(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_wsp(s.p[i]) && s.p[i] != '\r')
			return false;
	return true;
}

/*
 * A whole line with its line end, nothing held: the same as byte by byte,
 * which remains the one way for lines that are cut or too long to hold.
 */
static void
qp_line(struct str s, struct buf *out)
{
	char *to = buf_reserve(out, s.n), *start = to;
	bool cr = s.n > 1 && s.p[s.n - 2] == '\r';

	if (!to)
		return;
	s.n -= cr ? 2 : 1;
	while (s.n && is_wsp(s.p[s.n - 1]))
		s.n--;
	for (size_t i = 0; i < s.n;) {
		const char *q = memchr(s.p + i, '=', s.n - i);
		size_t run = q ? (size_t)(q - s.p) - i : s.n - i;

		memcpy(to, s.p + i, run);
		to += run;
		i += run;
		if (i == s.n)
			break;
		if (i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
		    hex_digit(s.p[i + 2]) >= 0) {
			*to++ = (char)(hex_digit(s.p[i + 1]) << 4 |
			    hex_digit(s.p[i + 2]));
			i += 3;
		} else if (only_padding(str_from_pos(s, i + 1))) {
			buf_commit(out, (size_t)(to - start));
			return;
		} else {
			*to++ = s.p[i++];
		}
	}
	if (cr)
		*to++ = '\r';
	*to++ = '\n';
	buf_commit(out, (size_t)(to - start));
}

static void
qp_feed(struct transfer *t, struct str s, struct buf *out)
{
	while (s.n) {
		size_t end = str_find(s, '\n');

		if (end == SIZE_MAX)
			end = s.n - 1;
		else if (t->n_held == 0 && end < sizeof(t->held) - 2) {
			qp_line(str_first(s, end + 1), out);
			s = str_from_pos(s, end + 1);
			continue;
		}
		for (size_t i = 0; i <= end; i++)
			qp_byte(t, s.p[i], out);
		s = str_from_pos(s, end + 1);
	}
}

void
transfer_feed(struct transfer *t, struct str bytes, struct buf *out)
{
	if (t->encoding == ENC_BASE64)
		base64_feed(&t->base64, bytes, out);
	else if (t->encoding == ENC_QP)
		qp_feed(t, bytes, out);
	else
		buf_adds(out, bytes);
}

void
transfer_end(struct transfer *t, struct buf *out)
{
	if (t->encoding == ENC_BASE64)
		base64_end(&t->base64, out);
	else if (t->n_held && t->held[0] == '=' && t->n_held == 1)
		t->n_held = 0; /* a soft break at the very end */
	release(t, out);
}

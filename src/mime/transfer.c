#include "mime/transfer.h"

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

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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
		bool second = n == 2 && hex(h[1]) >= 0;

		if (second && hex(c) >= 0) {
			buf_addc(out, (char)(hex(h[1]) << 4 | hex(c)));
			t->n_held = 0;
			return;
		}
		if (c == '\n' && !second) {
			t->n_held = 0; /* soft line break */
			return;
		}
		if (n < sizeof(t->held) && !second &&
		    (is_wsp(c) || c == '\r' || (n == 1 && hex(c) >= 0))) {
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

static void
qp_feed(struct transfer *t, struct str s, struct buf *out)
{
	while (s.n) {
		size_t run = 0;

		while (t->n_held == 0 && run < s.n && s.p[run] != '=' &&
		    s.p[run] != '\r' && !is_wsp(s.p[run]))
			run++;
		buf_add(out, s.p, run);
		s = str_from_pos(s, run);
		if (s.n) {
			qp_byte(t, s.p[0], out);
			s = str_from_pos(s, 1);
		}
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

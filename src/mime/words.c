#include "mime/words.h"

#include "base/base64.h"
#include "base/hex.h"
#include "mime/charset.h"
#include "mime/header.h"

struct word {
	struct str charset, text;
	bool base64;
	size_t n; /* bytes of the whole =?...?= */
};

/* s starts with "=?"; false: it only looks like an encoded word. */
static bool
word_parse(struct str s, struct word *out)
{
	struct str rest = str_from_pos(s, 2), coding;
	size_t q = str_find(rest, '?'), end;

	if (q == SIZE_MAX || q == 0 || q > 70)
		return false;
	out->charset = str_first(rest, q);
	if (str_find(out->charset, ' ') != SIZE_MAX)
		return false;
	rest = str_from_pos(rest, q + 1);
	coding = str_first(rest, 2);
	if (!str_eqi(coding, S("q?")) && !str_eqi(coding, S("b?")))
		return false;
	out->base64 = (coding.p[0] | 32) == 'b';
	rest = str_from_pos(rest, 2);
	/* A '?' that should have been encoded is part of the text. */
	end = str_find_str(rest, S("?="));
	if (end == SIZE_MAX)
		return false;
	out->text = str_first(rest, end);
	out->n = (size_t)(rest.p + end + 2 - s.p);
	/* RFC 2231 5: charset*language. */
	out->charset = str_first(out->charset,
	    min_size(out->charset.n, str_find(out->charset, '*')));
	return true;
}

static void
q_decode(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int hi =
		    s.p[i] == '=' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s.p[i + 2]) : -1;

		if (lo >= 0) {
			buf_addc(out, (char)(hi << 4 | lo));
			i += 2;
		} else {
			buf_addc(out, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

static void
bytes_of(const struct word *w, struct buf *out)
{
	struct base64_stream b64 = {0};

	if (!w->base64) {
		q_decode(w->text, out);
		return;
	}
	base64_feed(&b64, w->text, out);
	base64_end(&b64, out);
}

/* The next "=?" of s that begins an encoded word, or SIZE_MAX. */
static size_t
find_word(struct str s, struct word *out)
{
	size_t at = 0;

	for (;;) {
		size_t d = str_find_str(str_from_pos(s, at), S("=?"));

		if (d == SIZE_MAX)
			return SIZE_MAX;
		at += d;
		if (word_parse(str_from_pos(s, at), out))
			return at;
		at += 2;
	}
}

static bool
all_space(struct str s)
{
	return str_trim(s).n == 0;
}

static void
decode_unfolded(struct str s, struct buf *out)
{
	struct charset_reader r;
	struct str open = S("");
	bool in_word = false;
	struct buf bytes;
	struct word w;

	buf_init(&bytes, SIZE_MAX);
	for (;;) {
		size_t at = find_word(s, &w);
		struct str before = str_first(s, at);
		/* RFC 2047 6.2: space between two words is not shown. */
		bool glued = at != SIZE_MAX && in_word && all_space(before);

		/* A character may be cut in two words of one charset. */
		if (in_word && !(glued && str_eqi(open, w.charset))) {
			charset_close(&r, out);
			in_word = false;
		}
		if (!glued)
			charset_to_utf8(S(""), before, out);
		if (at == SIZE_MAX)
			break;
		buf_clear(&bytes);
		bytes_of(&w, &bytes);
		if (!in_word) {
			charset_open(&r, w.charset);
			open = w.charset;
			in_word = true;
		}
		charset_feed(&r, buf_str(&bytes), out);
		s = str_from_pos(s, at + w.n);
	}
	buf_release(&bytes);
}

void
words_decode(struct str raw, struct buf *out)
{
	struct buf line;

	buf_init(&line, SIZE_MAX);
	header_unfold(raw, &line);
	decode_unfolded(buf_str(&line), out);
	buf_release(&line);
}

#include "base/utf8.h"

static unsigned
byte(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

/* Length by the first byte, and the range its second byte must be in. */
static size_t
lead(unsigned c, unsigned *lo, unsigned *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef) {
		if (c == 0xe0)
			*lo = 0xa0;
		if (c == 0xed)
			*hi = 0x9f;
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		if (c == 0xf0)
			*lo = 0x90;
		if (c == 0xf4)
			*hi = 0x8f;
		return 4;
	}
	return 0;
}

/* How many bytes at the start of s fit; *want: how many the lead asks for. */
static size_t
fits(struct str s, size_t *want)
{
	unsigned lo, hi;
	size_t i = 1;

	*want = s.n ? lead(byte(s, 0), &lo, &hi) : 0;
	if (*want == 0)
		return 0;
	while (i < *want && i < s.n && byte(s, i) >= lo && byte(s, i) <= hi) {
		lo = 0x80;
		hi = 0xbf;
		i++;
	}
	return i;
}

size_t
utf8_length(struct str s)
{
	size_t want, n = fits(s, &want);

	return n == want ? n : 0;
}

bool
utf8_incomplete(struct str s)
{
	size_t want, n = fits(s, &want);

	return n && n < want && n == s.n;
}

/* Most mail is ASCII: 32 bytes at a time while it is. */
size_t
utf8_ascii_run(struct str s)
{
	size_t i = 0;
	uint64_t w[4];

	for (; i + sizeof(w) <= s.n; i += sizeof(w)) {
		memcpy(w, s.p + i, sizeof(w));
		if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080ULL)
			break;
	}
	while (i < s.n && byte(s, i) < 0x80)
		i++;
	return i;
}

size_t
utf8_valid_run(struct str s)
{
	size_t i = 0, n;

	for (;;) {
		i += utf8_ascii_run(str_of(s.p + i, s.n - i));
		if (i == s.n)
			return i;
		n = utf8_length(str_of(s.p + i, s.n - i));
		if (n == 0)
			return i;
		i += n;
	}
}

bool
utf8_valid(struct str s)
{
	return utf8_valid_run(s) == s.n;
}

bool
utf8_next(struct str *rest, uint32_t *cp_out)
{
	static const unsigned char mask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t n;
	uint32_t cp;

	if (rest->n == 0)
		return false;
	if (byte(*rest, 0) < 0x80) {
		*cp_out = byte(*rest, 0);
		*rest = str_of(rest->p + 1, rest->n - 1);
		return true;
	}
	n = utf8_length(*rest);
	cp = n ? byte(*rest, 0) & mask[n] : UTF8_REPLACEMENT;
	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | (byte(*rest, i) & 0x3f);
	*rest = str_from_pos(*rest, n ? n : 1);
	*cp_out = cp;
	return true;
}

void
utf8_add(struct buf *out, uint32_t cp)
{
	char c[4];
	size_t n;

	if (cp < 0x80) {
		c[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		c[0] = (char)(0xc0 | cp >> 6);
		n = 2;
	} else if (cp < 0x10000) {
		c[0] = (char)(0xe0 | cp >> 12);
		n = 3;
	} else {
		c[0] = (char)(0xf0 | cp >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		c[i] = (char)(0x80 | (cp >> (6 * (n - 1 - i)) & 0x3f));
	buf_add(out, c, n);
}

void
utf8_add_valid(struct buf *out, struct str s)
{
	while (s.n) {
		size_t ok = utf8_valid_run(s);

		buf_adds(out, str_first(s, ok));
		s = str_from_pos(s, ok);
		if (s.n) {
			utf8_add(out, UTF8_REPLACEMENT);
			s = str_from_pos(s, 1);
		}
	}
}

struct str
utf8_clip(struct str s, size_t max)
{
	size_t n = max;

	if (s.n <= max)
		return s;
	while (n > 0 && max - n < 4 && (byte(s, n) & 0xc0) == 0x80)
		n--;
	return str_first(s, n);
}

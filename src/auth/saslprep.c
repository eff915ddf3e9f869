#include "auth/saslprep.h"

#include <utf8proc.h>

#include "base/utf8.h"

/* RFC 3454 B.1: commonly mapped to nothing. */
static bool
is_nothing(uint32_t c)
{
	return c == 0xad || c == 0x34f || c == 0x1806 ||
	    (c >= 0x180b && c <= 0x180d) || (c >= 0x200b && c <= 0x200d) ||
	    c == 0x2060 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

/* RFC 3454 C.2.1 to C.9; C.1.2 has been mapped to SP. */
static bool
is_prohibited(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		break;
	}
	return c == 0x6dd || c == 0x70f || c == 0x180e || c == 0x340 ||
	    c == 0x341 || (c >= 0x200e && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2061 && c <= 0x2063) ||
	    (c >= 0x206a && c <= 0x206f) || (c >= 0x2ff0 && c <= 0x2ffb) ||
	    (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xfff9 && c <= 0xfffd) ||
	    (c & 0xfffe) == 0xfffe || (c >= 0x1d173 && c <= 0x1d17a) ||
	    (c >= 0xe0000 && c <= 0xe007f);
}

static bool
is_ral(uint32_t c)
{
	utf8proc_bidi_class_t b =
	    (utf8proc_bidi_class_t)utf8proc_get_property((utf8proc_int32_t)c)
		->bidi_class;

	return b == UTF8PROC_BIDI_CLASS_R || b == UTF8PROC_BIDI_CLASS_AL;
}

/* RFC 3454 6: right-to-left text stands alone and at both ends. */
static bool
check(struct str s)
{
	bool ral = false, l = false, first_ral = false, last_ral = false;
	bool first = true;
	uint32_t c;

	while (utf8_next(&s, &c)) {
		if (is_prohibited(c))
			return false;
		last_ral = is_ral(c);
		if (first)
			first_ral = last_ral;
		first = false;
		ral = ral || last_ral;
		l = l ||
		    utf8proc_get_property((utf8proc_int32_t)c)->bidi_class ==
			UTF8PROC_BIDI_CLASS_L;
	}
	return !ral || (!l && first_ral && last_ral);
}

static bool
is_ascii(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static enum status
normalise(struct str in, struct buf *mapped, struct buf *out)
{
	utf8proc_uint8_t *nfkc = NULL;
	utf8proc_ssize_t n;
	enum status st = ST_INVALID;
	uint32_t c;

	while (utf8_next(&in, &c)) {
		if (is_nothing(c))
			continue;
		if (c >= 0x80 &&
		    utf8proc_category((utf8proc_int32_t)c) ==
			UTF8PROC_CATEGORY_ZS)
			c = ' ';
		utf8_add(mapped, c);
	}
	n = utf8proc_map((const utf8proc_uint8_t *)buf_str(mapped).p,
	    (utf8proc_ssize_t)mapped->n, &nfkc,
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE);
	if (n >= 0 && check(str_of((const char *)nfkc, (size_t)n))) {
		buf_add(out, nfkc, (size_t)n);
		st = buf_status(out);
	}
	if (n > 0)
		explicit_bzero(nfkc, (size_t)n);
	free(nfkc);
	return st;
}

enum status
saslprep(struct str in, struct buf *out)
{
	struct buf mapped;
	enum status st;

	if (!utf8_valid(in))
		return ST_INVALID;
	if (is_ascii(in)) {
		if (!check(in))
			return ST_INVALID;
		buf_adds(out, in);
		return buf_status(out);
	}
	buf_init(&mapped, in.n);
	st = normalise(in, &mapped, out);
	if (mapped.p)
		explicit_bzero(mapped.p, mapped.cap);
	buf_release(&mapped);
	return st;
}

#include "mime/charset.h"

#include <errno.h>

#include "base/utf8.h"

struct charset {
	struct str name; /* as labels have it, upper case */
	const char *iconv_name;
};

/* Labels mean the larger charset that their senders use (WHATWG agrees). */
static const struct charset charsets[] = {
    {STR_INIT("ISO-8859-2"), "ISO-8859-2"},
    {STR_INIT("ISO-8859-3"), "ISO-8859-3"},
    {STR_INIT("ISO-8859-4"), "ISO-8859-4"},
    {STR_INIT("ISO-8859-5"), "ISO-8859-5"},
    {STR_INIT("ISO-8859-6"), "ISO-8859-6"},
    {STR_INIT("ISO-8859-7"), "ISO-8859-7"},
    {STR_INIT("ISO-8859-8"), "ISO-8859-8"},
    {STR_INIT("ISO-8859-8-I"), "ISO-8859-8"},
    {STR_INIT("ISO-8859-9"), "CP1254"},
    {STR_INIT("ISO-8859-10"), "ISO-8859-10"},
    {STR_INIT("ISO-8859-11"), "CP874"},
    {STR_INIT("ISO-8859-13"), "ISO-8859-13"},
    {STR_INIT("ISO-8859-14"), "ISO-8859-14"},
    {STR_INIT("ISO-8859-15"), "ISO-8859-15"},
    {STR_INIT("ISO-8859-16"), "ISO-8859-16"},
    {STR_INIT("TIS-620"), "CP874"},
    {STR_INIT("WINDOWS-874"), "CP874"},
    {STR_INIT("WINDOWS-1250"), "CP1250"},
    {STR_INIT("WINDOWS-1251"), "CP1251"},
    {STR_INIT("WINDOWS-1253"), "CP1253"},
    {STR_INIT("WINDOWS-1254"), "CP1254"},
    {STR_INIT("WINDOWS-1255"), "CP1255"},
    {STR_INIT("WINDOWS-1256"), "CP1256"},
    {STR_INIT("WINDOWS-1257"), "CP1257"},
    {STR_INIT("WINDOWS-1258"), "CP1258"},
    {STR_INIT("KOI8-R"), "KOI8-R"},
    {STR_INIT("KOI8-U"), "KOI8-U"},
    {STR_INIT("IBM437"), "IBM437"},
    {STR_INIT("IBM850"), "IBM850"},
    {STR_INIT("IBM852"), "IBM852"},
    {STR_INIT("IBM866"), "IBM866"},
    {STR_INIT("MACINTOSH"), "MACINTOSH"},
    {STR_INIT("GB2312"), "GB18030"},
    {STR_INIT("GBK"), "GB18030"},
    {STR_INIT("GB18030"), "GB18030"},
    {STR_INIT("BIG5"), "BIG5-HKSCS"},
    {STR_INIT("BIG5-HKSCS"), "BIG5-HKSCS"},
    {STR_INIT("EUC-JP"), "EUC-JP"},
    {STR_INIT("SHIFT_JIS"), "CP932"},
    {STR_INIT("SHIFT-JIS"), "CP932"},
    {STR_INIT("SJIS"), "CP932"},
    {STR_INIT("WINDOWS-31J"), "CP932"},
    {STR_INIT("ISO-2022-JP"), "ISO-2022-JP-2"},
    {STR_INIT("EUC-KR"), "UHC"},
    {STR_INIT("KS_C_5601-1987"), "UHC"},
    {STR_INIT("ISO-2022-KR"), "ISO-2022-KR"},
    {STR_INIT("UTF-7"), "UTF-7"},
    {STR_INIT("UTF-16"), "UTF-16"},
    {STR_INIT("UTF-16LE"), "UTF-16LE"},
    {STR_INIT("UTF-16BE"), "UTF-16BE"},
    {STR_INIT("UTF-32"), "UTF-32"},
};

/* The upper half of Windows-1252 that Latin-1 leaves to control characters. */
static const uint16_t upper_1252[32] = {
    0x20ac,
    0xfffd,
    0x201a,
    0x0192,
    0x201e,
    0x2026,
    0x2020,
    0x2021,
    0x02c6,
    0x2030,
    0x0160,
    0x2039,
    0x0152,
    0xfffd,
    0x017d,
    0xfffd,
    0xfffd,
    0x2018,
    0x2019,
    0x201c,
    0x201d,
    0x2022,
    0x2013,
    0x2014,
    0x02dc,
    0x2122,
    0x0161,
    0x203a,
    0x0153,
    0xfffd,
    0x017e,
    0x0178,
};

static void
add_1252(struct buf *out, char c)
{
	unsigned u = (unsigned char)c;

	utf8_add(out, u >= 0x80 && u < 0xa0 ? upper_1252[u - 0x80] : u);
}

static bool
is_one_of(struct str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(name, str_from(names[i])))
			return true;
	return false;
}

/* Prefixes and spellings of the same thing: "cp1251", "latin2", "x-gbk". */
static const char *
iconv_name_of(struct str name)
{
	if (str_startsi(name, S("x-")))
		name = str_from_pos(name, 2);
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++) {
		struct str have = charsets[i].name;

		if (str_eqi(name, have))
			return charsets[i].iconv_name;
		if (str_startsi(name, S("cp")) &&
		    str_startsi(have, S("WINDOWS-")) &&
		    str_eqi(str_from_pos(name, 2), str_from_pos(have, 8)))
			return charsets[i].iconv_name;
		if (str_startsi(name, S("cp")) && str_startsi(have, S("IBM")) &&
		    str_eqi(str_from_pos(name, 2), str_from_pos(have, 3)))
			return charsets[i].iconv_name;
		if (str_startsi(name, S("ISO8859-")) &&
		    str_startsi(have, S("ISO-8859-")) &&
		    str_eqi(str_from_pos(name, 8), str_from_pos(have, 9)))
			return charsets[i].iconv_name;
	}
	return str_eqi(name, S("LATIN2")) ? "ISO-8859-2" : NULL;
}

static enum charset_kind
kind_of(struct str name)
{
	static const char *const utf8[] = {"UTF-8", "UTF8"};
	static const char *const ascii[] = {"US-ASCII", "ASCII", "", "646"};
	static const char *const latin1[] = {"ISO-8859-1", "WINDOWS-1252",
	    "CP1252", "LATIN1", "ISO8859-1", "ISO_8859-1", "X-CP1252", "L1"};

	if (is_one_of(name, utf8, ARRAY_LEN(utf8)))
		return CHARSET_UTF8;
	if (is_one_of(name, ascii, ARRAY_LEN(ascii)))
		return CHARSET_GUESS;
	if (is_one_of(name, latin1, ARRAY_LEN(latin1)))
		return CHARSET_1252;
	return CHARSET_ICONV;
}

bool
charset_known(struct str name)
{
	return name.n &&
	    (kind_of(name) != CHARSET_ICONV || iconv_name_of(name));
}

/*
 * Not those that hold a letter back until they have seen whether an accent
 * follows: CP1255 and CP1258 must see the ASCII, too.
 */
static bool
is_one_byte(struct str iconv_name)
{
	static const char *const composing[] = {"CP1255", "CP1258"};
	static const struct str prefixes[] = {STR_INIT("ISO-8859-"),
	    STR_INIT("CP125"), STR_INIT("CP874"), STR_INIT("KOI8-"),
	    STR_INIT("IBM"), STR_INIT("MACINTOSH")};

	if (is_one_of(iconv_name, composing, ARRAY_LEN(composing)))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(iconv_name, prefixes[i]))
			return true;
	return false;
}

void
charset_open(struct charset_reader *r, struct str name)
{
	*r = (struct charset_reader){.kind = kind_of(name)};
	if (r->kind == CHARSET_ICONV) {
		const char *z = iconv_name_of(name);

		r->cd = z ? iconv_open("UTF-8", z) : (iconv_t)-1;
		if (r->cd == (iconv_t)-1)
			r->kind = CHARSET_GUESS;
		else
			r->one_byte = is_one_byte(str_from(z));
	}
}

/* Converts what it can of s; returns what must wait for more bytes. */
static struct str
convert(struct charset_reader *r, struct str s, struct buf *out)
{
	char piece[1024];

	while (s.n) {
		char *in = (char *)(uintptr_t)s.p, *to = piece;
		size_t in_left = s.n, to_left = sizeof(piece);
		size_t rc = iconv(r->cd, &in, &in_left, &to, &to_left);
		int why = errno;

		buf_add(out, piece, (size_t)(to - piece));
		s = str_of(in, in_left);
		if (rc != (size_t)-1 || why == E2BIG)
			continue;
		if (why == EINVAL)
			return s;
		utf8_add(out, UTF8_REPLACEMENT);
		s = str_from_pos(s, 1);
	}
	return s;
}

/* UTF-8 and guesses: the same, but for what an invalid byte becomes. */
static struct str
check(struct charset_reader *r, struct str s, struct buf *out)
{
	while (s.n) {
		size_t ok = utf8_valid_run(s);

		buf_adds(out, str_first(s, ok));
		s = str_from_pos(s, ok);
		if (s.n == 0 || utf8_incomplete(s))
			break;
		if (r->kind == CHARSET_GUESS)
			add_1252(out, s.p[0]);
		else
			utf8_add(out, UTF8_REPLACEMENT);
		s = str_from_pos(s, 1);
	}
	return s;
}

/* One byte a character: ASCII needs no look, and little else is there. */
static void
bytewise(struct charset_reader *r, struct str s, struct buf *out)
{
	while (s.n) {
		size_t n = utf8_ascii_run(s);

		buf_adds(out, str_first(s, n));
		s = str_from_pos(s, n);
		for (n = 0; n < s.n && (unsigned char)s.p[n] >= 0x80; n++)
			if (r->kind == CHARSET_1252)
				add_1252(out, s.p[n]);
		if (r->kind == CHARSET_ICONV)
			(void)convert(r, str_first(s, n), out);
		s = str_from_pos(s, n);
	}
}

static struct str
decode(struct charset_reader *r, struct str s, struct buf *out)
{
	if (r->kind == CHARSET_1252 || r->one_byte) {
		bytewise(r, s, out);
		return str_from_pos(s, s.n);
	}
	return r->kind == CHARSET_ICONV ? convert(r, s, out) : check(r, s, out);
}

void
charset_feed(struct charset_reader *r, struct str bytes, struct buf *out)
{
	struct str rest;

	/* The held bytes get company one at a time until they are a whole. */
	while (r->n_held && bytes.n) {
		r->held[r->n_held++] = bytes.p[0];
		bytes = str_from_pos(bytes, 1);
		rest = decode(r, str_of(r->held, r->n_held), out);
		if (rest.n == sizeof(r->held)) {
			utf8_add(out, UTF8_REPLACEMENT);
			rest = str_from_pos(rest, 1);
		}
		memmove(r->held, rest.p, rest.n);
		r->n_held = rest.n;
	}
	if (bytes.n == 0)
		return;
	rest = decode(r, bytes, out);
	while (rest.n >= sizeof(r->held)) {
		utf8_add(out, UTF8_REPLACEMENT);
		rest = decode(r, str_from_pos(rest, 1), out);
	}
	memcpy(r->held, rest.p, rest.n);
	r->n_held = rest.n;
}

void
charset_close(struct charset_reader *r, struct buf *out)
{
	if (r->n_held && r->kind == CHARSET_GUESS) {
		for (size_t i = 0; i < r->n_held; i++)
			add_1252(out, r->held[i]);
	} else if (r->n_held) {
		utf8_add(out, UTF8_REPLACEMENT);
	}
	r->n_held = 0;
	if (r->kind == CHARSET_ICONV) {
		char last[32], *to = last;
		size_t left = sizeof(last);

		/* A letter may wait for an accent that does not come. */
		if (iconv(r->cd, NULL, NULL, &to, &left) != (size_t)-1)
			buf_add(out, last, (size_t)(to - last));
		iconv_close(r->cd);
	}
	r->kind = CHARSET_GUESS;
}

void
charset_to_utf8(struct str name, struct str bytes, struct buf *out)
{
	struct charset_reader r;

	charset_open(&r, name);
	charset_feed(&r, bytes, out);
	charset_close(&r, out);
}

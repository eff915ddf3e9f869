#include "imap/mailbox_name.h"

#include <utf8proc.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+,";

static bool
is_ascii(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static void
put_utf8(struct buf *out, int32_t c)
{
	utf8proc_uint8_t u[4];

	buf_add(out, u, (size_t)utf8proc_encode_char(c, u));
}

/* The UTF-16 units of one "&...-" run; *at stands behind the "&". */
static bool
decode_run(struct str in, size_t *at, struct buf *out)
{
	uint32_t bits = 0, n_bits = 0, high = 0;
	const char *digit;
	size_t i = *at;

	for (; i < in.n && in.p[i] != '-'; i++) {
		digit = in.p[i] ? strchr(alphabet, in.p[i]) : NULL;
		if (!digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		n_bits += 6;
		if (n_bits < 16)
			continue;
		n_bits -= 16;
		uint32_t unit = bits >> n_bits & 0xffff;
		bits &= (1u << n_bits) - 1;
		if (unit >= 0xd800 && unit < 0xdc00) {
			if (high)
				return false;
			high = unit;
		} else if (unit >= 0xdc00 && unit < 0xe000) {
			if (!high)
				return false;
			put_utf8(out,
			    (int32_t)(0x10000 + ((high - 0xd800) << 10) +
				(unit - 0xdc00)));
			high = 0;
		} else {
			/* Printable ASCII has only one form: itself. */
			if (high || (unit >= 0x20 && unit < 0x7f) || unit == 0)
				return false;
			put_utf8(out, (int32_t)unit);
		}
	}
	if (i == in.n || high || n_bits >= 6 || bits != 0)
		return false;
	*at = i + 1;
	return true;
}

static bool
decode_mutf7(struct str in, struct buf *out)
{
	size_t i = 0;

	while (i < in.n) {
		char c = in.p[i++];

		if (c != '&') {
			buf_addc(out, c);
		} else if (i < in.n && in.p[i] == '-') {
			buf_addc(out, '&');
			i++;
		} else if (!decode_run(in, &i, out)) {
			return false;
		}
	}
	return true;
}

static bool
normalize(struct str in, struct arena *arena, struct str *out)
{
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t n;

	if (is_ascii(in)) {
		*out = arena_str(arena, in);
		return true;
	}
	n = utf8proc_map((const utf8proc_uint8_t *)in.p, (utf8proc_ssize_t)in.n,
	    &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n < 0)
		return false;
	*out = arena_str(arena, str_of((const char *)nfc, (size_t)n));
	free(nfc);
	return true;
}

/* INBOX, in any case, is one name, also as the first level of others. */
static struct str
capital_inbox(struct str name, struct arena *arena)
{
	char *copy;

	if (!str_startsi(name, S("INBOX")) || (name.n > 5 && name.p[5] != '/'))
		return name;
	copy = ARENA_ARRAY(arena, char, name.n);
	memcpy(copy, name.p, name.n);
	memcpy(copy, "INBOX", 5);
	return str_of(copy, name.n);
}

bool
mailbox_name_decode(
    struct str wire, bool utf8, struct arena *arena, struct str *out)
{
	struct buf b;
	bool ok = true;

	/* A decoded run is never longer than twice its wire form. */
	buf_init(&b, wire.n * 2 + 8);
	if (utf8 || !is_ascii(wire))
		buf_adds(&b, wire);
	else
		ok = decode_mutf7(wire, &b);
	ok = ok && !memchr(buf_str(&b).p, '\0', b.n) &&
	    normalize(buf_str(&b), arena, out);
	if (ok)
		*out = capital_inbox(*out, arena);
	buf_release(&b);
	return ok;
}

static void
put_unit(struct buf *out, uint32_t unit, uint32_t *bits, uint32_t *n_bits)
{
	*bits = *bits << 16 | unit;
	*n_bits += 16;
	while (*n_bits >= 6) {
		*n_bits -= 6;
		buf_addc(out, alphabet[*bits >> *n_bits & 63]);
	}
	*bits &= (1u << *n_bits) - 1;
}

void
mailbox_name_mutf7(struct buf *out, struct str name)
{
	uint32_t bits = 0, n_bits = 0;
	bool run = false;
	size_t i = 0;

	while (i <= name.n) {
		utf8proc_int32_t c = -1;
		utf8proc_ssize_t n = 1;

		if (i < name.n) {
			n = utf8proc_iterate(
			    (const utf8proc_uint8_t *)name.p + i,
			    (utf8proc_ssize_t)(name.n - i), &c);
			/* The store holds valid UTF-8 only. */
			ASSERT(n > 0);
		}
		i += (size_t)n;
		if (run && (c == -1 || (c >= 0x20 && c < 0x7f))) {
			if (n_bits > 0)
				buf_addc(
				    out, alphabet[bits << (6 - n_bits) & 63]);
			buf_addc(out, '-');
			run = false;
			bits = n_bits = 0;
		}
		if (c == -1)
			break;
		if (c == '&') {
			buf_addz(out, "&-");
		} else if (c >= 0x20 && c < 0x7f) {
			buf_addc(out, (char)c);
		} else {
			if (!run)
				buf_addc(out, '&');
			run = true;
			if (c >= 0x10000) {
				put_unit(out,
				    0xd800 + ((uint32_t)(c - 0x10000) >> 10),
				    &bits, &n_bits);
				c = 0xdc00 + ((c - 0x10000) & 0x3ff);
			}
			put_unit(out, (uint32_t)c, &bits, &n_bits);
		}
	}
}

/* A literal pattern byte is used up; a wildcard stays for more. */
static bool
takes(char pattern, char c)
{
	return pattern != '*' && pattern != '%' && pattern == c;
}

static bool
repeats(char pattern, char c)
{
	return pattern == '*' || (pattern == '%' && c != '/');
}

/*
 * The set of pattern positions that the name so far can have reached, as a
 * row of booleans that is brought forward byte by byte: no backtracking, so
 * "%*%*%*x" costs no more than any other pattern of its length.
 */
bool
mailbox_name_match(struct str pattern, struct str name)
{
	bool small[256], *at = small, matched;
	size_t i, j;

	if (pattern.n + 1 > ARRAY_LEN(small))
		at = mem_alloc(pattern.n + 1);
	memset(at, 0, pattern.n + 1);
	at[0] = true;
	for (i = 0;; i++) {
		/* A wildcard may stand for nothing. */
		for (j = 0; j < pattern.n; j++)
			if (at[j] &&
			    (pattern.p[j] == '*' || pattern.p[j] == '%'))
				at[j + 1] = true;
		if (i == name.n)
			break;
		for (j = pattern.n + 1; j-- > 0;)
			at[j] = (j > 0 && at[j - 1] &&
				    takes(pattern.p[j - 1], name.p[i])) ||
			    (j < pattern.n && at[j] &&
				repeats(pattern.p[j], name.p[i]));
	}
	matched = at[pattern.n];
	if (at != small)
		free(at);
	return matched;
}

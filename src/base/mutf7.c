#include "base/mutf7.h"

#include <utf8proc.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+,";

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

bool
mutf7_decode(struct str in, struct buf *out)
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
mutf7_encode(struct str name, struct buf *out)
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
			ASSERT(n > 0); /* it is valid: mutf7.h */
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

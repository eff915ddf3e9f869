#include "base/base64.h"

static const char alphabet[65] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { BAD = 64, PAD = 65 };

/* Each character's value plus one, so that what is not named is 0. */
static const unsigned char values[256] = {
    ['A'] = 1,
    ['B'] = 2,
    ['C'] = 3,
    ['D'] = 4,
    ['E'] = 5,
    ['F'] = 6,
    ['G'] = 7,
    ['H'] = 8,
    ['I'] = 9,
    ['J'] = 10,
    ['K'] = 11,
    ['L'] = 12,
    ['M'] = 13,
    ['N'] = 14,
    ['O'] = 15,
    ['P'] = 16,
    ['Q'] = 17,
    ['R'] = 18,
    ['S'] = 19,
    ['T'] = 20,
    ['U'] = 21,
    ['V'] = 22,
    ['W'] = 23,
    ['X'] = 24,
    ['Y'] = 25,
    ['Z'] = 26,
    ['a'] = 27,
    ['b'] = 28,
    ['c'] = 29,
    ['d'] = 30,
    ['e'] = 31,
    ['f'] = 32,
    ['g'] = 33,
    ['h'] = 34,
    ['i'] = 35,
    ['j'] = 36,
    ['k'] = 37,
    ['l'] = 38,
    ['m'] = 39,
    ['n'] = 40,
    ['o'] = 41,
    ['p'] = 42,
    ['q'] = 43,
    ['r'] = 44,
    ['s'] = 45,
    ['t'] = 46,
    ['u'] = 47,
    ['v'] = 48,
    ['w'] = 49,
    ['x'] = 50,
    ['y'] = 51,
    ['z'] = 52,
    ['0'] = 53,
    ['1'] = 54,
    ['2'] = 55,
    ['3'] = 56,
    ['4'] = 57,
    ['5'] = 58,
    ['6'] = 59,
    ['7'] = 60,
    ['8'] = 61,
    ['9'] = 62,
    ['+'] = 63,
    ['/'] = 64,
};

static inline unsigned
value(char c)
{
	unsigned char v = values[(unsigned char)c];

	return v ? v - 1U : c == '=' ? PAD : BAD;
}

void
base64_encode(struct str in, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)in.p;
	char *to = buf_reserve(out, (in.n + 2) / 3 * 4);
	size_t i, k = 0;

	if (!to)
		return;
	for (i = 0; i + 2 < in.n; i += 3) {
		uint32_t v =
		    (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];

		to[k++] = alphabet[v >> 18];
		to[k++] = alphabet[v >> 12 & 63];
		to[k++] = alphabet[v >> 6 & 63];
		to[k++] = alphabet[v & 63];
	}
	if (i < in.n) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < in.n)
			v |= (uint32_t)p[i + 1] << 8;
		to[k++] = alphabet[v >> 18];
		to[k++] = alphabet[v >> 12 & 63];
		to[k++] = i + 1 < in.n ? alphabet[v >> 6 & 63] : '=';
		to[k++] = '=';
	}
	buf_commit(out, k);
}

enum status
base64_decode(struct str in, struct buf *out)
{
	size_t pad = 0, k = 0;
	char *to;

	if (in.n % 4)
		return ST_SYNTAX;
	while (pad < 2 && pad < in.n && in.p[in.n - 1 - pad] == '=')
		pad++;
	to = buf_reserve(out, in.n / 4 * 3);
	if (!to)
		return ST_LIMIT;
	for (size_t i = 0; i < in.n; i += 4) {
		bool last = i + 4 == in.n;
		unsigned drop = last ? (unsigned)pad : 0;
		uint32_t v = 0;

		for (unsigned j = 0; j < 4; j++) {
			unsigned x = j < 4 - drop ? value(in.p[i + j]) : 0;

			if (x >= BAD)
				return ST_SYNTAX;
			v = v << 6 | x;
		}
		/* RFC 4648 3.5: one encoding for each value. */
		if (drop && (v & ((1U << (8 * drop)) - 1)))
			return ST_SYNTAX;
		to[k++] = (char)(v >> 16);
		if (drop < 2)
			to[k++] = (char)(v >> 8);
		if (drop < 1)
			to[k++] = (char)v;
	}
	buf_commit(out, k);
	return ST_OK;
}

/* The bytes that are whole in what has been collected. */
static size_t
flush(struct base64_stream *s, char *to)
{
	size_t k = 0;

	if (s->n >= 2)
		to[k++] = (char)(s->bits >> (s->n == 2 ? 4 : 10));
	if (s->n == 3)
		to[k++] = (char)(s->bits >> 2);
	s->n = 0;
	s->bits = 0;
	return k;
}

/* Four characters at once; false: one of them is none. */
static inline bool
quad(const char *p, uint32_t *bits)
{
	unsigned a = values[(unsigned char)p[0]];
	unsigned b = values[(unsigned char)p[1]];
	unsigned c = values[(unsigned char)p[2]];
	unsigned d = values[(unsigned char)p[3]];

	if (!a || !b || !c || !d)
		return false;
	*bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	return true;
}

void
base64_feed(struct base64_stream *s, struct str in, struct buf *out)
{
	char *to = buf_reserve(out, in.n + 3);
	uint32_t bits = s->bits;
	unsigned n = s->n;
	size_t k = 0;

	if (!to)
		return;
	for (size_t i = 0; i < in.n; i++) {
		unsigned v;

		while (n == 0 && i + 4 <= in.n && quad(in.p + i, &bits)) {
			to[k++] = (char)(bits >> 16);
			to[k++] = (char)(bits >> 8);
			to[k++] = (char)bits;
			bits = 0;
			i += 4;
		}
		if (i == in.n)
			break;
		v = value(in.p[i]);
		if (v < BAD) {
			bits = bits << 6 | v;
			if (++n == 4) {
				to[k++] = (char)(bits >> 16);
				to[k++] = (char)(bits >> 8);
				to[k++] = (char)bits;
				n = 0;
				bits = 0;
			}
		} else if (v == PAD) {
			*s = (struct base64_stream){bits, n};
			k += flush(s, to + k);
			n = 0;
			bits = 0;
		}
	}
	*s = (struct base64_stream){bits, n};
	buf_commit(out, k);
}

void
base64_end(struct base64_stream *s, struct buf *out)
{
	char tail[2];
	size_t k = flush(s, tail);

	buf_add(out, tail, k);
}

#include "base/str.h"

#include <strings.h>

struct str
str_from(const char *z)
{
	return (struct str){z ? z : "", z ? strlen(z) : 0};
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static unsigned char
fold(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

static bool
eqi(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool
str_eqi(struct str a, struct str b)
{
	return a.n == b.n && eqi(a.p, b.p, a.n);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = min_size(a.n, b.n);
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_first(s, prefix.n), prefix);
}

bool
str_startsi(struct str s, struct str prefix)
{
	return s.n >= prefix.n && eqi(s.p, prefix.p, prefix.n);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	    str_eq(str_from_pos(s, s.n - suffix.n), suffix);
}

size_t
str_find(struct str s, char c)
{
	const char *q = s.n ? memchr(s.p, c, s.n) : NULL;

	return q ? (size_t)(q - s.p) : SIZE_MAX;
}

size_t
str_find_str(struct str s, struct str needle)
{
	const char *q;

	if (needle.n == 0)
		return 0;
	q = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return q ? (size_t)(q - s.p) : SIZE_MAX;
}

size_t
str_find_stri(struct str s, struct str needle)
{
	for (size_t i = 0; needle.n <= s.n && i <= s.n - needle.n; i++)
		if (eqi(s.p + i, needle.p, needle.n))
			return i;
	return SIZE_MAX;
}

struct str
str_from_pos(struct str s, size_t n)
{
	n = min_size(n, s.n);
	/* Of an absent str too, whose NULL takes no arithmetic. */
	return n ? (struct str){s.p + n, s.n - n} : s;
}

struct str
str_first(struct str s, size_t n)
{
	return (struct str){s.p, min_size(n, s.n)};
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_from_pos(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_cut(struct str *s, char c)
{
	size_t at = str_find(*s, c);
	struct str head = str_first(*s, at);

	*s = str_from_pos(*s, at == SIZE_MAX ? s->n : at + 1);
	return head;
}

bool
str_to_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

bool
str_to_u32(struct str s, uint32_t *out)
{
	uint64_t v;

	if (!str_to_u64(s, &v) || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

bool
str_to_i64(struct str s, int64_t *out)
{
	bool neg = s.n && s.p[0] == '-';
	uint64_t v;

	if (!str_to_u64(neg ? str_from_pos(s, 1) : s, &v) || v > INT64_MAX)
		return false;
	*out = neg ? -(int64_t)v : (int64_t)v;
	return true;
}

struct unit {
	char letter;
	uint64_t factor;
};

static bool
to_scaled(struct str s, const struct unit *u, size_t n, uint64_t *out)
{
	uint64_t v, factor = 1;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (fold(s.p[s.n - 1]) == (unsigned char)u[i].letter)
			factor = u[i].factor;
	if (factor != 1 || fold(s.p[s.n - 1]) == (unsigned char)u[0].letter)
		s.n--;
	if (!str_to_u64(s, &v) || __builtin_mul_overflow(v, factor, &v))
		return false;
	*out = v;
	return true;
}

bool
str_to_size(struct str s, uint64_t *out)
{
	static const struct unit units[] = {{'b', 1}, {'k', 1ULL << 10},
	    {'m', 1ULL << 20}, {'g', 1ULL << 30}, {'t', 1ULL << 40}};

	return to_scaled(s, units, ARRAY_LEN(units), out);
}

bool
str_to_seconds(struct str s, uint64_t *out)
{
	static const struct unit units[] = {
	    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};

	return to_scaled(s, units, ARRAY_LEN(units), out);
}

bool
str_eq_secret(struct str a, struct str b)
{
	unsigned char diff = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		diff |= (unsigned char)(a.p[i] ^ b.p[i]);
	return diff == 0;
}

char *
str_dup(struct str s)
{
	char *z = mem_alloc(s.n + 1);

	if (s.n)
		memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return z;
}

uint64_t
str_hash(struct str s)
{
	uint64_t h = 14695981039346656037ULL;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211ULL;
	return h ^ (h >> 32);
}

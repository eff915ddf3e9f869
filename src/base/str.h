/*
 * struct str: a borrowed run of bytes, the only string in our interfaces. It
 * may hold NUL and is not terminated. Who owns the bytes is said by whoever
 * hands it out: an arena, a buf, a literal (S("text")), the input buffer.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/base.h"
#include "base/status.h"

struct str {
	const char *p;
	size_t n;
};

#define S(lit) ((struct str){"" lit, sizeof(lit) - 1})
#define STR_INIT(lit)     \
 {                        \
  "" lit, sizeof(lit) - 1 \
 } /* for static tables */
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str
str_of(const char *p, size_t n)
{
	return (struct str){p, n};
}

/* From a NUL-terminated string at a libc edge; NULL gives the empty str. */
struct str str_from(const char *z);

bool str_eq(struct str a, struct str b);
bool str_eqi(struct str a, struct str b); /* ASCII case folded */
int str_cmp(struct str a, struct str b);  /* bytewise, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_startsi(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Index of the first c / of needle, or SIZE_MAX. */
size_t str_find(struct str s, char c);
size_t str_find_str(struct str s, struct str needle);
size_t str_find_stri(struct str s, struct str needle);

/* s without its first n bytes (all of them when n > s.n); its first n bytes. */
struct str str_from_pos(struct str s, size_t n);
struct str str_first(struct str s, size_t n);

/* s without white space (SP, HTAB, CR, LF) at both ends. */
struct str str_trim(struct str s);

/*
 * Cuts *s at the first c: returns what stands before it and leaves what
 * stands after it. Without c it returns all of *s and leaves the empty str.
 */
struct str str_cut(struct str *s, char c);

/*
 * Decimal digits only, the whole of s, no sign, no overflow; otherwise false
 * and *out is untouched.
 */
bool str_to_u32(struct str s, uint32_t *out) MUST_CHECK;
bool str_to_u64(struct str s, uint64_t *out) MUST_CHECK;
bool str_to_i64(struct str s, int64_t *out) MUST_CHECK; /* a leading '-' */

/*
 * A size as operators write it: 500, 64K, 100M, 2G, 1T (powers of 1024);
 * a span of time: 90s, 5m, 12h, 7d, 2w; result in bytes or in seconds.
 */
bool str_to_size(struct str s, uint64_t *out) MUST_CHECK;
bool str_to_seconds(struct str s, uint64_t *out) MUST_CHECK;

/* Compares all bytes whatever differs: for secrets. Lengths may leak. */
bool str_eq_secret(struct str a, struct str b);

/* A heap copy with a terminating NUL; the caller frees it. */
char *str_dup(struct str s);

uint64_t str_hash(struct str s); /* not keyed: never for outside data alone */

#endif

#include "imap/search_fold.h"

#include <utf8proc.h>

#include "base/utf8.h"
#include "mime/charset.h"

enum { DECOMPOSED_MAX = 32 }; /* the longest is 18: U+FDFA */

static void
fold_char(uint32_t cp, struct buf *out)
{
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	utf8proc_ssize_t n;
	int last = 0;

	n = utf8proc_decompose_char((utf8proc_int32_t)cp, parts, DECOMPOSED_MAX,
	    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &last);
	if (n < 0 || n > DECOMPOSED_MAX) {
		utf8_add(out, cp);
		return;
	}
	for (utf8proc_ssize_t i = 0; i < n; i++)
		utf8_add(out, (uint32_t)parts[i]);
}

void
search_fold(struct str s, struct buf *out)
{
	while (s.n > 0) {
		char *to = buf_reserve(out, s.n);
		size_t i = 0;
		uint32_t cp;

		if (to == NULL)
			return;
		for (; i < s.n && !((unsigned char)s.p[i] & 0x80); i++)
			to[i] = s.p[i] >= 'A' && s.p[i] <= 'Z'
			    ? (char)(s.p[i] + ('a' - 'A'))
			    : s.p[i];
		buf_commit(out, i);
		s = str_from_pos(s, i);
		if (s.n > 0 && utf8_next(&s, &cp))
			fold_char(cp, out);
	}
}

enum status
search_fold_needle(
    struct str charset, struct str text, struct arena *a, struct str *out)
{
	struct buf utf8, folded;

	if (charset.n > 0 && !charset_known(charset))
		return ST_CHARSET;
	buf_init(&utf8, SIZE_MAX / 2);
	buf_init(&folded, SIZE_MAX / 2);
	charset_to_utf8(charset, text, &utf8);
	search_fold(buf_str(&utf8), &folded);
	*out = arena_str(a, buf_str(&folded));
	buf_release(&utf8);
	buf_release(&folded);
	return ST_OK;
}

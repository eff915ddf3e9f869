#include "mime/imap_text.h"

/* A quoted string is one line; clients have limits on those. */
enum { QUOTED_MAX = 4096 };

void
imap_text_nstring(struct buf *out, struct str s)
{
	size_t escapes = 0;
	bool quoted = s.n <= QUOTED_MAX;
	char *to;

	if (!s.p) {
		buf_addz(out, "NIL");
		return;
	}
	for (size_t i = 0; i < s.n && quoted; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\')
			escapes++;
		else if ((unsigned char)c >= 0x80 || c == 0 || c == '\r' ||
		    c == '\n')
			quoted = false;
	}
	if (!quoted) {
		buf_addf(out, "{%zu}\r\n", s.n);
		buf_adds(out, s);
		return;
	}
	to = buf_reserve(out, s.n + escapes + 2);
	if (!to)
		return;
	*to++ = '"';
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			*to++ = '\\';
		*to++ = s.p[i];
	}
	*to = '"';
	buf_commit(out, s.n + escapes + 2);
}

static bool
take_literal(struct str *rest, struct str *out)
{
	struct str s = str_from_pos(*rest, 1), digits = str_cut(&s, '}');
	uint32_t n;

	if (!str_to_u32(digits, &n) || !str_starts(s, S("\r\n")) || s.n - 2 < n)
		return false;
	*out = str_of(s.p + 2, n);
	*rest = str_from_pos(s, (size_t)n + 2);
	return true;
}

bool
imap_text_take(struct str *rest, struct arena *a, struct str *out)
{
	char *to;
	size_t i, n = 0;

	if (str_starts(*rest, S("NIL"))) {
		*out = S("");
		*rest = str_from_pos(*rest, 3);
		return true;
	}
	if (str_starts(*rest, S("{")))
		return take_literal(rest, out);
	if (!str_starts(*rest, S("\"")))
		return false;
	to = ARENA_ARRAY(a, char, rest->n);
	for (i = 1; i < rest->n && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n)
			i++;
		to[n++] = rest->p[i];
	}
	if (i >= rest->n)
		return false;
	*out = str_of(to, n);
	*rest = str_from_pos(*rest, i + 1);
	return true;
}

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

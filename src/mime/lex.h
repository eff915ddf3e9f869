/*
 * The lexical tokens that structured fields share (RFC 5322 3.2, RFC 2045
 * 5.1), read tolerantly: anything unclosed runs to the end of the value.
 */
#ifndef MIME_LEX_H
#define MIME_LEX_H

#include "base/buf.h"

/*
 * Skips white space and comments. The text of the last comment is left in
 * *comment_out (raw, without its parentheses) unless that is NULL. Returns
 * whether anything was skipped.
 */
bool lex_cfws(struct str *s, struct str *comment_out);

/* At a '"': takes the quoted string and appends what it means. */
void lex_quoted(struct str *s, struct buf *out);

/* Takes bytes up to one of `stops` (NUL-ended) or white space. */
struct str lex_until(struct str *s, const char *stops);

/* Is the next byte one of `set` (NUL-ended)? */
static inline bool
lex_in(struct str s, const char *set)
{
	return s.n > 0 && s.p[0] && strchr(set, s.p[0]);
}

static inline bool
lex_at(struct str s, char c)
{
	return s.n > 0 && s.p[0] == c;
}

#endif

#include "mime/lex.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* At a '(': takes the comment, nested ones included. */
static struct str
comment(struct str *s)
{
	size_t depth = 0, i = 0;
	struct str all;

	for (; i < s->n; i++) {
		if (s->p[i] == '\\') {
			i++;
		} else if (s->p[i] == '(') {
			depth++;
		} else if (s->p[i] == ')' && --depth == 0) {
			all = str_from_pos(str_first(*s, i), 1);
			*s = str_from_pos(*s, i + 1);
			return all;
		}
	}
	all = str_from_pos(*s, 1);
	*s = str_from_pos(*s, s->n);
	return all;
}

bool
lex_cfws(struct str *s, struct str *comment_out)
{
	size_t before = s->n;

	while (s->n) {
		size_t i = 0;

		while (i < s->n && is_space(s->p[i]))
			i++;
		*s = str_from_pos(*s, i);
		if (!lex_at(*s, '('))
			break;
		if (comment_out)
			*comment_out = comment(s);
		else
			(void)comment(s);
	}
	return s->n != before;
}

void
lex_quoted(struct str *s, struct buf *out)
{
	size_t i = 1;

	for (; i < s->n && s->p[i] != '"'; i++) {
		char c = s->p[i];

		if (c == '\\' && i + 1 < s->n)
			c = s->p[++i];
		else if (c == '\r' || c == '\n')
			continue; /* folding inside quotes */
		buf_addc(out, c);
	}
	*s = str_from_pos(*s, i + 1);
}

struct str
lex_until(struct str *s, const char *stops)
{
	size_t i = 0;
	struct str w;

	while (i < s->n && !is_space(s->p[i]) &&
	    (s->p[i] == '\0' || !strchr(stops, s->p[i])))
		i++;
	w = str_first(*s, i);
	*s = str_from_pos(*s, i);
	return w;
}

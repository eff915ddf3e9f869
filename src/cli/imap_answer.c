#include "cli/imap_answer.h"

enum { DEPTH_MAX = 100 };

bool
imap_answer_word(struct str *in, struct str word)
{
	if (!str_startsi(*in, word))
		return false;
	*in = str_from_pos(*in, word.n);
	return true;
}

bool
imap_answer_space(struct str *in)
{
	return imap_answer_word(in, S(" "));
}

static bool
is_atom(char c)
{
	return (unsigned char)c > ' ' && c != '(' && c != ')' && c != '"' &&
	    c != '{' && c != 0x7f;
}

bool
imap_answer_atom(struct str *in, struct str *out)
{
	size_t n = 0;

	while (n < in->n && is_atom(in->p[n]))
		n++;
	*out = str_first(*in, n);
	*in = str_from_pos(*in, n);
	return n > 0;
}

static bool
quoted(struct str *in, struct arena *a, struct str *out)
{
	char *p = ARENA_ARRAY(a, char, in->n + 1);
	size_t i, n = 0;

	for (i = 1; i < in->n && in->p[i] != '"'; i++) {
		if (in->p[i] == '\\' && i + 1 < in->n)
			i++;
		p[n++] = in->p[i];
	}
	if (i >= in->n)
		return false;
	*in = str_from_pos(*in, i + 1);
	*out = str_of(p, n);
	return true;
}

bool
imap_answer_literal(struct str line, uint64_t *n_out, size_t *at_out)
{
	size_t at = line.n;
	struct str digits;

	if (at < 3 || line.p[at - 1] != '}')
		return false;
	while (at > 0 && line.p[at - 1] != '{')
		at--;
	if (at == 0)
		return false;
	digits = str_of(line.p + at, line.n - at - 1);
	if (str_ends(digits, S("+")))
		digits = str_first(digits, digits.n - 1);
	*at_out = at - 1;
	return str_to_u64(digits, n_out);
}

static bool
literal(struct str *in, struct str *out)
{
	size_t lf = str_find(*in, '\n'), at;
	uint64_t n;

	if (lf == SIZE_MAX ||
	    !imap_answer_literal(str_first(*in, lf), &n, &at) || at != 0 ||
	    n > in->n - lf - 1)
		return false;
	*out = str_of(in->p + lf + 1, (size_t)n);
	*in = str_from_pos(*in, lf + 1 + (size_t)n);
	return true;
}

bool
imap_answer_string(struct str *in, struct arena *a, struct str *out)
{
	if (in->n > 0 && in->p[0] == '"')
		return quoted(in, a, out);
	if (in->n > 0 && in->p[0] == '{')
		return literal(in, out);
	if (!imap_answer_atom(in, out))
		return false;
	if (str_eqi(*out, S("NIL")))
		*out = S("");
	return true;
}

bool
imap_answer_list(struct str *in, struct str *out)
{
	size_t end = str_find(*in, ')');

	if (in->n == 0 || in->p[0] != '(' || end == SIZE_MAX)
		return false;
	*out = str_of(in->p + 1, end - 1);
	*in = str_from_pos(*in, end + 1);
	return true;
}

/* Parentheses are counted, not followed: a hostile server nests for ever. */
bool
imap_answer_skip(struct str *in)
{
	struct arena a = ARENA_INIT;
	size_t depth = 0;
	struct str value;
	bool ok = true;

	do {
		char c = in->n > 0 ? in->p[0] : '\0';

		if (c == '(' || c == ')' || c == ' ') {
			depth += c == '(';
			ok = c == '(' || depth > 0;
			depth -= c == ')' && depth > 0;
			*in = str_from_pos(*in, 1);
		} else {
			ok = imap_answer_string(in, &a, &value);
		}
	} while (ok && depth > 0 && depth < DEPTH_MAX);
	arena_release(&a);
	return ok && depth == 0;
}

#include "smtp/path.h"

enum { LOCAL_MAX = 256, ADDRESS_MAX = 440 }; /* a reply with one: 512 */

/* What may stand unquoted in a local part: atext and dots (RFC 5322 3.2.3). */
static bool
is_local(unsigned char c, bool utf8)
{
	return (c >= 0x80 && utf8) ||
	    (c > ' ' && c < 0x7f && !strchr("()<>[]:;@\\,\"", c));
}

static bool
quoted_local(struct str *s, bool utf8)
{
	size_t i = 1;

	while (i < s->n && s->p[i] != '"') {
		unsigned char c = (unsigned char)s->p[i];

		if (c == '\\')
			i++;
		if (c < ' ' || c == 0x7f || (c >= 0x80 && !utf8))
			return false;
		i++;
	}
	if (i >= s->n)
		return false;
	*s = str_from_pos(*s, i + 1);
	return true;
}

static bool
is_domain(struct str d, bool utf8)
{
	bool literal = d.n > 2 && d.p[0] == '[' && d.p[d.n - 1] == ']';

	for (size_t i = 0; i < d.n; i++) {
		unsigned char c = (unsigned char)d.p[i];
		bool letter = (c >= '0' && c <= '9') ||
		    ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' ||
		    c == '.' || c == '_' || (c >= 0x80 && utf8);

		if (!letter && !(literal && (c == '[' || c == ']' || c == ':')))
			return false;
	}
	return d.n > 0;
}

static bool
is_mailbox(struct str a, bool utf8)
{
	struct str rest = a;

	if (a.n > ADDRESS_MAX)
		return false;
	if (a.p[0] == '"') {
		if (!quoted_local(&rest, utf8))
			return false;
	} else {
		while (rest.n && is_local((unsigned char)rest.p[0], utf8))
			rest = str_from_pos(rest, 1);
		if (rest.n == a.n)
			return false;
	}
	if (a.n - rest.n > LOCAL_MAX)
		return false;
	/* RFC 5321 4.5.1: "postmaster" alone is an address. */
	if (rest.n == 0)
		return str_eqi(a, S("postmaster"));
	return rest.p[0] == '@' && is_domain(str_from_pos(rest, 1), utf8);
}

bool
path_parse(struct str *s, bool utf8, struct str *address_out)
{
	struct str rest = *s, inner;
	size_t end;
	bool quoted = false;

	if (!str_starts(rest, S("<")))
		return false;
	for (end = 1; end < rest.n; end++) {
		if (rest.p[end] == '\\' && quoted)
			end++;
		else if (rest.p[end] == '"')
			quoted = !quoted;
		else if (rest.p[end] == '>' && !quoted)
			break;
	}
	if (end >= rest.n)
		return false;
	inner = str_from_pos(str_first(rest, end), 1);
	/* A source route is to be ignored (RFC 5321 appendix C). */
	if (str_starts(inner, S("@"))) {
		size_t colon = str_find(inner, ':');

		if (colon == SIZE_MAX)
			return false;
		inner = str_from_pos(inner, colon + 1);
	}
	if (inner.n && !is_mailbox(inner, utf8))
		return false;
	*s = str_from_pos(rest, end + 1);
	*address_out = inner;
	return true;
}

bool
path_parameter(struct str *s, struct str *keyword_out, struct str *value_out)
{
	struct str rest = *s, word;

	if (rest.n == 0 || rest.p[0] != ' ')
		return false;
	while (rest.n && rest.p[0] == ' ')
		rest = str_from_pos(rest, 1);
	word = str_cut(&rest, ' ');
	if (word.n == 0)
		return false;
	/* str_cut took the space that the next call looks for. */
	*s = rest.n ? str_of(rest.p - 1, rest.n + 1) : rest;
	*keyword_out = str_cut(&word, '=');
	*value_out = word;
	return true;
}

#include "grammar.h"

enum { LINE_MAX = 510 }; /* RFC 1939 3, RFC 5321 4.5.3.1.5: 512 with CRLF */

static bool
printable(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* RFC 2449 8: "[" resp-code "]" in front of the text of an error */
static bool
resp_code(struct str *s)
{
	struct str code;

	if (!str_starts(*s, S("[")))
		return true;
	*s = str_from_pos(*s, 1);
	code = str_cut(s, ']');
	return (str_eq(code, S("AUTH")) || str_eq(code, S("SYS/TEMP")) ||
		   str_eq(code, S("SYS/PERM")) || str_eq(code, S("UTF8"))) &&
	    str_starts(*s, S(" "));
}

/*
 * Which lines are of a message only the command tells. So what looks like a
 * status must be one, and no line may hold what ends another's.
 */
const char *
grammar_pop3(struct str line)
{
	struct str rest;

	if (str_find(line, '\0') != SIZE_MAX)
		return "A NUL in an answer";
	if (str_starts(line, S("+OK")))
		return line.n > LINE_MAX || (line.n > 3 && line.p[3] != ' ')
		    ? "Not in the grammar of RFC 1939"
		    : NULL;
	if (!str_starts(line, S("-ERR")))
		return NULL;
	rest = str_from_pos(line, 4);
	if (rest.n == 0)
		return NULL;
	if (rest.p[0] != ' ' || line.n > LINE_MAX)
		return "Not in the grammar of RFC 1939";
	rest = str_from_pos(rest, 1);
	return resp_code(&rest) && printable(rest)
	    ? NULL
	    : "Not in the grammar of RFC 2449";
}

static bool
digits(struct str *s, size_t least, size_t most)
{
	size_t n = 0;

	while (n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	*s = str_from_pos(*s, n);
	return n >= least;
}

static bool
dot(struct str *s)
{
	bool is = str_starts(*s, S("."));

	if (is)
		*s = str_from_pos(*s, 1);
	return is;
}

/*
 * RFC 5321 4.2: three digits, "-" or SP, text; RFC 2034 4: all but 220, 354
 * and the answer to LHLO have an enhanced code of the same class.
 */
const char *
grammar_lmtp(struct str line)
{
	struct str rest = line;
	bool plain;

	if (line.n > LINE_MAX || !printable(line) || line.n < 4 ||
	    line.p[0] < '2' || line.p[0] > '5' || !digits(&rest, 3, 3) ||
	    (rest.p[0] != ' ' && rest.p[0] != '-'))
		return "Not in the grammar of RFC 5321";
	plain = str_starts(line, S("220 ")) || str_starts(line, S("354 ")) ||
	    str_starts(line, S("250-")) || rest.p[0] == '-' ||
	    str_eq(line, S("250 ENHANCEDSTATUSCODES"));
	if (plain)
		return NULL;
	rest = str_from_pos(rest, 1);
	if (!str_starts(rest, str_first(line, 1)) || !digits(&rest, 1, 1) ||
	    !dot(&rest) || !digits(&rest, 1, 3) || !dot(&rest) ||
	    !digits(&rest, 1, 3) || !str_starts(rest, S(" ")))
		return "Not in the grammar of RFC 2034";
	return NULL;
}

grammar_check *
grammar_of(struct str protocol)
{
	if (str_eq(protocol, S("imap")))
		return grammar_imap;
	if (str_eq(protocol, S("pop3")))
		return grammar_pop3;
	return str_eq(protocol, S("lmtp")) ? grammar_lmtp : NULL;
}

/* "{5}" at the end of a line: five bytes follow. */
static bool
announces(struct str line, uint32_t *n)
{
	size_t open = line.n;

	if (!str_ends(line, S("}")))
		return false;
	while (open > 0 && line.p[open - 1] != '{')
		open--;
	return str_to_u32(str_of(line.p + open, line.n - open - 1), n);
}

size_t
grammar_cut(struct str all)
{
	size_t at = 0, end;
	struct str line;
	uint32_t n;

	while ((end = str_find(str_from_pos(all, at), '\n')) != SIZE_MAX) {
		line = str_of(all.p + at, end);
		at += end + 1;
		if (str_ends(line, S("\r")))
			line.n--;
		if (!announces(line, &n))
			return at;
		if (n > all.n - at)
			return 0;
		at += n;
	}
	return 0;
}

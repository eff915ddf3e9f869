#include "imap/mailbox_name.h"

#include <utf8proc.h>

#include "base/mutf7.h"

static bool
is_ascii(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static bool
normalize(struct str in, struct arena *arena, struct str *out)
{
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t n;

	if (is_ascii(in)) {
		*out = arena_str(arena, in);
		return true;
	}
	n = utf8proc_map((const utf8proc_uint8_t *)in.p, (utf8proc_ssize_t)in.n,
	    &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n < 0)
		return false;
	*out = arena_str(arena, str_of((const char *)nfc, (size_t)n));
	free(nfc);
	return true;
}

/* INBOX, in any case, is one name, also as the first level of others. */
static struct str
capital_inbox(struct str name, struct arena *arena)
{
	char *copy;

	if (!str_startsi(name, S("INBOX")) || (name.n > 5 && name.p[5] != '/'))
		return name;
	copy = ARENA_ARRAY(arena, char, name.n);
	memcpy(copy, name.p, name.n);
	memcpy(copy, "INBOX", 5);
	return str_of(copy, name.n);
}

bool
mailbox_name_decode(
    struct str wire, bool utf8, struct arena *arena, struct str *out)
{
	struct buf b;
	bool ok = true;

	/* A decoded run is never longer than twice its wire form. */
	buf_init(&b, wire.n * 2 + 8);
	if (utf8 || !is_ascii(wire))
		buf_adds(&b, wire);
	else
		ok = mutf7_decode(wire, &b);
	ok = ok && !memchr(buf_str(&b).p, '\0', b.n) &&
	    normalize(buf_str(&b), arena, out);
	if (ok)
		*out = capital_inbox(*out, arena);
	buf_release(&b);
	return ok;
}

/* A literal pattern byte is used up; a wildcard stays for more. */
static bool
takes(char pattern, char c)
{
	return pattern != '*' && pattern != '%' && pattern == c;
}

static bool
repeats(char pattern, char c)
{
	return pattern == '*' || (pattern == '%' && c != '/');
}

/*
 * The set of pattern positions that the name so far can have reached, as a
 * row of booleans that is brought forward byte by byte: no backtracking, so
 * "%*%*%*x" costs no more than any other pattern of its length.
 */
bool
mailbox_name_match(struct str pattern, struct str name)
{
	bool small[256], *at = small, matched;
	size_t i, j;

	if (pattern.n + 1 > ARRAY_LEN(small))
		at = mem_alloc(pattern.n + 1);
	memset(at, 0, pattern.n + 1);
	at[0] = true;
	for (i = 0;; i++) {
		/* A wildcard may stand for nothing. */
		for (j = 0; j < pattern.n; j++)
			if (at[j] &&
			    (pattern.p[j] == '*' || pattern.p[j] == '%'))
				at[j + 1] = true;
		if (i == name.n)
			break;
		for (j = pattern.n + 1; j-- > 0;)
			at[j] = (j > 0 && at[j - 1] &&
				    takes(pattern.p[j - 1], name.p[i])) ||
			    (j < pattern.n && at[j] &&
				repeats(pattern.p[j], name.p[i]));
	}
	matched = at[pattern.n];
	if (at != small)
		free(at);
	return matched;
}

#include "mime/html.h"

#include "base/utf8.h"

/* Elements whose content is not shown. */
static const struct str hidden[] = {STR_INIT("script"), STR_INIT("style"),
    STR_INIT("head"), STR_INIT("title"), STR_INIT("template")};

/* Elements that do not end a word. */
static const struct str inlines[] = {STR_INIT("a"), STR_INIT("b"),
    STR_INIT("i"), STR_INIT("u"), STR_INIT("em"), STR_INIT("strong"),
    STR_INIT("span"), STR_INIT("font"), STR_INIT("small"), STR_INIT("code"),
    STR_INIT("sub"), STR_INIT("sup"), STR_INIT("wbr")};

static bool
is_in(struct str name, const struct str *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(name, set[i]))
			return true;
	return false;
}

/* At a '<': its end behind the '>', quoted attributes respected. */
static size_t
tag_end(struct str s)
{
	char quote = 0;

	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i];

		if (quote && c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\'') && s.p[i - 1] == '=')
			quote = c;
		else if (!quote && c == '>')
			return i + 1;
	}
	return s.n;
}

static struct str
tag_name(struct str tag)
{
	size_t n = 0;

	tag = str_from_pos(tag, 1);
	if (tag.n && tag.p[0] == '/')
		tag = str_from_pos(tag, 1);
	while (n < tag.n && !strchr(" \t\r\n/>", tag.p[n]))
		n++;
	return str_first(tag, n);
}

/* Behind <name ...>: what follows </name>. */
static struct str
skip_hidden(struct str s, struct str name)
{
	for (;;) {
		size_t at = str_find_str(s, S("</"));

		if (at == SIZE_MAX)
			return str_from_pos(s, s.n);
		s = str_from_pos(s, at);
		if (str_eqi(tag_name(s), name))
			return str_from_pos(s, tag_end(s));
		s = str_from_pos(s, 2);
	}
}

static struct str
skip_tag(struct str s, struct buf *out)
{
	struct str tag, name, rest;

	if (str_starts(s, S("<!--"))) {
		size_t at = str_find_str(s, S("-->"));

		return str_from_pos(s, at == SIZE_MAX ? s.n : at + 3);
	}
	tag = str_first(s, tag_end(s));
	name = tag_name(tag);
	rest = str_from_pos(s, tag.n);
	if (!is_in(name, inlines, ARRAY_LEN(inlines)))
		buf_addc(out, ' ');
	if (tag.n > 1 && tag.p[1] != '/' &&
	    is_in(name, hidden, ARRAY_LEN(hidden)))
		return skip_hidden(rest, name);
	return rest;
}

/* &name; &#8217; &#x2019; */
static bool
reference(struct str *s, struct buf *out)
{
	static const struct {
		struct str name;
		uint32_t cp;
	} named[] = {
	    {STR_INIT("amp"), '&'},
	    {STR_INIT("lt"), '<'},
	    {STR_INIT("gt"), '>'},
	    {STR_INIT("quot"), '"'},
	    {STR_INIT("apos"), '\''},
	    {STR_INIT("nbsp"), ' '},
	    {STR_INIT("copy"), 0xa9},
	    {STR_INIT("reg"), 0xae},
	    {STR_INIT("euro"), 0x20ac},
	    {STR_INIT("hellip"), 0x2026},
	    {STR_INIT("ndash"), 0x2013},
	    {STR_INIT("mdash"), 0x2014},
	    {STR_INIT("lsquo"), 0x2018},
	    {STR_INIT("rsquo"), 0x2019},
	    {STR_INIT("ldquo"), 0x201c},
	    {STR_INIT("rdquo"), 0x201d},
	    {STR_INIT("bull"), 0x2022},
	    {STR_INIT("middot"), 0xb7},
	    {STR_INIT("zwnj"), 0x200c},
	    {STR_INIT("zwj"), 0x200d},
	    {STR_INIT("shy"), 0xad},
	    {STR_INIT("auml"), 0xe4},
	    {STR_INIT("ouml"), 0xf6},
	    {STR_INIT("uuml"), 0xfc},
	    {STR_INIT("Auml"), 0xc4},
	    {STR_INIT("Ouml"), 0xd6},
	    {STR_INIT("Uuml"), 0xdc},
	    {STR_INIT("szlig"), 0xdf},
	    {STR_INIT("eacute"), 0xe9},
	    {STR_INIT("egrave"), 0xe8},
	};
	struct str name = str_first(str_from_pos(*s, 1), 10);
	size_t end = str_find(name, ';');
	uint32_t cp = 0;

	if (end == SIZE_MAX || end == 0)
		return false;
	name = str_first(name, end);
	if (str_startsi(name, S("#x"))) {
		for (size_t i = 2; i < name.n; i++) {
			char c = (char)(name.p[i] | 32);
			bool digit = c >= '0' && c <= '9';

			if (!digit && !(c >= 'a' && c <= 'f'))
				return false;
			cp = cp << 4 |
			    (uint32_t)(digit ? c - '0' : c - 'a' + 10);
		}
	} else if (name.p[0] == '#') {
		if (!str_to_u32(str_from_pos(name, 1), &cp))
			return false;
	} else {
		for (size_t i = 0; i < ARRAY_LEN(named); i++)
			if (str_eq(name, named[i].name))
				cp = named[i].cp;
	}
	if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return false;
	utf8_add(out, cp);
	*s = str_from_pos(*s, end + 2);
	return true;
}

static bool
is_tag_start(struct str s)
{
	char c = s.n > 1 ? s.p[1] : 0;

	return s.p[0] == '<' &&
	    (c == '/' || c == '!' || c == '?' ||
		((c | 32) >= 'a' && (c | 32) <= 'z'));
}

void
html_text(struct str s, struct buf *out)
{
	while (s.n) {
		size_t run = 0;

		while (run < s.n && s.p[run] != '<' && s.p[run] != '&')
			run++;
		buf_adds(out, str_first(s, run));
		s = str_from_pos(s, run);
		if (s.n == 0)
			break;
		if (is_tag_start(s)) {
			s = skip_tag(s, out);
		} else if (s.p[0] != '&' || !reference(&s, out)) {
			buf_addc(out, s.p[0]);
			s = str_from_pos(s, 1);
		}
	}
}

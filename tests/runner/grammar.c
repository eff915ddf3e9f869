#include "grammar.h"

#include "imap/parse.h"

static bool
list_of(
    struct imap_parse *p, bool (*item)(struct imap_parse *), bool may_be_empty)
{
	if (!parse_char(p, '('))
		return false;
	if (may_be_empty && parse_char(p, ')'))
		return true;
	do {
		if (!item(p))
			return false;
	} while (parse_sp(p));
	return parse_char(p, ')');
}

static bool
at_end(const struct imap_parse *p)
{
	return p->p == p->end;
}

static bool
number(struct imap_parse *p)
{
	uint64_t n;

	return parse_number64(p, &n);
}

static bool
string(struct imap_parse *p)
{
	struct str s;

	return parse_string(p, &s);
}

static bool
nstring(struct imap_parse *p)
{
	struct str s;

	return parse_nstring(p, &s);
}

static bool
atom(struct imap_parse *p)
{
	struct str s;

	return parse_atom(p, &s);
}

static bool
astring(struct imap_parse *p)
{
	struct str s;

	return parse_astring(p, &s);
}

/* flag-fetch, flag-perm and attributes of mailboxes */
static bool
flag(struct imap_parse *p)
{
	if (!parse_char(p, '\\'))
		return atom(p);
	return parse_char(p, '*') || atom(p);
}

/* text: anything but CR and LF, at least one */
static bool
text(struct imap_parse *p)
{
	const char *at = p->p;

	for (; p->p < p->end; p->p++)
		if (*p->p == '\r' || *p->p == '\n' || *p->p == '\0')
			return false;
	return p->p > at;
}

/* resp-text = ["[" resp-text-code "]" SP] text; what codes hold is loose */
static bool
resp_text(struct imap_parse *p)
{
	unsigned depth = 0;

	if (!parse_char(p, '['))
		return text(p);
	if (!atom(p))
		return false;
	for (; p->p < p->end && (depth > 0 || *p->p != ']'); p->p++) {
		if (*p->p == '\r' || *p->p == '\n')
			return false;
		depth += *p->p == '(';
		if (*p->p == ')' && depth-- == 0)
			return false;
	}
	return parse_char(p, ']') && parse_sp(p) && text(p);
}

static bool
address(struct imap_parse *p)
{
	return parse_char(p, '(') && nstring(p) && parse_sp(p) && nstring(p) &&
	    parse_sp(p) && nstring(p) && parse_sp(p) && nstring(p) &&
	    parse_char(p, ')');
}

/* "(" 1*address ")" / nil: no space between addresses */
static bool
addresses(struct imap_parse *p)
{
	if (parse_keyword(p, S("NIL")))
		return true;
	if (!parse_char(p, '('))
		return false;
	do {
		if (!address(p))
			return false;
	} while (parse_at(p, '('));
	return parse_char(p, ')');
}

static bool
envelope(struct imap_parse *p)
{
	int i;

	if (!parse_char(p, '(') || !nstring(p) || !parse_sp(p) || !nstring(p))
		return false;
	for (i = 0; i < 6; i++)
		if (!parse_sp(p) || !addresses(p))
			return false;
	return parse_sp(p) && nstring(p) && parse_sp(p) && nstring(p) &&
	    parse_char(p, ')');
}

/* "(" string SP string *(SP string SP string) ")" / nil */
static bool
params(struct imap_parse *p)
{
	if (parse_keyword(p, S("NIL")))
		return true;
	if (!parse_char(p, '('))
		return false;
	do {
		if (!string(p) || !parse_sp(p) || !string(p))
			return false;
	} while (parse_sp(p));
	return parse_char(p, ')');
}

static bool
disposition(struct imap_parse *p)
{
	return parse_keyword(p, S("NIL")) ||
	    (parse_char(p, '(') && string(p) && parse_sp(p) && params(p) &&
		parse_char(p, ')'));
}

static bool
language(struct imap_parse *p)
{
	return parse_at(p, '(') ? list_of(p, string, false) : nstring(p);
}

/* [SP dsp [SP lang [SP loc]]] of both extension forms */
static bool
extension(struct imap_parse *p)
{
	if (!parse_sp(p))
		return true;
	if (!disposition(p))
		return false;
	if (!parse_sp(p))
		return true;
	if (!language(p))
		return false;
	return !parse_sp(p) || nstring(p);
}

static bool body(struct imap_parse *p);

static bool
body_multipart(struct imap_parse *p)
{
	do {
		if (!body(p))
			return false;
	} while (parse_at(p, '('));
	if (!parse_sp(p) || !string(p))
		return false;
	return !parse_sp(p) || (params(p) && extension(p));
}

static bool
body_single(struct imap_parse *p)
{
	struct str type, subtype;

	if (!parse_string(p, &type) || !parse_sp(p) ||
	    !parse_string(p, &subtype) || !parse_sp(p) || !params(p) ||
	    !parse_sp(p) || !nstring(p) || !parse_sp(p) || !nstring(p) ||
	    !parse_sp(p) || !string(p) || !parse_sp(p) || !number(p))
		return false;
	if (str_eqi(type, S("TEXT"))) {
		if (!parse_sp(p) || !number(p))
			return false;
	} else if (str_eqi(type, S("MESSAGE")) &&
	    (str_eqi(subtype, S("RFC822")) || str_eqi(subtype, S("GLOBAL")))) {
		if (!parse_sp(p) || !envelope(p) || !parse_sp(p) || !body(p) ||
		    !parse_sp(p) || !number(p))
			return false;
	}
	return !parse_sp(p) || (nstring(p) && extension(p));
}

static bool
body(struct imap_parse *p)
{
	bool ok;

	if (!parse_deeper(p) || !parse_char(p, '('))
		return false;
	ok = parse_at(p, '(') ? body_multipart(p) : body_single(p);
	parse_shallower(p);
	return ok && parse_char(p, ')');
}

/* section = "[" [section-spec] "]" ["<" number ">"] */
static bool
section(struct imap_parse *p)
{
	if (!parse_char(p, '['))
		return false;
	while (p->p < p->end && *p->p != ']' && *p->p != '(')
		p->p++;
	if (parse_at(p, '(') && !list_of(p, astring, false))
		return false;
	if (!parse_char(p, ']'))
		return false;
	return !parse_char(p, '<') || (number(p) && parse_char(p, '>'));
}

static bool
binary_string(struct imap_parse *p)
{
	struct str s;
	bool binary;

	return nstring(p) || parse_literal(p, &s, &binary);
}

static bool
fetch_item(struct imap_parse *p)
{
	int64_t ms;
	int32_t zone;

	if (parse_text(p, S("FLAGS ")))
		return list_of(p, flag, true);
	if (parse_text(p, S("UID ")) || parse_text(p, S("RFC822.SIZE ")))
		return number(p);
	if (parse_text(p, S("INTERNALDATE ")))
		return parse_date_time(p, &ms, &zone);
	if (parse_text(p, S("ENVELOPE ")))
		return envelope(p);
	if (parse_text(p, S("BODYSTRUCTURE ")) || parse_text(p, S("BODY ")))
		return body(p);
	if (parse_text(p, S("BINARY.SIZE")))
		return section(p) && parse_sp(p) && number(p);
	if (parse_text(p, S("BINARY")))
		return section(p) && parse_sp(p) && binary_string(p);
	if (parse_text(p, S("BODY")))
		return section(p) && parse_sp(p) && nstring(p);
	if (parse_text(p, S("RFC822.HEADER ")) ||
	    parse_text(p, S("RFC822.TEXT ")) || parse_text(p, S("RFC822 ")))
		return nstring(p);
	return false;
}

static bool
message_data(struct imap_parse *p)
{
	if (!number(p) || !parse_sp(p))
		return false;
	if (parse_keyword(p, S("EXISTS")) || parse_keyword(p, S("RECENT")) ||
	    parse_keyword(p, S("EXPUNGE")))
		return true;
	return parse_text(p, S("FETCH ")) && list_of(p, fetch_item, false);
}

/* tagged-ext-val of LIST, as deep as it likes */
static bool
extended_item(struct imap_parse *p)
{
	return astring(p) && parse_sp(p) &&
	    (parse_at(p, '(') ? list_of(p, astring, false) : astring(p));
}

static bool
list_data(struct imap_parse *p)
{
	struct str s;

	if (!list_of(p, flag, true) || !parse_sp(p) ||
	    !(parse_keyword(p, S("NIL")) || parse_quoted(p, &s)) ||
	    !parse_sp(p) || !astring(p))
		return false;
	return !parse_sp(p) || list_of(p, extended_item, true);
}

static bool
status_item(struct imap_parse *p)
{
	return atom(p) && parse_sp(p) && number(p);
}

static bool
esearch_data(struct imap_parse *p)
{
	struct imap_set set;

	while (parse_sp(p)) {
		if (parse_text(p, S("(TAG "))) {
			if (!string(p) || !parse_char(p, ')'))
				return false;
		} else if (parse_text(p, S("ALL "))) {
			if (!parse_sequence_set(p, &set))
				return false;
		} else if (!parse_keyword(p, S("UID")) && !status_item(p)) {
			return false;
		}
	}
	return true;
}

/* namespace = nil / "(" 1*("(" string SP (quoted / nil) ")") ")" */
static bool
one_namespace(struct imap_parse *p)
{
	if (parse_keyword(p, S("NIL")))
		return true;
	if (!parse_char(p, '('))
		return false;
	do {
		if (!parse_char(p, '(') || !string(p) || !parse_sp(p) ||
		    !nstring(p) || !parse_char(p, ')'))
			return false;
	} while (parse_at(p, '('));
	return parse_char(p, ')');
}

static bool
words(struct imap_parse *p, bool (*item)(struct imap_parse *))
{
	while (parse_sp(p))
		if (!item(p))
			return false;
	return true;
}

static bool
condition(struct imap_parse *p, bool tagged)
{
	if (parse_text(p, S("OK ")) || parse_text(p, S("NO ")) ||
	    parse_text(p, S("BAD ")))
		return resp_text(p);
	return !tagged &&
	    (parse_text(p, S("BYE ")) || parse_text(p, S("PREAUTH "))) &&
	    resp_text(p);
}

static bool
untagged(struct imap_parse *p)
{
	if (p->p < p->end && *p->p >= '0' && *p->p <= '9')
		return message_data(p);
	if (parse_keyword(p, S("CAPABILITY")) || parse_keyword(p, S("ENABLED")))
		return words(p, atom);
	if (parse_text(p, S("FLAGS ")))
		return list_of(p, flag, true);
	if (parse_text(p, S("LIST ")) || parse_text(p, S("LSUB ")))
		return list_data(p);
	if (parse_keyword(p, S("SEARCH")))
		return words(p, number);
	if (parse_keyword(p, S("ESEARCH")))
		return esearch_data(p);
	if (parse_text(p, S("STATUS ")))
		return astring(p) && parse_sp(p) &&
		    list_of(p, status_item, true);
	if (parse_text(p, S("ID ")))
		return params(p);
	if (parse_keyword(p, S("NAMESPACE")))
		return words(p, one_namespace);
	return condition(p, false);
}

const char *
grammar_imap(struct str answer)
{
	struct arena arena = ARENA_INIT;
	struct imap_parse p;
	struct str tag;
	bool ok;

	imap_parse_init(&p, answer, true, &arena);
	if (parse_char(&p, '+'))
		ok = parse_sp(&p) && (at_end(&p) || text(&p));
	else if (parse_text(&p, S("* ")))
		ok = untagged(&p);
	else
		ok = parse_tag(&p, &tag) && parse_sp(&p) && condition(&p, true);
	ok = ok && at_end(&p);
	arena_release(&arena);
	return ok ? NULL : "Not in the grammar of RFC 9051";
}

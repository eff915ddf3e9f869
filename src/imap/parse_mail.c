/*
 * The tokens of imap/parse.h that mean something in mail: dates, mailbox
 * names and flags.
 */
#include "base/date.h"
#include "imap/mailbox_name.h"
#include "imap/parse.h"

/* Everything up to the next quote. */
static bool
parse_to_quote(struct imap_parse *p, struct str *out)
{
	size_t n = str_find(str_of(p->p, (size_t)(p->end - p->p)), '"');

	if (n == SIZE_MAX)
		return false;
	*out = str_of(p->p, n);
	p->p += n + 1;
	return true;
}

/* date = date-text / DQUOTE date-text DQUOTE */
bool
parse_date(struct imap_parse *p, int32_t *days_out)
{
	const char *at = p->p;
	struct str text;
	int64_t days;

	if ((parse_char(p, '"') ? parse_to_quote(p, &text)
				: parse_atom(p, &text)) &&
	    date_parse_imap_day(text, &days) == ST_OK) {
		*days_out = (int32_t)days;
		return true;
	}
	p->p = at;
	return parse_fail(p, "Not a date, as in 1-Feb-1994");
}

/* date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP
 * zone DQUOTE */
bool
parse_date_time(
    struct imap_parse *p, int64_t *utc_ms_out, int32_t *zone_minutes_out)
{
	const char *at = p->p;
	struct date date;
	struct str text;

	if (!parse_char(p, '"'))
		return false;
	if (!parse_to_quote(p, &text) ||
	    date_parse_imap(text, &date) != ST_OK) {
		p->p = at;
		return parse_fail(p, "Not a date-time");
	}
	*utc_ms_out = date.ms;
	*zone_minutes_out = date.zone;
	return true;
}

/* mailbox = "INBOX" / astring */
bool
parse_mailbox_given(
    struct imap_parse *p, struct str *out, struct str *given_out)
{
	const char *at = p->p;
	struct str s;

	if (!parse_astring(p, &s))
		return false;
	if (!mailbox_name_decode(s, p->utf8, p->arena, out)) {
		p->p = at;
		return parse_fail(p, "The mailbox name is not well encoded");
	}
	*given_out = p->utf8 && !str_eq(s, *out) ? s : S("");
	return true;
}

bool
parse_mailbox_name(struct imap_parse *p, struct str *out)
{
	struct str given;

	return parse_mailbox_given(p, out, &given);
}

/*
 * list-mailbox = 1*list-char / string
 * list-char = ATOM-CHAR / list-wildcards / resp-specials
 */
bool
parse_list_mailbox(struct imap_parse *p, struct str *out)
{
	const char *at = p->p;
	struct str s;

	while (p->p < p->end &&
	    (imap_is_atom_char((unsigned char)*p->p) || *p->p == '%' ||
		*p->p == '*' || *p->p == ']'))
		p->p++;
	s = str_of(at, (size_t)(p->p - at));
	if (s.n == 0 && !parse_string(p, &s))
		return false;
	if (mailbox_name_decode(s, p->utf8, p->arena, out))
		return true;
	p->p = at;
	return parse_fail(p, "The mailbox pattern is not well encoded");
}

/* 0 when there is none. */
static unsigned
parse_system_flag(struct imap_parse *p)
{
	static const struct {
		struct str name;
		unsigned bit;
	} system[] = {
	    {STR_INIT("Seen"), FLAG_SEEN},
	    {STR_INIT("Answered"), FLAG_ANSWERED},
	    {STR_INIT("Flagged"), FLAG_FLAGGED},
	    {STR_INIT("Deleted"), FLAG_DELETED},
	    {STR_INIT("Draft"), FLAG_DRAFT},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(system); i++)
		if (parse_keyword(p, system[i].name))
			return system[i].bit;
	return 0;
}

/* flag = "\Answered" / ... / flag-keyword;  flag-keyword = atom */
bool
parse_flag(struct imap_parse *p, struct flags *add)
{
	const char *at = p->p;
	struct str *more, name;
	unsigned bit;
	size_t i;

	if (parse_char(p, '\\')) {
		if ((bit = parse_system_flag(p)) == 0) {
			p->p = at;
			return parse_fail(p, "No such system flag");
		}
		add->bits |= bit;
		return true;
	}
	if (!parse_atom(p, &name))
		return false;
	for (i = 0; i < add->n_keywords; i++)
		if (str_eqi(add->keywords[i], name))
			return true;
	/* Room doubles at powers of two: the list itself has no capacity. */
	if ((add->n_keywords & (add->n_keywords - 1)) == 0) {
		more = ARENA_ARRAY(p->arena, struct str,
		    add->n_keywords ? add->n_keywords * 2 : 1);
		if (add->n_keywords)
			memcpy(more, add->keywords,
			    add->n_keywords * sizeof(*more));
		add->keywords = more;
	} else {
		more = (struct str *)(uintptr_t)add->keywords;
	}
	more[add->n_keywords++] = name;
	return true;
}

bool
parse_flag_list(struct imap_parse *p, struct flags *out)
{
	*out = (struct flags){0};
	if (!parse_char(p, '('))
		return false;
	if (parse_char(p, ')'))
		return true;
	do {
		if (!parse_flag(p, out))
			return false;
	} while (parse_sp(p));
	return parse_char(p, ')');
}

/*
 * The tokens of imap/parse.h that mean something in mail: dates, mailbox
 * names and flags.
 */
#include "base/buf.h"
#include "imap/mailbox_name.h"
#include "imap/parse.h"

enum { MINUTE_MS = 60 * 1000, DAY_MS = 24 * 60 * MINUTE_MS };

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Days since 1970-01-01 of a day in the Gregorian calendar. */
static int32_t
days_from_civil(int32_t y, uint32_t m, uint32_t d)
{
	int32_t era, yoe, doy;

	/* Years begin in March, so that the leap day is the last. */
	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (int32_t)((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1);
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool
parse_digits(struct imap_parse *p, size_t least, size_t most, uint32_t *out)
{
	const char *at = p->p;

	while (p->p < p->end && (size_t)(p->p - at) < most && *p->p >= '0' &&
	    *p->p <= '9')
		p->p++;
	return (size_t)(p->p - at) >= least &&
	    str_to_u32(str_of(at, (size_t)(p->p - at)), out);
}

static bool
parse_month(struct imap_parse *p, uint32_t *out)
{
	uint32_t m;

	for (m = 0; m < 12; m++)
		if (parse_text(p, str_of(months + (size_t)m * 3, 3))) {
			*out = m + 1;
			return true;
		}
	return false;
}

/* day "-" month "-" year */
static bool
parse_day_month_year(struct imap_parse *p, int32_t *days_out)
{
	static const uint8_t month_days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint32_t d, m, y;
	bool leap;

	if (!(parse_digits(p, 1, 2, &d) && parse_char(p, '-') &&
		parse_month(p, &m) && parse_char(p, '-') &&
		parse_digits(p, 4, 4, &y)))
		return false;
	leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	if (d < 1 || d > month_days[m - 1] + (uint32_t)(leap && m == 2))
		return false;
	*days_out = days_from_civil((int32_t)y, m, d);
	return true;
}

/* date = date-text / DQUOTE date-text DQUOTE */
bool
parse_date(struct imap_parse *p, int32_t *days_out)
{
	const char *at = p->p;
	bool quoted = parse_char(p, '"');
	int32_t days;

	if (parse_day_month_year(p, &days) && (!quoted || parse_char(p, '"'))) {
		*days_out = days;
		return true;
	}
	p->p = at;
	return parse_fail(p, "Not a date, as in 1-Feb-1994");
}

/* date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP
 * zone DQUOTE;  date-day-fixed = (SP DIGIT) / 2DIGIT */
bool
parse_date_time(
    struct imap_parse *p, int64_t *utc_ms_out, int32_t *zone_minutes_out)
{
	const char *at = p->p;
	uint32_t h, m, s, zh, zm;
	int32_t days, zone;
	bool west;

	if (!parse_char(p, '"'))
		return false;
	(void)parse_sp(p);
	if (!(parse_day_month_year(p, &days) && parse_sp(p) &&
		parse_digits(p, 2, 2, &h) && parse_char(p, ':') &&
		parse_digits(p, 2, 2, &m) && parse_char(p, ':') &&
		parse_digits(p, 2, 2, &s) && parse_sp(p)))
		goto bad;
	west = parse_char(p, '-');
	if (!west && !parse_char(p, '+'))
		goto bad;
	if (!(parse_digits(p, 2, 2, &zh) && parse_digits(p, 2, 2, &zm) &&
		parse_char(p, '"')))
		goto bad;
	/* Second 60 is a leap second. */
	if (h > 23 || m > 59 || s > 60 || zh > 23 || zm > 59)
		goto bad;
	zone = (int32_t)(zh * 60 + zm) * (west ? -1 : 1);
	*zone_minutes_out = zone;
	*utc_ms_out = (int64_t)days * DAY_MS +
	    (int64_t)(h * 3600 + m * 60 + s) * 1000 - (int64_t)zone * MINUTE_MS;
	return true;
bad:
	p->p = at;
	return parse_fail(p, "Not a date-time");
}

/* mailbox = "INBOX" / astring */
bool
parse_mailbox_name(struct imap_parse *p, struct str *out)
{
	const char *at = p->p;
	struct str s;

	if (!parse_astring(p, &s))
		return false;
	if (mailbox_name_decode(s, p->utf8, p->arena, out))
		return true;
	p->p = at;
	return parse_fail(p, "The mailbox name is not well encoded");
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

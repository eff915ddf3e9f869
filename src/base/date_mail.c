/* The Date: field as it is found, not as RFC 5322 wants it. */
#include "base/date.h"
#include "base/date_int.h"

/* White space and comments, which may nest; an open one runs to the end. */
static void
skip_space(struct str *s)
{
	size_t depth = 0, i = 0;

	for (; i < s->n; i++) {
		char c = s->p[i];

		if (c == '\\' && depth) {
			i += i + 1 < s->n;
		} else if (c == '(') {
			depth++;
		} else if (c == ')' && depth) {
			depth--;
		} else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' &&
		    c != '\n') {
			break;
		}
	}
	*s = str_from_pos(*s, i);
}

static struct str
letters(struct str *s)
{
	size_t n = 0;
	struct str w;

	while (n < s->n && ((s->p[n] | 32) >= 'a' && (s->p[n] | 32) <= 'z'))
		n++;
	w = str_first(*s, n);
	*s = str_from_pos(*s, n);
	return w;
}

/* RFC 5322 4.3: two digits are 1950..2049, three count from 1900. */
static bool
year(struct str *s, struct civil *c)
{
	size_t before = s->n, digits;
	int y;

	if (!date_number(s, 2, 4, &y))
		return false;
	digits = before - s->n;
	if (digits == 2)
		y += y < 50 ? 2000 : 1900;
	else if (digits == 3)
		y += 1900;
	c->year = y;
	return true;
}

static bool
month(struct str *s, struct civil *c)
{
	c->month = date_month(str_first(letters(s), 3));
	return c->month != 0;
}

static void
separator(struct str *s)
{
	skip_space(s);
	while (date_skip(s, '-') || date_skip(s, ',') || date_skip(s, '/') ||
	    date_skip(s, '.'))
		skip_space(s);
}

static bool
clock_of(struct str *s, struct civil *c)
{
	if (!date_number(s, 1, 2, &c->hour))
		return false;
	skip_space(s);
	if (!date_skip(s, ':') && !date_skip(s, '.'))
		return false;
	skip_space(s);
	if (!date_number(s, 1, 2, &c->minute))
		return false;
	skip_space(s);
	if (date_skip(s, ':') || date_skip(s, '.')) {
		skip_space(s);
		if (!date_number(s, 1, 2, &c->second))
			return false;
	}
	return true;
}

/* RFC 5322 4.3: names we do not know say nothing of the zone: -0000. */
static int32_t
named_zone(struct str name)
{
	static const struct {
		struct str name;
		int hours;
	} zones[] = {
	    {STR_INIT("EST"), -5},
	    {STR_INIT("EDT"), -4},
	    {STR_INIT("CST"), -6},
	    {STR_INIT("CDT"), -5},
	    {STR_INIT("MST"), -7},
	    {STR_INIT("MDT"), -6},
	    {STR_INIT("PST"), -8},
	    {STR_INIT("PDT"), -7},
	    {STR_INIT("BST"), 1},
	    {STR_INIT("CET"), 1},
	    {STR_INIT("MET"), 1},
	    {STR_INIT("MEZ"), 1},
	    {STR_INIT("CEST"), 2},
	    {STR_INIT("MEST"), 2},
	    {STR_INIT("EET"), 2},
	    {STR_INIT("EEST"), 3},
	    {STR_INIT("MSK"), 3},
	    {STR_INIT("JST"), 9},
	    {STR_INIT("KST"), 9},
	};

	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (str_eqi(name, zones[i].name))
			return (int32_t)zones[i].hours * 60;
	return 0;
}

static int32_t
zone_of(struct str *s)
{
	struct str at = *s;
	int32_t zone;

	if (date_offset(&at, true, &zone))
		return zone;
	/* "GMT+0200" and "UTC-5:00" are common. */
	at = *s;
	zone = named_zone(letters(&at));
	if (at.n && (at.p[0] == '+' || at.p[0] == '-')) {
		int32_t more;

		if (date_offset(&at, true, &more))
			return more;
	}
	return zone;
}

enum status
date_parse_rfc5322(struct str s, struct date *out)
{
	struct civil c = {0};
	struct str at;
	bool month_first;

	skip_space(&s);
	at = s;
	(void)letters(&at);
	month_first = at.n < s.n && date_month(str_first(s, s.n - at.n));
	if (!month_first)
		s = at;
	separator(&s);
	/* asctime's order, "Jan  1 10:00:00 1999", is seen as well. */
	if (s.n && (s.p[0] < '0' || s.p[0] > '9')) {
		if (!month(&s, &c))
			return ST_SYNTAX;
		separator(&s);
		if (!date_number(&s, 1, 2, &c.day))
			return ST_SYNTAX;
		separator(&s);
		if (!clock_of(&s, &c))
			return ST_SYNTAX;
		skip_space(&s);
		at = s;
		if (!date_number(&at, 4, 4, &(int){0}))
			(void)letters(&s);
		skip_space(&s);
		if (!year(&s, &c))
			return ST_SYNTAX;
	} else {
		if (!date_number(&s, 1, 2, &c.day))
			return ST_SYNTAX;
		separator(&s);
		if (!month(&s, &c))
			return ST_SYNTAX;
		separator(&s);
		if (!year(&s, &c))
			return ST_SYNTAX;
		separator(&s);
		if (s.n && !clock_of(&s, &c))
			return ST_SYNTAX;
	}
	skip_space(&s);
	return date_from_civil(&c, zone_of(&s), out) ? ST_OK : ST_INVALID;
}

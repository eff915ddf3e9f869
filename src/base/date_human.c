/* Moments as people write them on a command line. */
#include "base/date.h"
#include "base/date_int.h"

enum { SECOND_MS = 1000, DAY_MS = 86400 * 1000 };

static int64_t
unit_seconds(struct str u)
{
	static const struct {
		struct str name;
		int64_t seconds;
	} units[] = {
	    {STR_INIT("s"), 1},
	    {STR_INIT("sec"), 1},
	    {STR_INIT("second"), 1},
	    {STR_INIT("m"), 60},
	    {STR_INIT("min"), 60},
	    {STR_INIT("minute"), 60},
	    {STR_INIT("h"), 3600},
	    {STR_INIT("hour"), 3600},
	    {STR_INIT("d"), 86400},
	    {STR_INIT("day"), 86400},
	    {STR_INIT("w"), 604800},
	    {STR_INIT("week"), 604800},
	};

	if (u.n > 1 && str_ends(u, S("s")))
		u.n--;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (str_eqi(u, units[i].name))
			return units[i].seconds;
	return 0;
}

/* "3 days ago", "90m ago" */
static enum status
ago(struct str s, struct date now, struct date *out)
{
	size_t digits = 0;
	int64_t count, unit, span;

	s = str_trim(s);
	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (!str_to_i64(str_first(s, digits), &count))
		return ST_SYNTAX;
	unit = unit_seconds(str_trim(str_from_pos(s, digits)));
	if (!unit)
		return ST_SYNTAX;
	if (__builtin_mul_overflow(count, unit * SECOND_MS, &span) ||
	    __builtin_sub_overflow(now.ms, span, &span))
		return ST_INVALID;
	*out = (struct date){span, now.zone};
	return ST_OK;
}

static enum status
iso(struct str s, struct date now, struct date *out)
{
	struct civil c = {0};
	int32_t zone = now.zone;
	int year;

	if (!date_number(&s, 4, 4, &year) || !date_skip(&s, '-') ||
	    !date_number(&s, 2, 2, &c.month) || !date_skip(&s, '-') ||
	    !date_number(&s, 2, 2, &c.day))
		return ST_SYNTAX;
	c.year = year;
	if (s.n) {
		if (!date_skip(&s, 'T') && !date_skip(&s, 't') &&
		    !date_skip(&s, ' '))
			return ST_SYNTAX;
		if (!date_number(&s, 2, 2, &c.hour) || !date_skip(&s, ':') ||
		    !date_number(&s, 2, 2, &c.minute))
			return ST_SYNTAX;
		if (date_skip(&s, ':') && !date_number(&s, 2, 2, &c.second))
			return ST_SYNTAX;
		/* Fractions are read and dropped: no one means them here. */
		if (date_skip(&s, '.') && !date_number(&s, 1, 9, &(int){0}))
			return ST_SYNTAX;
		date_skip(&s, ' ');
		if (date_skip(&s, 'Z') || date_skip(&s, 'z'))
			zone = 0;
		else if (s.n && !date_offset(&s, true, &zone))
			return ST_SYNTAX;
	}
	if (s.n)
		return ST_SYNTAX;
	return date_from_civil(&c, zone, out) ? ST_OK : ST_INVALID;
}

enum status
date_parse_human(struct str s, struct date now, struct date *out)
{
	struct civil c = date_civil(now);
	bool yesterday;
	int64_t seconds;

	s = str_trim(s);
	yesterday = str_eqi(s, S("yesterday"));
	if (str_eqi(s, S("now"))) {
		*out = now;
		return ST_OK;
	}
	if (yesterday || str_eqi(s, S("today"))) {
		c.hour = c.minute = c.second = 0;
		if (!date_from_civil(&c, now.zone, out))
			return ST_INVALID;
		out->ms -= yesterday ? DAY_MS : 0;
		return ST_OK;
	}
	if (s.n && s.p[0] == '@') {
		if (!str_to_i64(str_from_pos(s, 1), &seconds) ||
		    seconds > INT64_MAX / SECOND_MS ||
		    seconds < INT64_MIN / SECOND_MS)
			return ST_SYNTAX;
		*out = (struct date){seconds * SECOND_MS, now.zone};
		return ST_OK;
	}
	if (s.n > 3 && str_eqi(str_from_pos(s, s.n - 3), S("ago")))
		return ago(str_first(s, s.n - 3), now, out);
	return iso(s, now, out);
}

#include "base/date.h"

#include "base/date_int.h"

static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char weekdays[7][4] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* Years begin in March here, so that the leap day is the last of a year. */
int64_t
date_days(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

int
date_month_days(int64_t year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct civil
date_civil(struct date d)
{
	int64_t sec = floor_div(d.ms, 1000) + (int64_t)d.zone * 60;
	int64_t days = floor_div(sec, 86400), rest = sec - days * 86400;
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct civil c;

	c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = yoe + era * 400 + (c.month <= 2);
	c.hour = (int)(rest / 3600);
	c.minute = (int)(rest / 60 % 60);
	c.second = (int)(rest % 60);
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);
	return c;
}

bool
date_from_civil(const struct civil *c, int32_t zone, struct date *out)
{
	int second = c->second == 60 ? 59 : c->second;
	int64_t days;

	if (c->year < 0 || c->year > 9999 || c->month < 1 || c->month > 12 ||
	    c->day < 1 || c->day > date_month_days(c->year, c->month) ||
	    c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
	    second < 0 || second > 59 || zone < -1439 || zone > 1439)
		return false;
	days = date_days(c->year, c->month, c->day);
	out->ms = (days * 86400 + c->hour * 3600 + c->minute * 60 + second -
		      (int64_t)zone * 60) *
	    1000;
	out->zone = zone;
	return true;
}

int
date_month(struct str s)
{
	for (int i = 0; i < 12; i++)
		if (str_eqi(s, str_from(months[i])))
			return i + 1;
	return 0;
}

bool
date_number(struct str *s, size_t least, size_t most, int *out)
{
	size_t n = 0;
	int v = 0;

	while (n < most && n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		v = v * 10 + (s->p[n++] - '0');
	if (n < least)
		return false;
	*s = str_from_pos(*s, n);
	*out = v;
	return true;
}

bool
date_skip(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_from_pos(*s, 1);
	return true;
}

/* "+hhmm" or "-hhmm", with a colon too where ISO 8601 has one. */
bool
date_offset(struct str *s, bool colon, int32_t *zone)
{
	bool west = s->n && s->p[0] == '-';
	int hour, minute;

	if (!date_skip(s, '-') && !date_skip(s, '+'))
		return false;
	if (!date_number(s, 2, 2, &hour))
		return false;
	if (colon && s->n == 0)
		minute = 0;
	else if (colon && s->p[0] == ':' && !date_skip(s, ':'))
		return false;
	else if (!date_number(s, 2, 2, &minute))
		return false;
	if (hour > 23 || minute > 59)
		return false;
	*zone = (int32_t)(hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

/* "1-Feb-1994" */
static bool
imap_day(struct str *s, struct civil *c)
{
	int year;

	if (!date_number(s, 1, 2, &c->day) || !date_skip(s, '-'))
		return false;
	c->month = date_month(str_first(*s, 3));
	*s = str_from_pos(*s, 3);
	if (!c->month || !date_skip(s, '-') || !date_number(s, 4, 4, &year))
		return false;
	c->year = year;
	return true;
}

bool
date_clock(struct str *s, struct civil *c)
{
	return date_number(s, 2, 2, &c->hour) && date_skip(s, ':') &&
	    date_number(s, 2, 2, &c->minute) && date_skip(s, ':') &&
	    date_number(s, 2, 2, &c->second);
}

enum status
date_parse_imap(struct str s, struct date *out)
{
	struct civil c = {0};
	int32_t zone;

	date_skip(&s, ' ');
	if (!imap_day(&s, &c) || !date_skip(&s, ' ') || !date_clock(&s, &c) ||
	    !date_skip(&s, ' ') || !date_offset(&s, false, &zone) || s.n)
		return ST_SYNTAX;
	return date_from_civil(&c, zone, out) ? ST_OK : ST_INVALID;
}

enum status
date_parse_imap_day(struct str s, int64_t *days_out)
{
	struct civil c = {0};
	struct date d;

	if (!imap_day(&s, &c) || s.n)
		return ST_SYNTAX;
	if (!date_from_civil(&c, 0, &d))
		return ST_INVALID;
	*days_out = d.ms / 1000 / 86400 - (d.ms < 0 && d.ms % 86400000);
	return ST_OK;
}

static void
write_offset(int32_t zone, const char *between, struct buf *out)
{
	int abs = zone < 0 ? -zone : zone;

	buf_addf(out, "%c%02d%s%02d", zone < 0 ? '-' : '+', abs / 60, between,
	    abs % 60);
}

static char *
put_two(char *to, int n)
{
	*to++ = (char)('0' + n / 10);
	*to++ = (char)('0' + n % 10);
	return to;
}

/* By hand: FETCH writes a hundred thousand of them in one command. */
void
date_write_imap(struct date d, struct buf *out)
{
	struct civil c = date_civil(d);
	int zone = d.zone < 0 ? -d.zone : d.zone;
	char text[26], *to;

	if (c.year < 0 || c.year > 9999 || zone > 99 * 60) {
		buf_addz(out, " 1-Jan-1970 00:00:00 +0000");
		return;
	}
	to = put_two(text, c.day);
	if (text[0] == '0')
		text[0] = ' ';
	*to++ = '-';
	memcpy(to, months[c.month - 1], 3);
	to += 3;
	*to++ = '-';
	to = put_two(to, (int)c.year / 100);
	to = put_two(to, (int)c.year % 100);
	*to++ = ' ';
	to = put_two(to, c.hour);
	*to++ = ':';
	to = put_two(to, c.minute);
	*to++ = ':';
	to = put_two(to, c.second);
	*to++ = ' ';
	*to++ = d.zone < 0 ? '-' : '+';
	to = put_two(to, zone / 60);
	to = put_two(to, zone % 60);
	buf_add(out, text, (size_t)(to - text));
}

void
date_write_rfc5322(struct date d, struct buf *out)
{
	struct civil c = date_civil(d);

	buf_addf(out, "%s, %02d %s %04d %02d:%02d:%02d ", weekdays[c.weekday],
	    c.day, months[c.month - 1], (int)c.year, c.hour, c.minute,
	    c.second);
	write_offset(d.zone, "", out);
}

void
date_write_iso(struct date d, struct buf *out)
{
	struct civil c = date_civil(d);

	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d", (int)c.year, c.month,
	    c.day, c.hour, c.minute, c.second);
	if (d.zone)
		write_offset(d.zone, ":", out);
	else
		buf_addc(out, 'Z');
}

int32_t
date_local_zone(int64_t ms)
{
	time_t t = (time_t)floor_div(ms, 1000);
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 0;
	return (int32_t)(tm.tm_gmtoff / 60);
}

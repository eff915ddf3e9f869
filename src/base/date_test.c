#include "base/date.h"
#include "base/test.h"

static struct str
written(struct buf *b, void (*write)(struct date, struct buf *), struct date d)
{
	buf_clear(b);
	write(d, b);
	return buf_str(b);
}

static void
calendar_goes_both_ways(void **state UNUSED)
{
	assert_int_equal(date_days(1970, 1, 1), 0);
	assert_int_equal(date_days(2000, 2, 29), 11016);
	assert_int_equal(date_days(1600, 3, 1), -135080);
	for (int64_t day = -800000; day < 2900000; day += 97) {
		struct civil c = date_civil((struct date){day * 86400000, 0});

		assert_int_equal(date_days(c.year, c.month, c.day), day);
		assert_int_equal(c.hour, 0);
	}
	assert_int_equal(date_civil((struct date){-1, 0}).year, 1969);
	assert_int_equal(date_civil((struct date){-1, 0}).second, 59);
	assert_int_equal(date_civil((struct date){0, 0}).weekday, 4);
}

static void
imap_dates(void **state UNUSED)
{
	static const struct str bad[] = {STR_INIT(""),
	    STR_INIT("17-Jul-1996 02:44:25"),
	    STR_INIT("17-Jul-1996 02:44:25 -07000"),
	    STR_INIT("17-Jul-96 02:44:25 -0700"),
	    STR_INIT("17-Xul-1996 02:44:25 -0700"),
	    STR_INIT("17 Jul 1996 02:44:25 -0700")};
	struct date d = {0};
	struct buf b;
	int64_t days;

	buf_init(&b, 100);
	assert_ok(date_parse_imap(S("17-Jul-1996 02:44:25 -0700"), &d));
	assert_int_equal(d.ms, 837596665000);
	assert_int_equal(d.zone, -420);
	assert_str(
	    written(&b, date_write_imap, d), "17-Jul-1996 02:44:25 -0700");
	assert_ok(date_parse_imap(S(" 1-Jan-1970 00:00:00 +0130"), &d));
	assert_int_equal(d.ms, -5400000);
	assert_str(
	    written(&b, date_write_imap, d), " 1-Jan-1970 00:00:00 +0130");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(date_parse_imap(bad[i], &d), ST_SYNTAX);
	assert_int_equal(
	    date_parse_imap(S("30-Feb-1996 02:44:25 -0700"), &d), ST_INVALID);
	assert_int_equal(
	    date_parse_imap(S("29-Feb-1900 02:44:25 -0700"), &d), ST_INVALID);
	assert_ok(date_parse_imap_day(S("1-Feb-1994"), &days));
	assert_int_equal(days, 8797);
	assert_ok(date_parse_imap_day(S("31-Dec-1969"), &days));
	assert_int_equal(days, -1);
	assert_int_equal(date_parse_imap_day(S("1-Feb-94"), &days), ST_SYNTAX);
	buf_release(&b);
}

static void
mail_dates(void **state UNUSED)
{
	static const struct {
		const char *text, *iso;
	} good[] = {
	    {"Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"},
	    {"21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"},
	    {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600",
		"1997-11-21T09:55:06-06:00"},
	    {"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      "
	     "23:32\r\n               -0330 (Newfoundland Time)",
		"1969-02-13T23:32:00-03:30"},
	    {"Mon, 1 Jan 00 10:00 EST", "2000-01-01T10:00:00-05:00"},
	    {"1 Jan 101 10:00:00 Z", "2001-01-01T10:00:00Z"},
	    {"Tue Sep 24 10:35:11 2002", "2002-09-24T10:35:11Z"},
	    {"Tue Sep  3 10:35:11 PDT 2002", "2002-09-03T10:35:11Z"},
	    {"Wed, 04-Sep-2002 8:05:03 GMT+0200", "2002-09-04T08:05:03+02:00"},
	    {"Sat, 31 Dec 2005 23:59:60 +0000", "2005-12-31T23:59:59Z"},
	    {"Wednesday, 04 September 2002 08:05:03", "2002-09-04T08:05:03Z"},
	};
	static const char *const bad[] = {"", "yesterday", "Fri, 21 Foo 1997",
	    "32 Jan 2000 10:00:00 +0000", "1 Jan 2000 25:00:00 +0000", "1",
	    "1 Jan", "(((("};
	struct date d;
	struct buf b;

	buf_init(&b, 100);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_ok(date_parse_rfc5322(str_from(good[i].text), &d));
		assert_str(written(&b, date_write_iso, d), good[i].iso);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_not_equal(
		    date_parse_rfc5322(str_from(bad[i]), &d), ST_OK);
	assert_ok(date_parse_rfc5322(S("1 Feb 1994 2:44 -0700"), &d));
	assert_str(written(&b, date_write_rfc5322, d),
	    "Tue, 01 Feb 1994 02:44:00 -0700");
	buf_release(&b);
}

static void
human_dates(void **state UNUSED)
{
	static const struct {
		const char *text, *iso;
	} good[] = {
	    {"now", "2026-11-25T14:30:00+01:00"},
	    {"today", "2026-11-25T00:00:00+01:00"},
	    {"yesterday", "2026-11-24T00:00:00+01:00"},
	    {"3 days ago", "2026-11-22T14:30:00+01:00"},
	    {"1 hour ago", "2026-11-25T13:30:00+01:00"},
	    {"90m ago", "2026-11-25T13:00:00+01:00"},
	    {"2 weeks ago", "2026-11-11T14:30:00+01:00"},
	    {"2026-11-23", "2026-11-23T00:00:00+01:00"},
	    {"2026-11-23 10:15", "2026-11-23T10:15:00+01:00"},
	    {"2026-11-23T10:15:07Z", "2026-11-23T10:15:07Z"},
	    {"2026-11-23T10:15:07.25-03:30", "2026-11-23T10:15:07-03:30"},
	    {"2026-11-23T10:15+05", "2026-11-23T10:15:00+05:00"},
	    {"@0", "1970-01-01T01:00:00+01:00"},
	};
	static const char *const bad[] = {"", "soon", "ago", "3 ago",
	    "days ago", "3 moons ago", "2026-13-01", "2026-11-23T", "2026-11",
	    "2026-11-23T10", "2026-11-23T10:15:07ZZ", "@", "@x",
	    "99999999999999999999 days ago", "9999999999999999 days ago"};
	struct date now, d;
	struct buf b;

	buf_init(&b, 100);
	assert_ok(date_parse_imap(S("25-Nov-2026 14:30:00 +0100"), &now));
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_ok(date_parse_human(str_from(good[i].text), now, &d));
		assert_str(written(&b, date_write_iso, d), good[i].iso);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_not_equal(
		    date_parse_human(str_from(bad[i]), now, &d), ST_OK);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calendar_goes_both_ways),
	    cmocka_unit_test(imap_dates),
	    cmocka_unit_test(mail_dates),
	    cmocka_unit_test(human_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Dates as mail writes them. A moment is milliseconds since 1970 UTC; `zone`
 * is minutes east of UTC, kept because IMAP shows a date in the zone it came
 * with. Everything here is arithmetic; only date_local_zone asks libc.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/buf.h"

struct date {
	int64_t ms;
	int32_t zone;
};

struct civil {
	int64_t year; /* 1996 */
	int month;    /* 1..12 */
	int day;      /* 1..31 */
	int hour, minute, second;
	int weekday; /* 0: Sunday; only written, never read */
};

/* Days since 1970-01-01 of a day in the proleptic Gregorian calendar. */
int64_t date_days(int64_t year, int month, int day);
int date_month_days(int64_t year, int month);
struct civil date_civil(struct date d);
/* False when a field is out of range (a leap second counts as :59). */
bool date_from_civil(
    const struct civil *c, int32_t zone, struct date *out) MUST_CHECK;

/* 1..12 of "Jan" .. "Dec" in any case; 0: none of them. */
int date_month(struct str s);

/* RFC 9051 date-time without its quotes: " 1-Feb-1994 02:44:25 -0700". */
enum status date_parse_imap(struct str s, struct date *out) MUST_CHECK;
void date_write_imap(struct date d, struct buf *out);
/* RFC 9051 date-text: 1-Feb-1994, as days since 1970-01-01. */
enum status date_parse_imap_day(struct str s, int64_t *days_out) MUST_CHECK;

/*
 * The Date: field of RFC 5322, with what senders make of it: comments, no
 * weekday, no seconds, years of two digits, obsolete and missing zones.
 */
enum status date_parse_rfc5322(struct str s, struct date *out) MUST_CHECK;
/* "Tue, 01 Feb 1994 02:44:25 -0700" */
void date_write_rfc5322(struct date d, struct buf *out);

/* "1994-02-01T09:44:25Z", or with the zone when it is not 0. */
void date_write_iso(struct date d, struct buf *out);

/*
 * A moment as a person writes it on the command line: ISO 8601 to the day,
 * minute or second with or without a zone, "now", "today", "yesterday",
 * "3 days ago", "90m ago", "@1700000000". Without a zone it is in `now`'s.
 */
enum status date_parse_human(
    struct str s, struct date now, struct date *out) MUST_CHECK;

/* This machine's zone at that moment (reads the time zone files). */
int32_t date_local_zone(int64_t ms);

#endif

#include "base/test.h"
#include "imap/mailbox_name.h"
#include "imap/parse.h"
#include "imap/write.h"

static struct arena arena = ARENA_INIT;

static struct imap_parse
parser(struct str text, bool utf8)
{
	struct imap_parse p;

	imap_parse_init(&p, text, utf8, &arena);
	return p;
}

static bool
astring(struct str text, struct str *out)
{
	struct imap_parse p = parser(text, false);

	return parse_astring(&p, out) && parse_crlf(&p);
}

static void
test_strings(void **state)
{
	struct imap_parse p;
	struct str s;
	bool binary;

	(void)state;
	assert_true(astring(S("a]b.c\r\n"), &s));
	assert_str(s, "a]b.c");
	assert_true(astring(S("\"\"\r\n"), &s));
	assert_str(s, "");
	assert_true(astring(S("\"a \\\"b\\\\\"\n"), &s));
	assert_str(s, "a \"b\\");
	assert_true(astring(S("{3}\r\na\rb\r\n"), &s));
	assert_str(s, "a\rb");
	assert_true(astring(S("{0+}\r\n\r\n"), &s));
	assert_str(s, "");
	assert_false(astring(S("\"a\r\n\"\r\n"), &s));
	assert_false(astring(S("\"a\\n\"\r\n"), &s));
	assert_false(astring(S("\"a\\"), &s));
	assert_false(astring(S("\""), &s));
	assert_false(astring(S("a b\r\n"), &s));
	assert_false(astring(S("{1}\r\n\0\r\n"), &s));
	assert_false(astring(S("a\r\nb\r\n"), &s));

	p = parser(S("{9}\r\nabc"), false);
	assert_false(parse_astring(&p, &s));
	assert_true(p.truncated);
	p = parser(S("~{2}\r\n\0b"), false);
	assert_false(parse_literal(&p, &s, NULL));
	assert_true(parse_literal(&p, &s, &binary));
	assert_true(binary && s.n == 2 && p.p == p.end);
	p = parser(S("nil NILS"), false);
	assert_true(parse_nstring(&p, &s) && s.p == NULL);
	assert_true(parse_sp(&p));
	assert_false(parse_nstring(&p, &s));
	arena_reset(&arena);
}

static void
test_numbers(void **state)
{
	struct imap_parse p = parser(S("4294967295 4294967296 0 12x"), false);
	uint64_t at, n;
	uint32_t u;

	(void)state;
	assert_true(parse_number(&p, &u) && u == UINT32_MAX && parse_sp(&p));
	assert_false(parse_number(&p, &u));
	assert_true(parse_number64(&p, &n) && n == 4294967296 && parse_sp(&p));
	assert_false(parse_nz_number(&p, &u));
	assert_true(parse_number(&p, &u) && u == 0 && parse_sp(&p));
	assert_true(parse_number(&p, &u) && u == 12);
	p = parser(S("<0.10><5.0>"), false);
	assert_true(parse_partial(&p, &at, &n) && at == 0 && n == 10);
	assert_false(parse_partial(&p, &at, &n));
}

static void
test_sets(void **state)
{
	static const char *const bad[] = {
	    "", "0", "1:", "a", ":1", "1,,2", "1,", "4294967296"};
	struct imap_set set;
	struct imap_parse p = parser(S("2,4:7,9,12:*,*:3"), false);
	size_t i;

	(void)state;
	assert_true(parse_sequence_set(&p, &set) && set.n == 5);
	assert_true(set.ranges[0].first == 2 && set.ranges[0].last == 2);
	assert_true(set.ranges[3].first == 12 && set.ranges[3].last == 0);
	assert_true(set.ranges[4].first == 0 && set.ranges[4].last == 3);
	assert_false(set.saved);
	p = parser(S("$"), false);
	assert_true(parse_sequence_set(&p, &set) && set.saved && set.n == 0);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		p = parser(str_from(bad[i]), false);
		assert_false(parse_sequence_set(&p, &set));
	}
	arena_reset(&arena);
}

static void
test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		int zone;
	} good[] = {
	    {"\"17-Jul-1996 02:44:25 -0700\"", 837596665000, -420},
	    {"\" 1-Jan-1970 00:00:00 +0000\"", 0, 0},
	    {"\"29-Feb-2000 23:59:60 +0530\"", 951848999000, 330},
	    {"\"31-Dec-1969 23:59:59 +0000\"", -1000, 0},
	};
	static const char *const bad[] = {"\"30-Feb-2000 00:00:00 +0000\"",
	    "\"29-Feb-1900 00:00:00 +0000\"", "\"1-Foo-2000 00:00:00 +0000\"",
	    "\"01-Jan-2000 24:00:00 +0000\"", "\"01-Jan-2000 00:00:00 0000\"",
	    "\"00-Jan-2000 00:00:00 +0000\"", "\"01-Jan-2000 00:00:00 +0000"};
	struct imap_parse p;
	struct buf out;
	int64_t ms;
	int32_t zone, days;
	size_t i;

	(void)state;
	buf_init(&out, 100);
	for (i = 0; i < ARRAY_LEN(good); i++) {
		p = parser(str_from(good[i].text), false);
		assert_true(parse_date_time(&p, &ms, &zone));
		assert_int_equal(ms, good[i].ms);
		assert_int_equal(zone, good[i].zone);
		if (i == 2)
			continue; /* a leap second comes back as the next one */
		buf_clear(&out);
		imap_write_date_time(&out, ms, zone);
		assert_str(buf_str(&out), good[i].text);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		p = parser(str_from(bad[i]), false);
		assert_false(parse_date_time(&p, &ms, &zone));
	}
	p = parser(S("1-Feb-1994 \"01-jan-1970\""), false);
	assert_true(parse_date(&p, &days) && days == 8797 && parse_sp(&p));
	assert_true(parse_date(&p, &days) && days == 0);
	buf_release(&out);
}

static void
test_flags(void **state)
{
	struct imap_parse p = parser(
	    S("(\\seen \\Deleted a b A c d)(\\Recent)(\\Seenx)()(a"), false);
	struct flags f;

	(void)state;
	assert_true(parse_flag_list(&p, &f));
	assert_int_equal(f.bits, FLAG_SEEN | FLAG_DELETED);
	assert_int_equal(f.n_keywords, 4);
	assert_str(f.keywords[0], "a");
	assert_str(f.keywords[3], "d");
	assert_false(parse_flag_list(&p, &f));
	p = parser(S("(\\Seenx)"), false);
	assert_false(parse_flag_list(&p, &f));
	p = parser(S("()"), false);
	assert_true(parse_flag_list(&p, &f) && f.bits == 0 && !f.n_keywords);
	p = parser(S("(a"), false);
	assert_false(parse_flag_list(&p, &f));
	arena_reset(&arena);
}

static void
test_mailbox_names(void **state)
{
	static const struct {
		const char *wire, *name;
	} both[] = {
	    {"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		"~peter/mail/\345\217\260\345\214\227/"
		"\346\227\245\346\234\254\350\252\236"},
	    {"Entw&APw-rfe", "Entw\303\274rfe"},
	    {"Jetzt_&-_Hier", "Jetzt_&_Hier"},
	    {"&2D3eAA-", "\360\237\230\200"},
	    {"INBOX/a", "INBOX/a"},
	};
	static const char *const bad[] = {"&", "&AP", "&AGE-", "&2D0-", "&3gA-",
	    "a&!-", "&A-", "&AAA-", "&APx-"};
	struct imap_parse p;
	struct buf out;
	struct str s;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < ARRAY_LEN(both); i++) {
		p = parser(str_from(both[i].wire), false);
		assert_true(parse_mailbox_name(&p, &s));
		assert_str(s, both[i].name);
		buf_clear(&out);
		imap_write_mailbox(&out, s, false);
		assert_str(buf_str(&out), both[i].wire);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		p = parser(str_from(bad[i]), false);
		assert_false(parse_mailbox_name(&p, &s));
	}
	p = parser(S("iNbOx/Inbox inboxes \"u\314\210\" &"), true);
	assert_true(parse_mailbox_name(&p, &s) && parse_sp(&p));
	assert_str(s, "INBOX/Inbox");
	assert_true(parse_mailbox_name(&p, &s) && parse_sp(&p));
	assert_str(s, "inboxes");
	assert_true(parse_mailbox_name(&p, &s) && parse_sp(&p));
	assert_str(s, "\303\274");
	assert_true(parse_mailbox_name(&p, &s));
	assert_str(s, "&");
	buf_clear(&out);
	imap_write_mailbox(&out, S("\303\274 \"x"), true);
	assert_str(buf_str(&out), "\"\303\274 \\\"x\"");
	p = parser(S("\"\377\""), true);
	assert_false(parse_mailbox_name(&p, &s));
	buf_release(&out);
	arena_reset(&arena);
}

static void
test_match(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool is;
	} t[] = {
	    {"*", "a/b", true},
	    {"%", "a/b", false},
	    {"%", "ab", true},
	    {"a/%", "a/b", true},
	    {"a/%", "a", false},
	    {"a*", "a", true},
	    {"%/b", "a/b", true},
	    {"a%b*c", "axxb/y/c", true},
	    {"a%b*c", "ax/b/y/c", false},
	    {"", "", true},
	    {"", "a", false},
	    {"%%", "", true},
	    {"*a", "aaab", false},
	    {"**a", "aaaba", true},
	};
	char pattern[2001], name[1001];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		assert_int_equal(mailbox_name_match(str_from(t[i].pattern),
				     str_from(t[i].name)),
		    t[i].is);
	/* Backtracking would not end before the test's time is over. */
	for (i = 0; i < 1000; i++) {
		memcpy(pattern + 2 * i, "*%", 2);
		name[i] = 'a';
	}
	pattern[2000] = 'b';
	assert_false(
	    mailbox_name_match(str_of(pattern, 2001), str_of(name, 1000)));
}

static void
test_write_strings(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	imap_write_string(&out, S("a\"\\b"));
	imap_write_string(&out, S("\303\274"));
	imap_write_nstring(&out, str_of(NULL, 0));
	imap_write_nstring(&out, S(""));
	imap_write_astring(&out, S("a]b"));
	imap_write_astring(&out, S("nil"));
	imap_write_astring(&out, S("a b"));
	assert_str(buf_str(&out),
	    "\"a\\\"\\\\b\"{2}\r\n\303\274NIL\"\"a]b\"nil\"\"a b\"");
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_sets),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_mailbox_names),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_write_strings),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_release(&arena);
	return failed;
}

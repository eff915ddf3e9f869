#include "base/test.h"
#include "imap/search_fold.h"

static void
assert_fold(const char *text, const char *want)
{
	struct buf b;

	buf_init(&b, 1000);
	search_fold(str_from(text), &b);
	assert_str(buf_str(&b), want);
	buf_release(&b);
}

static void
test_fold(void **state)
{
	(void)state;
	assert_fold("Hello, WORLD 1-2", "hello, world 1-2");
	assert_fold("STRASSE Straße", "strasse strasse");
	/* Composed and decomposed are one: u with diaeresis. */
	assert_fold("\xc3\x9cn", "u\xcc\x88n");
	assert_fold("U\xcc\x88n", "u\xcc\x88n");
	assert_fold("\xef\xac\x81n", "fin"); /* the ligature */
	assert_fold("a\xff"
		    "b",
	    "a\xef\xbf\xbd"
	    "b");
	assert_fold("", "");
}

static void
test_needle(void **state)
{
	struct arena a = ARENA_INIT;
	struct str out = S("untouched");

	(void)state;
	assert_ok(search_fold_needle(S(""), S("M\xc3\xbcller"), &a, &out));
	assert_str(out, "mu\xcc\x88ller");
	assert_ok(
	    search_fold_needle(S("ISO-8859-1"), S("M\xfcller"), &a, &out));
	assert_str(out, "mu\xcc\x88ller");
	assert_ok(search_fold_needle(S("utf-8"), S("A"), &a, &out));
	assert_str(out, "a");
	assert_int_equal(
	    search_fold_needle(S("X-NONE"), S("A"), &a, &out), ST_CHARSET);
	assert_str(out, "a");
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fold),
	    cmocka_unit_test(test_needle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

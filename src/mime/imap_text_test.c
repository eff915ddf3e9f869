#include "mime/imap_text.h"

#include "base/test.h"

static void
what_is_written_is_taken(void **state UNUSED)
{
	static const char *const texts[] = {
	    "", "plain", "\"quotes\" and \\", "Gr\303\274\303\237e", "a\r\nb"};
	struct arena a = ARENA_INIT;
	struct str rest, got;
	struct buf b;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		buf_init(&b, 1000);
		imap_text_nstring(&b, str_from(texts[i]));
		buf_addz(&b, " NIL)");
		rest = buf_str(&b);
		assert_true(imap_text_take(&rest, &a, &got));
		assert_str(got, texts[i]);
		assert_str(rest, " NIL)");
		rest = str_from_pos(rest, 1);
		assert_true(imap_text_take(&rest, &a, &got));
		assert_int_equal(got.n, 0);
		assert_str(rest, ")");
		assert_false(imap_text_take(&rest, &a, &got));
		buf_release(&b);
	}
	arena_release(&a);
}

static void
what_is_cut_short_is_none(void **state UNUSED)
{
	static const char *const texts[] = {"", "\"", "\"abc", "\"abc\\", "{",
	    "{3}", "{3}\r\n", "{3}\r\nab", "{x}\r\nab", "{9999999999}\r\n"};
	struct arena a = ARENA_INIT;
	struct str rest, got;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		rest = str_from(texts[i]);
		assert_false(imap_text_take(&rest, &a, &got));
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_taken),
	    cmocka_unit_test(what_is_cut_short_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

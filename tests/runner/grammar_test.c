#include "grammar.h"

#include "base/test.h"

static void
imap_answers(void **state)
{
	static const char *const good[] = {
	    "* OK [CAPABILITY IMAP4rev1] ready",
	    "a1 OK done",
	    "+ ",
	    "* 3 FETCH (UID 3 FLAGS (\\Seen $x))",
	    "* 1 FETCH (BODY[] {3}\r\na\r\n)",
	    "* LIST (\\HasNoChildren) \"/\" \"a b\"",
	    "* STATUS x (MESSAGES 3 UIDNEXT 4)",
	    "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1))",
	};
	static const char *const bad[] = {
	    "",
	    "* OK",
	    "a1 MAYBE done",
	    "a1 BYE done",
	    "* 3 FETCH (UID 3  FLAGS ())",
	    "* 3 FETCH (UID)",
	    "* 3 FETCH ()",
	    "* 1 FETCH (BODY[] {4}\r\na\r\n)",
	    "* LIST (\\HasNoChildren) / x",
	    "* STATUS x (MESSAGES)",
	    "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3))",
	    "* OK two\r\n* OK lines",
	    "* SEARCH 1 x",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++)
		assert_null(grammar_imap(str_from(good[i])));
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_non_null(grammar_imap(str_from(bad[i])));
}

static void
pop3_lines(void **state)
{
	(void)state;
	assert_null(grammar_pop3(S("+OK")));
	assert_null(grammar_pop3(S("+OK 3 320")));
	assert_null(grammar_pop3(S("-ERR [SYS/TEMP] later")));
	assert_null(grammar_pop3(S("any line of a message")));
	assert_non_null(grammar_pop3(S("+OKAY")));
	assert_non_null(grammar_pop3(S("-ERROR")));
	assert_non_null(grammar_pop3(S("-ERR [NEVER] seen")));
	assert_non_null(grammar_pop3(S("-ERR [AUTH]wrong")));
	assert_non_null(grammar_pop3(S("a\0b")));
}

static void
lmtp_lines(void **state)
{
	(void)state;
	assert_null(grammar_lmtp(S("220 mx.test LMTP ready")));
	assert_null(grammar_lmtp(S("250-SIZE 100")));
	assert_null(grammar_lmtp(S("550 5.1.1 <x@y> unknown")));
	assert_non_null(grammar_lmtp(S("550 unknown")));
	assert_non_null(grammar_lmtp(S("550 4.1.1 unknown")));
	assert_non_null(grammar_lmtp(S("550 5.1 unknown")));
	assert_non_null(grammar_lmtp(S("620 6.1.1 what")));
	assert_non_null(grammar_lmtp(S("25 2.1.1 what")));
	assert_non_null(grammar_lmtp(S("250 2.1.5 <a\rb> ok")));
}

static void
answers_are_cut(void **state)
{
	(void)state;
	assert_int_equal(grammar_cut(S("a OK x\r\nb")), 8);
	assert_int_equal(grammar_cut(S("a OK x")), 0);
	assert_int_equal(grammar_cut(S("* {3}\r\na\r\n)\r\nb OK\r\n")), 13);
	assert_int_equal(grammar_cut(S("* {9}\r\na\r\n)\r\n")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(imap_answers),
	    cmocka_unit_test(pop3_lines),
	    cmocka_unit_test(lmtp_lines),
	    cmocka_unit_test(answers_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is read of another server, and of the words that name one. */
#include "base/test.h"
#include "cli/imap_answer.h"
#include "cli/mail_server.h"

static struct str
show(struct arena *a, const char *url)
{
	struct mail_server m;

	if (mail_server_parse(str_from(url), a, &m) != ST_OK)
		return S("no");
	return arena_printf(a, "%s%s " STR_FMT " " STR_FMT " " STR_FMT,
	    m.pop3 ? "pop3" : "imap", m.tls ? " tls" : "", STR_ARG(m.user),
	    STR_ARG(m.host), STR_ARG(m.port));
}

static void
urls(void **state UNUSED)
{
	static const char *const cases[][2] = {
	    {"imap://anna@mail.example", "imap anna mail.example 143"},
	    {"IMAPS://anna@mail.example/", "imap tls anna mail.example 993"},
	    {"pop3://a%40b.example@h:1110", "pop3 a@b.example h 1110"},
	    {"pop3s://a@b@h", "pop3 tls a@b h 995"},
	    {"imaps://a@[::1]:1993", "imap tls a ::1 1993"},
	    {"imaps://a@[::1]", "imap tls a ::1 993"},
	    {"imap://mail.example", "no"},
	    {"imap://@mail.example", "no"},
	    {"imap://a@", "no"},
	    {"imap://a@h:0", "no"},
	    {"imap://a@h:65536", "no"},
	    {"imap://a@h:x", "no"},
	    {"imap://a@[::1]x", "no"},
	    {"imap://a%4@h", "no"},
	    {"imap://a%00@h", "no"},
	    {"smtp://a@h", "no"},
	    {"imap:a@h", "no"},
	};
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_str(show(&a, cases[i][0]), cases[i][1]);
	arena_release(&a);
}

static void
strings(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct str in = S("\"a \\\"b\\\\\" {3}\nx\"y NIL atom[] ("), out;

	assert_true(imap_answer_string(&in, &a, &out));
	assert_str(out, "a \"b\\");
	assert_true(imap_answer_space(&in));
	assert_true(imap_answer_string(&in, &a, &out));
	assert_str(out, "x\"y");
	assert_true(imap_answer_space(&in));
	assert_true(imap_answer_string(&in, &a, &out));
	assert_str(out, "");
	assert_true(imap_answer_space(&in));
	assert_true(imap_answer_string(&in, &a, &out));
	assert_str(out, "atom[]");
	assert_true(imap_answer_space(&in));
	assert_false(imap_answer_string(&in, &a, &out));
	in = S("\"open");
	assert_false(imap_answer_string(&in, &a, &out));
	in = S("{4}\nabc");
	assert_false(imap_answer_string(&in, &a, &out));
	arena_release(&a);
}

static void
values_are_skipped(void **state UNUSED)
{
	struct str in = S("(a (\"(\" {2}\n)) NIL) b) rest"), out;
	char nested[300];

	assert_true(imap_answer_skip(&in));
	assert_str(in, " rest");
	in = S("one two");
	assert_true(imap_answer_skip(&in));
	assert_str(in, " two");
	in = S("(a");
	assert_false(imap_answer_skip(&in));
	in = S(")");
	assert_false(imap_answer_skip(&in));
	memset(nested, '(', 150);
	memset(nested + 150, ')', 150);
	in = str_of(nested, sizeof(nested));
	assert_false(imap_answer_skip(&in));
	in = S("(\\Seen x) y");
	assert_true(imap_answer_list(&in, &out));
	assert_str(out, "\\Seen x");
	assert_str(in, " y");
}

static void
literals(void **state UNUSED)
{
	uint64_t n = 0;
	size_t at = 0;

	assert_true(imap_answer_literal(S("* 1 FETCH (X {12}"), &n, &at));
	assert_int_equal(n, 12);
	assert_int_equal(at, 13);
	assert_true(imap_answer_literal(S("{7+}"), &n, &at));
	assert_int_equal(n, 7);
	assert_false(imap_answer_literal(S("{}"), &n, &at));
	assert_false(imap_answer_literal(S("12}"), &n, &at));
	assert_false(imap_answer_literal(S("{1x}"), &n, &at));
	assert_false(imap_answer_literal(S("* OK {1} more"), &n, &at));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(urls),
	    cmocka_unit_test(strings),
	    cmocka_unit_test(values_are_skipped),
	    cmocka_unit_test(literals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "proto/trace.h"

#include "base/test.h"

static int64_t now_ms;

static int64_t
mono(void *ctx UNUSED)
{
	return now_ms;
}

static void
take(void *ctx, struct str text)
{
	buf_adds(ctx, text);
}

static void
what_is_written(void **state UNUSED)
{
	const struct clock clock = {mono, mono, NULL};
	struct trace t;
	struct buf out;

	buf_init(&out, 65536);
	now_ms = 1000;
	trace_begin(&t, &clock, take, &out);
	now_ms += 34;
	/* Pieces make no difference, lines do. */
	trace_client(&t, S("a1 SELEC"));
	trace_client(&t, S("T INBOX\r\na2 \\\x01\xff\r\n"));
	trace_server(&t, S("* 3 EXISTS\r\na1 OK\r\n"));
	now_ms += 60000;
	trace_event(&t, "drain");
	trace_client(&t, S("rest"));
	trace_end(&t);
	assert_str(buf_str(&out),
	    "C 0.034 a1 SELECT INBOX\\r\\n\n"
	    "C 0.034 a2 \\\\\\x01\\xff\\r\\n\n"
	    "S 0.034 * 3 EXISTS\\r\\na1 OK\\r\\n\n"
	    "E 60.034 drain\n"
	    "C 60.034 rest\n");
	buf_release(&out);
}

static void
secrets_are_blanked(void **state UNUSED)
{
	static const struct str said[] = {
	    STR_INIT("a1 login anna geheim\r\n"),
	    STR_INIT("a1 LOGIN {4}\r\nanna {6}\r\ngeheim\r\n"),
	    STR_INIT("a1 AUTHENTICATE PLAIN\r\nAGFubmEAZ2VoZWlt\r\n"),
	    STR_INIT("PASS geheim\r\n"),
	    STR_INIT("auth PLAIN AGFubmEAZ2VoZWlt\r\n"),
	    STR_INIT("AUTH PLAIN\r\nAGFubmEAZ2VoZWlt\r\n"),
	};
	const struct clock clock = {mono, mono, NULL};
	struct trace t;
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(said); i++) {
		buf_init(&out, 65536);
		trace_begin(&t, &clock, take, &out);
		trace_client(&t, said[i]);
		assert_int_equal(
		    str_find_str(buf_str(&out), S("geheim")), SIZE_MAX);
		assert_int_equal(
		    str_find_str(buf_str(&out), S("Z2Vo")), SIZE_MAX);
		assert_true(
		    str_find_str(buf_str(&out), S("[blanked]")) != SIZE_MAX);
		/* What follows is none. */
		trace_client(&t, S("a2 NOOP\r\n"));
		assert_true(str_ends(buf_str(&out), S("a2 NOOP\\r\\n\n")));
		trace_end(&t);
		buf_release(&out);
	}
}

static void
it_ends_at_its_limit(void **state UNUSED)
{
	const struct clock clock = {mono, mono, NULL};
	struct trace t;
	struct buf out;

	buf_init(&out, 65536);
	trace_begin(&t, &clock, take, &out);
	t.written = TRACE_MAX - 5;
	trace_server(&t, S("* 1 EXISTS\r\n"));
	assert_true(str_ends(buf_str(&out), S("# the rest is too much\n")));
	buf_clear(&out);
	trace_server(&t, S("* 2 EXISTS\r\n"));
	assert_int_equal(out.n, 0);
	trace_end(&t);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written),
	    cmocka_unit_test(secrets_are_blanked),
	    cmocka_unit_test(it_ends_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/test.h"
#include "imap/reader.h"

static const struct imap_reader_limits limits = {40, 10, 60};

/*
 * Feeds the bytes in pieces of `step`; notes each thing found as a letter and
 * its text: "C[a noop]", "L5+" for an announced literal, "B[..]", "S[..]".
 */
static void
drive(struct str bytes, size_t step, bool stream, bool refuse, struct buf *log)
{
	struct imap_reader r;
	struct buf in;
	size_t at = 0;
	enum imap_read got;

	imap_reader_init(&r, &limits);
	buf_init(&in, 1000);
	buf_clear(log);
	while (at < bytes.n || in.n > 0) {
		size_t before = in.n;
		size_t n = min_size(step, bytes.n - at);

		buf_add(&in, bytes.p + at, n);
		at += n;
		got = imap_reader_feed(&r, &in);
		switch (got) {
		case READ_MORE:
			if (n == 0 && before == in.n)
				goto out;
			break;
		case READ_COMMAND:
		case READ_SKIPPED:
			buf_addf(log, "%c[" STR_FMT "]",
			    got == READ_COMMAND ? 'C' : 'S',
			    STR_ARG(str_trim(buf_str(&r.text))));
			imap_reader_reset(&r);
			break;
		case READ_LITERAL:
			buf_addf(log, "L%u%s%s", (unsigned)r.literal_size,
			    r.literal_sync ? "" : "+",
			    r.literal_binary ? "~" : "");
			if (stream) {
				imap_reader_stream(&r);
			} else if (refuse || !imap_reader_keep(&r)) {
				if (imap_reader_skip(&r)) {
					buf_addz(log, "!");
					imap_reader_reset(&r);
				}
			}
			break;
		case READ_BYTES:
			buf_adds(log, r.bytes);
			buf_consume(&in, r.bytes.n);
			break;
		}
	}
out:
	buf_release(&in);
	imap_reader_release(&r);
}

static void
check(struct str bytes, bool stream, bool refuse, const char *want)
{
	struct buf log;
	size_t step;

	buf_init(&log, 1000);
	for (step = 1; step <= bytes.n; step++) {
		drive(bytes, step, stream, refuse, &log);
		assert_str(buf_str(&log), want);
	}
	buf_release(&log);
}

static void
test_commands(void **state)
{
	(void)state;
	check(S("a noop\r\nb x\n\r\n"), false, false, "C[a noop]C[b x]C[]");
	check(S("a x {3}\r\nq\r\n {2+}\r\n{}\r\nb\r\n"), false, false,
	    "L3L2+C[a x {3}\r\nq\r\n {2+}\r\n{}]C[b]");
	check(S("a {0}\r\n\r\n"), false, false, "L0C[a {0}]");
	/* Only at the end of a line, only digits, is it a literal. */
	check(S("a {3} b\r\na {x}\r\na 3}\r\n{-1}\r\n"), false, false,
	    "C[a {3} b]C[a {x}]C[a 3}]C[{-1}]");
	check(S("a ~{2+}\r\nxy\r\n"), false, false, "L2+~C[a ~{2+}\r\nxy]");
}

static void
test_streams(void **state)
{
	(void)state;
	check(S("a {12+}\r\nhello\r\nworld\r\nb\r\n"), true, false,
	    "L12+hello\r\nworldC[a {12+}]C[b]");
}

static void
test_limits(void **state)
{
	(void)state;
	/* 40 bytes are a line, 41 are not. */
	check(S("0123456789012345678901234567890123456789\r\na\r\n"), false,
	    false, "C[0123456789012345678901234567890123456789]C[a]");
	/* A literal over its limit: the client waits, or has gone on. */
	check(S("a {11}\r\nb\r\n"), false, false, "L11!C[b]");
	check(S("a {11+}\r\n01234567890 {2+}\r\n\r\n {1+}\r\nx\r\nb\r\n"),
	    false, false, "L11+S[a {11+}]C[b]");
	/* In what is skipped a client that waits ends its command. */
	check(S("a {11+}\r\n01234567890 {2}\r\nb\r\n"), false, false,
	    "L11+S[a {11+}]C[b]");
	check(S("a {11+}\r\n01234567890 {99999999999999999999}\r\nb\r\n"),
	    false, false, "L11+S[a {11+}]C[b]");
	/* Many small literals make a command too long all the same. */
	check(S("a {10+}\r\n0123456789 {10+}\r\n0123456789 {5+}\r\n01234 "
		"{10+}\r\n0123456789\r\nb\r\n"),
	    false, false,
	    "L10+L10+L5+L10+S[a {10+}\r\n0123456789 {10+}\r\n0123456789 "
	    "{5+}\r\n01234 {10+}]C[b]");
}

static void
test_long_line(void **state)
{
	struct str line = S("a 2345678901234567890123456789012345678901234567 "
			    "{3+}\r\nx\r\n\r\nb\r\n");
	struct buf log;
	size_t step;

	(void)state;
	buf_init(&log, 1000);
	for (step = 1; step <= line.n; step++) {
		drive(line, step, false, false, &log);
		/* How much of it is kept depends on the pieces. */
		assert_true(str_starts(buf_str(&log), S("S[")));
		assert_true(str_ends(buf_str(&log), S("]C[b]")));
	}
	buf_release(&log);
}

static void
test_refused(void **state)
{
	(void)state;
	check(S("a {3}\r\nb\r\n"), false, true, "L3!C[b]");
	check(S("a {3+}\r\n\r\nx c\r\nb\r\n"), false, true, "L3+S[a {3+}]C[b]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_streams),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_long_line),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

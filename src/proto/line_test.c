#include "base/test.h"
#include "proto/line.h"

static void
add(struct buf *in, const char *z)
{
	buf_addz(in, z);
}

static void
lines_come_whole_in_any_split(void **state UNUSED)
{
	struct line_reader r;
	struct buf in;
	struct str line;

	line_init(&r, 20);
	buf_init(&in, 100);
	add(&in, "NO");
	assert_int_equal(line_take(&r, &in, &line), LINE_NONE);
	assert_int_equal(in.n, 0);
	add(&in, "OP\r");
	assert_int_equal(line_take(&r, &in, &line), LINE_NONE);
	add(&in, "\nA\n\r\n");
	assert_int_equal(line_take(&r, &in, &line), LINE_WHOLE);
	assert_str(line, "NOOP");
	assert_int_equal(line_take(&r, &in, &line), LINE_WHOLE);
	assert_str(line, "A");
	assert_int_equal(line_take(&r, &in, &line), LINE_WHOLE);
	assert_str(line, "");
	assert_int_equal(line_take(&r, &in, &line), LINE_NONE);
	line_release(&r);
	buf_release(&in);
}

static void
a_long_line_is_said_once_and_passed_over(void **state UNUSED)
{
	struct line_reader r;
	struct buf in;
	struct str line;

	line_init(&r, 8);
	buf_init(&in, 100);
	add(&in, "0123456789");
	assert_int_equal(line_take(&r, &in, &line), LINE_NONE);
	add(&in, "01234567890123456789");
	assert_int_equal(line_take(&r, &in, &line), LINE_NONE);
	add(&in, "x\r\nOK\r\n");
	assert_int_equal(line_take(&r, &in, &line), LINE_TOO_LONG);
	assert_int_equal(line_take(&r, &in, &line), LINE_WHOLE);
	assert_str(line, "OK");
	line_release(&r);
	buf_release(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_come_whole_in_any_split),
	    cmocka_unit_test(a_long_line_is_said_once_and_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

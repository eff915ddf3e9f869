#include "daemon/control.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/test.h"

static void
open_round_trip(void **state UNUSED)
{
	struct control_open in = {CONTROL_MAIL, S("abc")}, out;
	struct buf b;

	buf_init(&b, 1000);
	control_open_encode(&in, &b);
	assert_ok(control_open_decode(buf_str(&b), &out));
	assert_int_equal(out.owner, CONTROL_MAIL);
	assert_str(out.account, "abc");
	assert_int_equal(
	    control_open_decode(str_first(buf_str(&b), b.n - 1), &out),
	    ST_SYNTAX);
	b.p[0] = 9;
	assert_int_equal(control_open_decode(buf_str(&b), &out), ST_SYNTAX);
	buf_release(&b);
}

static void
ask_round_trip(void **state UNUSED)
{
	struct control_ask in = {7, true, S("body")}, out;
	struct buf b;

	buf_init(&b, 1000);
	control_ask_encode(&in, &b);
	assert_ok(control_ask_decode(buf_str(&b), &out));
	assert_int_equal(out.id, 7);
	assert_true(out.attached);
	assert_str(out.body, "body");
	buf_addc(&b, 'x');
	assert_int_equal(control_ask_decode(buf_str(&b), &out), ST_SYNTAX);
	buf_release(&b);
}

static void
answer_round_trip(void **state UNUSED)
{
	struct control_answer in = {8, ST_EXISTS, S("why")}, out;
	struct buf b;

	buf_init(&b, 1000);
	control_answer_encode(&in, &b);
	assert_ok(control_answer_decode(buf_str(&b), &out));
	assert_int_equal(out.id, 8);
	assert_int_equal(out.status, ST_EXISTS);
	assert_str(out.body, "why");
	b.p[4] = (char)ST_COUNT;
	assert_int_equal(control_answer_decode(buf_str(&b), &out), ST_SYNTAX);
	buf_release(&b);
}

static void
attached_is_read_from_its_begin(void **state UNUSED)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct buf b;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hello", 5), 5);
	buf_init(&b, CONTROL_INLINE * 4);
	assert_ok(control_attached(fd, &b));
	assert_str(buf_str(&b), "hello");
	buf_release(&b);
	buf_init(&b, 100);
	assert_int_equal(control_attached(fd, &b), ST_LIMIT);
	buf_release(&b);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(open_round_trip),
	    cmocka_unit_test(ask_round_trip),
	    cmocka_unit_test(answer_round_trip),
	    cmocka_unit_test(attached_is_read_from_its_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

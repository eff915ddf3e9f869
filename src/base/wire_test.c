#include "base/test.h"
#include "base/wire.h"

static void
what_is_put_is_read(void **state UNUSED)
{
	static const uint64_t vars[] = {
	    0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
	static const int64_t svars[] = {
	    0, -1, 1, -64, 64, INT64_MIN, INT64_MAX};
	struct buf b;
	struct wire w;

	buf_init(&b, 1000);
	wire_put_u8(&b, 200);
	wire_put_u16(&b, 0xbeef);
	wire_put_u32(&b, 0xdeadbeef);
	wire_put_u64(&b, UINT64_MAX - 1);
	for (size_t i = 0; i < ARRAY_LEN(vars); i++)
		wire_put_var(&b, vars[i]);
	for (size_t i = 0; i < ARRAY_LEN(svars); i++)
		wire_put_svar(&b, svars[i]);
	wire_put_str(&b, S("x\0y"));
	w = wire_of(buf_str(&b));
	assert_int_equal(wire_u8(&w), 200);
	assert_int_equal(wire_u16(&w), 0xbeef);
	assert_int_equal(wire_u32(&w), 0xdeadbeef);
	assert_true(wire_u64(&w) == UINT64_MAX - 1);
	for (size_t i = 0; i < ARRAY_LEN(vars); i++)
		assert_true(wire_var(&w) == vars[i]);
	for (size_t i = 0; i < ARRAY_LEN(svars); i++)
		assert_true(wire_svar(&w) == svars[i]);
	assert_true(str_eq(wire_str(&w), S("x\0y")));
	assert_true(wire_end(&w));
	buf_release(&b);
}

static void
a_short_input_is_bad_for_good(void **state UNUSED)
{
	struct wire w = wire_of(S("\x05"
				  "ab"));

	assert_int_equal(wire_str(&w).n, 0);
	assert_false(wire_ok(&w));
	assert_int_equal(wire_u8(&w), 0);
	assert_false(wire_end(&w));
}

static void
an_overlong_varint_is_bad(void **state UNUSED)
{
	struct wire w = wire_of(S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));

	assert_true(wire_var(&w) == 0);
	assert_false(wire_ok(&w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_put_is_read),
	    cmocka_unit_test(a_short_input_is_bad_for_good),
	    cmocka_unit_test(an_overlong_varint_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

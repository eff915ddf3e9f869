#include "base/str.h"
#include "base/test.h"

static void
numbers_are_whole_or_refused(void **state UNUSED)
{
	static const struct str bad[] = {STR_INIT(""), STR_INIT("-1"),
	    STR_INIT("+1"), STR_INIT(" 1"), STR_INIT("1 "), STR_INIT("0x10"),
	    STR_INIT("18446744073709551616"), STR_INIT("99999999999999999999")};
	uint64_t v = 7;
	uint32_t small = 7;
	int64_t i = 0;

	for (size_t k = 0; k < ARRAY_LEN(bad); k++)
		assert_false(str_to_u64(bad[k], &v));
	assert_int_equal(v, 7);
	assert_true(str_to_u64(S("18446744073709551615"), &v));
	assert_true(v == UINT64_MAX);
	assert_false(str_to_u32(S("4294967296"), &small));
	assert_true(str_to_u32(S("4294967295"), &small));
	assert_true(small == UINT32_MAX);
	assert_true(str_to_i64(S("-12"), &i));
	assert_int_equal(i, -12);
}

static void
sizes_and_spans(void **state UNUSED)
{
	uint64_t v = 0;

	assert_true(str_to_size(S("2G"), &v));
	assert_true(v == 2ULL << 30);
	assert_true(str_to_size(S("500"), &v));
	assert_int_equal(v, 500);
	assert_true(str_to_size(S("64k"), &v));
	assert_int_equal(v, 65536);
	assert_false(str_to_size(S("G"), &v));
	assert_false(str_to_size(S("2GB"), &v));
	assert_false(str_to_size(S("99999999999T"), &v));
	assert_true(str_to_seconds(S("7d"), &v));
	assert_int_equal(v, 604800);
	assert_true(str_to_seconds(S("90s"), &v));
	assert_int_equal(v, 90);
	assert_false(str_to_seconds(S("7x"), &v));
}

static void
cutting_and_searching(void **state UNUSED)
{
	struct str s = S("a,b");

	assert_true(str_eq(str_cut(&s, ','), S("a")));
	assert_true(str_eq(str_cut(&s, ','), S("b")));
	assert_int_equal(s.n, 0);
	assert_true(str_eq(str_trim(S(" \tx y\r\n")), S("x y")));
	assert_int_equal(str_find_stri(S("Hello World"), S("WORLD")), 6);
	assert_true(str_find_stri(S("abc"), S("abcd")) == SIZE_MAX);
	assert_true(str_find(S("abc"), 'd') == SIZE_MAX);
	assert_true(str_startsi(S("INBOX/x"), S("inbox/")));
	assert_true(str_ends(S("a.eml"), S(".eml")));
	assert_true(str_cmp(S("a"), S("ab")) < 0);
	assert_true(str_eq_secret(S("abc"), S("abc")));
	assert_false(str_eq_secret(S("abc"), S("abd")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_whole_or_refused),
	    cmocka_unit_test(sizes_and_spans),
	    cmocka_unit_test(cutting_and_searching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

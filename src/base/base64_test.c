#include "base/base64.h"
#include "base/test.h"
#include "base/utf8.h"

static void
encodes_rfc4648_vectors(void **state UNUSED)
{
	static const struct {
		const char *plain, *coded;
	} v[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "+/+/"}};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		buf_clear(&b);
		base64_encode(str_from(v[i].plain), &b);
		assert_str(buf_str(&b), v[i].coded);
		buf_clear(&b);
		assert_ok(base64_decode(str_from(v[i].coded), &b));
		assert_str(buf_str(&b), v[i].plain);
	}
	buf_release(&b);
}

static void
strict_refuses(void **state UNUSED)
{
	static const char *const bad[] = {"Z", "Zg",
	    "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==Zg==", "=", "====", "Zm 9",
	    "Zm9v\n", "Z===", "A=BC"};
	struct buf b;

	buf_init(&b, 1000);
	buf_addz(&b, "x");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
		    base64_decode(str_from(bad[i]), &b), ST_SYNTAX);
	assert_str(buf_str(&b), "x");
	buf_release(&b);
}

static void
stream_takes_any_pieces(void **state UNUSED)
{
	struct str in = S("Zm9v\r\nYm!Fy\r\nZg==Zm8=\r\nZm9vYg");

	for (size_t step = 1; step <= in.n; step++) {
		struct base64_stream s = {0};
		struct buf b;

		buf_init(&b, 1000);
		for (size_t i = 0; i < in.n; i += step)
			base64_feed(
			    &s, str_first(str_from_pos(in, i), step), &b);
		base64_end(&s, &b);
		assert_str(buf_str(&b), "foobarffofoob");
		buf_release(&b);
	}
}

static void
utf8_is_strict(void **state UNUSED)
{
	static const char *const bad[] = {"\xc0\x80", "\xc1\xbf",
	    "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
	    "\xf4\x90\x80\x80", "\xff", "\x80", "abc\xc3", "\xf5\x80\x80\x80",
	    "12345678\xe2\x82"};
	struct buf b;
	struct str s;
	uint32_t cp;

	assert_true(
	    utf8_valid(S("plain, \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80")));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(utf8_valid(str_from(bad[i])));
	buf_init(&b, 100);
	utf8_add_valid(&b, S("a\xff\xe2\x82\xac\xe2\x82"));
	assert_str(
	    buf_str(&b), "a\xef\xbf\xbd\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd");
	buf_clear(&b);
	s = S("\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff");
	while (utf8_next(&s, &cp))
		buf_addf(&b, "%x ", cp);
	assert_str(buf_str(&b), "7f e9 20ac 1f600 fffd ");
	assert_true(utf8_incomplete(S("\xe2\x82")));
	assert_false(utf8_incomplete(S("\xe2x")));
	assert_str(utf8_clip(S("ab\xe2\x82\xac"), 4), "ab");
	assert_str(utf8_clip(S("ab\xe2\x82\xac"), 5), "ab\xe2\x82\xac");
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodes_rfc4648_vectors),
	    cmocka_unit_test(strict_refuses),
	    cmocka_unit_test(stream_takes_any_pieces),
	    cmocka_unit_test(utf8_is_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

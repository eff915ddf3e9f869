#include "net/proxy.h"

#include "base/test.h"
#include "net/listen.h"

#define SIG "\r\n\r\n\0\r\nQUIT\n"

static void
reads_addresses_and_tls(void **state UNUSED)
{
	static const struct str v4 = STR_INIT(SIG "\x21\x11\0\x0c"
						  "\xc0\0\2\1\x0a\0\0\1"
						  "\x12\x34\0\x8f");
	static const struct str v6 =
	    STR_INIT(SIG "\x21\x21\0\x2c"
			 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
			 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
			 "\x12\x34\x03\xe1"
			 "\x20\0\5\x01\0\0\0\0");
	struct proxy_info info;
	struct buf b;
	size_t rest = 0;

	buf_init(&b, 100);
	assert_ok(proxy_rest(str_first(v4, PROXY_HEADER), &rest));
	assert_int_equal(rest, 12);
	assert_ok(proxy_parse(v4, &info));
	address_text(&info.from, &b);
	assert_str(buf_str(&b), "192.0.2.1");
	assert_int_equal(address_port(&info.from), 0x1234);
	assert_false(info.tls);
	buf_clear(&b);
	assert_ok(proxy_parse(v6, &info));
	address_text(&info.from, &b);
	assert_str(buf_str(&b), "2001:db8::1");
	assert_true(info.tls);
	buf_release(&b);
}

static void
refuses_the_rest(void **state UNUSED)
{
	struct proxy_info info;
	size_t rest;

	assert_ok(proxy_parse(S(SIG "\x20\0\0\0"), &info));
	assert_true(info.local);
	assert_int_equal(
	    proxy_rest(S("PROXY TCP4 1.2.3.4 "), &rest), ST_SYNTAX);
	assert_int_equal(proxy_rest(S(SIG "\x11\x11\0\0"), &rest), ST_SYNTAX);
	assert_int_equal(proxy_rest(S(SIG "\x22\x11\0\0"), &rest), ST_SYNTAX);
	assert_int_equal(
	    proxy_rest(S(SIG "\x21\x11\xff\xff"), &rest), ST_LIMIT);
	assert_int_equal(
	    proxy_parse(S(SIG "\x21\x11\0\4abcd"), &info), ST_SYNTAX);
	assert_int_equal(
	    proxy_parse(S(SIG "\x21\0\0\4abcd"), &info), ST_SYNTAX);
	assert_int_equal(proxy_parse(S(SIG "\x21\x11\0\x0f"
					   "\xc0\0\2\1\x0a\0\0\1\x12\x34\0\x8f"
					   "\x20\0\5"),
			     &info),
	    ST_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_addresses_and_tls),
	    cmocka_unit_test(refuses_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

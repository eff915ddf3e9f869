#include "net/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/test.h"

static void
parses_lists(void **state UNUSED)
{
	struct str text = S("127.0.0.1:143 proxy  [::1]:993 unix:/tmp/x");
	struct listen_address a;
	struct buf b;

	buf_init(&b, 100);
	assert_ok(listen_next(&text, &a));
	assert_true(a.proxy);
	address_text(&a.addr, &b);
	assert_str(buf_str(&b), "127.0.0.1");
	assert_int_equal(address_port(&a.addr), 143);
	assert_true(address_is_loopback(&a.addr));
	assert_ok(listen_next(&text, &a));
	assert_false(a.proxy);
	buf_clear(&b);
	address_text(&a.addr, &b);
	assert_str(buf_str(&b), "::1");
	assert_true(address_is_loopback(&a.addr));
	assert_ok(listen_next(&text, &a));
	buf_clear(&b);
	address_text(&a.addr, &b);
	assert_str(buf_str(&b), "unix");
	assert_int_equal(listen_next(&text, &a), ST_NOT_FOUND);
	buf_release(&b);
}

static void
addresses_are_read_back(void **state UNUSED)
{
	static const char *const texts[] = {
	    "192.0.2.1", "2001:db8::1", "unix", "127.0.0.1", "::1"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct sockaddr_storage a;
		struct buf b;

		buf_init(&b, 64);
		address_of(str_from(texts[i]), &a);
		address_text(&a, &b);
		assert_str(buf_str(&b), texts[i]);
		assert_int_equal(address_is_loopback(&a), i >= 2);
		assert_int_equal(address_group(&a) == 0, i % 2 == 0 && i);
		buf_release(&b);
	}
}

static void
refuses_nonsense(void **state UNUSED)
{
	assert_ok(listen_check(S("none")));
	assert_ok(listen_check(S("*:143 [::]:143")));
	assert_ok(listen_check(S("127.0.0.1:1 proxy")));
	assert_int_equal(listen_check(S("127.0.0.1")), ST_INVALID);
	assert_int_equal(listen_check(S("127.0.0.1:0")), ST_INVALID);
	assert_int_equal(listen_check(S("127.0.0.1:65536")), ST_INVALID);
	assert_int_equal(listen_check(S("::1:143")), ST_INVALID);
	assert_int_equal(listen_check(S("[::1]143")), ST_INVALID);
	assert_int_equal(listen_check(S("unix:relative")), ST_INVALID);
	assert_int_equal(listen_check(S("proxy")), ST_INVALID);
	assert_int_equal(listen_check(S("127.0.0.1:1 none")), ST_INVALID);
}

static struct sockaddr_storage
ip(const char *z)
{
	struct sockaddr_storage a = {0};
	struct sockaddr_in *in4 = (struct sockaddr_in *)&a;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a;

	if (inet_pton(AF_INET, z, &in4->sin_addr) == 1) {
		a.ss_family = AF_INET;
		return a;
	}
	assert_int_equal(inet_pton(AF_INET6, z, &in6->sin6_addr), 1);
	a.ss_family = AF_INET6;
	return a;
}

static bool
in(const char *z, struct str networks)
{
	struct sockaddr_storage a = ip(z);

	return address_in(&a, networks);
}

static void
networks_and_groups(void **state UNUSED)
{
	struct sockaddr_storage a = ip("2001:db8:1:2:3::4");
	struct sockaddr_storage b = ip("2001:db8:1:2:9::9");
	struct sockaddr_storage c = ip("2001:db8:1:3::1");
	struct sockaddr_storage d = ip("::ffff:10.1.2.3"), e = ip("10.1.2.3");

	assert_true(in("10.1.2.3", S("192.0.2.0/24 10.0.0.0/8")));
	assert_true(in("::ffff:10.1.2.3", S("10.1.2.3")));
	assert_false(in("11.1.2.3", S("10.0.0.0/8")));
	assert_true(in("11.255.2.3", S("10.0.0.0/7")));
	assert_true(in("2001:db8::1", S("2001:db8::/32")));
	assert_false(in("2001:db9::1", S("2001:db8::/32")));
	assert_true(in("1.2.3.4", S("0.0.0.0/0")));
	assert_int_equal(networks_check(S("10.0.0.0/33")), ST_INVALID);
	assert_int_equal(networks_check(S("localhost")), ST_INVALID);
	assert_true(address_group(&a) == address_group(&b));
	assert_false(address_group(&a) == address_group(&c));
	assert_true(address_group(&d) == address_group(&e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses_lists),
	    cmocka_unit_test(addresses_are_read_back),
	    cmocka_unit_test(refuses_nonsense),
	    cmocka_unit_test(networks_and_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

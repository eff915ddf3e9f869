#include "base/test.h"
#include "smtp/path.h"

static void
paths(void **state UNUSED)
{
	static const struct {
		const char *in, *address, *rest;
		bool utf8;
	} good[] = {
	    {"<>", "", "", false},
	    {"<a@b.test> SIZE=1", "a@b.test", " SIZE=1", false},
	    {"<@x,@y:a+b@c.test>", "a+b@c.test", "", false},
	    {"<\"a b>c\"@d.test>", "\"a b>c\"@d.test", "", false},
	    {"<postmaster>", "postmaster", "", false},
	    {"<a@[192.0.2.1]>", "a@[192.0.2.1]", "", false},
	    {"<jürgen@müller.test>", "jürgen@müller.test", "", true},
	};
	static const char *const bad[] = {"", "a@b", "<a@b", "<a@>", "<@b>",
	    "<a b@c>", "<a@b c>", "<a@b@c>", "<\"a@b>", "<a\x01@b>",
	    "<jürgen@b.test>", "<a>"};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct str s = str_from(good[i].in), address;

		assert_true(path_parse(&s, good[i].utf8, &address));
		assert_str(address, good[i].address);
		assert_str(s, good[i].rest);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str s = str_from(bad[i]), address;

		assert_false(path_parse(&s, false, &address));
		assert_str(s, bad[i]);
	}
}

static void
parameters(void **state UNUSED)
{
	struct str s = S(" SIZE=12  BODY=8BITMIME SMTPUTF8"), key, value;

	assert_true(path_parameter(&s, &key, &value));
	assert_str(key, "SIZE");
	assert_str(value, "12");
	assert_true(path_parameter(&s, &key, &value));
	assert_str(key, "BODY");
	assert_str(value, "8BITMIME");
	assert_true(path_parameter(&s, &key, &value));
	assert_str(key, "SMTPUTF8");
	assert_str(value, "");
	assert_false(path_parameter(&s, &key, &value));
	assert_int_equal(s.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths),
	    cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <unistd.h>

#include "base/log.h"
#include "base/test.h"

static void
fields_are_escaped(void **state UNUSED)
{
	char got[200];
	int p[2];
	ssize_t n;

	assert_int_equal(pipe(p), 0);
	log_setup(p[1], "worker[1]", LOG_INFO);
	log_debug("not seen");
	log_warn("login failed", LOG_STR("user", S("a b\r\n\"x")),
	    LOG_U64("n", 3), LOG_I64("d", -4));
	n = read(p[0], got, sizeof(got) - 1);
	assert_true(n > 0);
	got[n] = '\0';
	assert_string_equal(got,
	    "warning worker[1] login failed user=\"a b\\x0d\\x0a\\\"x\" "
	    "n=3 d=-4\n");
	close(p[0]);
	close(p[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "daemon/recipients.h"

#include "base/test.h"

static const struct recipient anna = {
    .account = STR_INIT("a1"),
    .address = STR_INIT("anna@example.test"),
    .detail = STR_INIT("shop"),
    .home = 3,
};

static void
known_until_the_directory_changes(void **state UNUSED)
{
	struct recipients r = {0};
	struct str address = S("Anna+shop@example.test");
	const struct recipient *got;

	assert_null(recipients_find(&r, address, 0));
	recipients_add(&r, address, 5, &anna);
	got = recipients_find(&r, address, 5);
	assert_non_null(got);
	assert_str(got->account, "a1");
	assert_str(got->address, "anna@example.test");
	assert_str(got->detail, "shop");
	assert_int_equal(got->home, 3);
	assert_null(recipients_find(&r, S("anna@example.test"), 5));
	assert_null(recipients_find(&r, address, 6));
	recipients_release(&r);
}

static void
an_answer_from_before_a_change_is_not_kept(void **state UNUSED)
{
	struct recipients r = {0};

	recipients_add(&r, S("ben@example.test"), 6, &anna);
	recipients_add(&r, S("anna@example.test"), 5, &anna);
	assert_null(recipients_find(&r, S("anna@example.test"), 6));
	assert_null(recipients_find(&r, S("anna@example.test"), 5));
	assert_non_null(recipients_find(&r, S("ben@example.test"), 6));
	recipients_release(&r);
}

static void
no_more_than_fit(void **state UNUSED)
{
	struct recipients r = {0};
	char name[32];

	for (int i = 0; i <= RECIPIENTS_MOST; i++) {
		(void)snprintf(name, sizeof(name), "a%d@example.test", i);
		recipients_add(&r, str_from(name), 1, &anna);
	}
	assert_int_equal(r.known.n, 1);
	assert_non_null(recipients_find(&r, str_from(name), 1));
	recipients_release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_until_the_directory_changes),
	    cmocka_unit_test(an_answer_from_before_a_change_is_not_kept),
	    cmocka_unit_test(no_more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "daemon/brake.h"

#include "base/test.h"

static const struct brake_limits limits = {.share = 25, .messages = 100};

static bool
gone(struct brake *b, const char *credential, uint64_t n, uint64_t left,
    int64_t ms, uint64_t want)
{
	uint64_t sum = 0;
	bool too_much = brake_count(
	    b, S("anna"), str_from(credential), n, left, &limits, ms, &sum);

	if (too_much)
		assert_int_equal(sum, want);
	return too_much;
}

static void
a_share_and_a_number_must_be_reached(void **state UNUSED)
{
	struct brake b = {0};
	int64_t t = INT64_C(1000000000);

	assert_false(gone(&b, "a", 99, 0, t, 0)); /* all of a small account */
	assert_true(gone(&b, "a", 1, 0, t, 100));
	assert_false(gone(&b, "b", 249, 751, t, 0));
	assert_true(gone(&b, "b", 1, 750, t, 250));
	brake_release(&b);
}

static void
single_deletions_add_up_within_ten_minutes(void **state UNUSED)
{
	struct brake b = {0};
	int64_t t = INT64_C(1000000000);
	int i;

	for (i = 0; i < 99; i++)
		assert_false(gone(&b, "a", 1, 200, t + i * 5000, 0));
	assert_true(gone(&b, "a", 1, 200, t + i * 5000, 100));
	/* Over an hour they are nothing. */
	for (i = 0; i < 400; i++)
		assert_false(gone(&b, "b", 1, 200, t + i * 10000, 0));
	/* Credentials and accounts do not add up. */
	assert_false(gone(&b, "c", 60, 0, t, 0));
	assert_false(gone(&b, "d", 60, 0, t, 0));
	brake_release(&b);
}

static void
it_is_told_once(void **state UNUSED)
{
	struct brake b = {0};
	int64_t t = INT64_C(1000000000);

	assert_true(gone(&b, "a", 500, 500, t, 500));
	assert_false(gone(&b, "a", 500, 0, t + BRAKE_WINDOW_MS - 1, 0));
	assert_true(gone(&b, "a", 500, 0, t + BRAKE_WINDOW_MS, 1000));
	brake_release(&b);
}

static void
nothing_is_counted_when_it_is_off(void **state UNUSED)
{
	const struct brake_limits off = {.share = 0, .messages = 1};
	struct brake b = {0};
	uint64_t sum;

	assert_false(
	    brake_count(&b, S("a"), S("a"), 1000, 0, &off, 1000, &sum));
	assert_int_equal(b.counts.n, 0);
	brake_release(&b);
}

static void
credentials_at_rest_are_forgotten(void **state UNUSED)
{
	struct brake b = {0};
	char name[32];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_false(gone(&b, name, 1, 10, i * INT64_C(60000), 0));
	}
	assert_true(b.counts.n <= BRAKE_KEPT * 2);
	brake_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_share_and_a_number_must_be_reached),
	    cmocka_unit_test(single_deletions_add_up_within_ten_minutes),
	    cmocka_unit_test(it_is_told_once),
	    cmocka_unit_test(nothing_is_counted_when_it_is_off),
	    cmocka_unit_test(credentials_at_rest_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

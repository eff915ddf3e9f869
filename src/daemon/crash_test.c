#include "daemon/crash.h"

#include <unistd.h>

#include "base/test.h"

static void
slots_say_what_was_done(void **state UNUSED)
{
	int fd = crash_memory();
	struct crash_slots *worker = crash_open(fd), *sup = crash_open(fd);
	struct crash got;

	crash_note(worker, 1, S("abcdefghijklmnopqrstuvwxyz"), "FETCH");
	crash_note_message(worker, 1, 77);
	assert_false(crash_take(sup, 0, &got));
	assert_true(crash_take(sup, 1, &got));
	assert_string_equal(got.account, "abcdefghijklmnopqrstuvwxyz");
	assert_string_equal(got.command, "FETCH");
	assert_int_equal(got.message, 77);
	assert_false(crash_take(sup, 1, &got));
	/* The next command has looked at no message yet. */
	crash_note(worker, 1, S("a"), "AUTHENTICATEXXXXXXXX");
	assert_true(crash_take(sup, 1, &got));
	assert_string_equal(got.command, "AUTHENTICATEXXX");
	assert_int_equal(got.message, 0);
	crash_note(worker, 1, S("a"), "");
	crash_done(worker, 1);
	assert_false(crash_take(sup, 1, &got));
	crash_close(&worker);
	crash_close(&sup);
	close(fd);
}

static unsigned
charge(struct crash_list *l, const char *account, const char *command,
    uint64_t message, int64_t now)
{
	struct crash c = {.message = message};

	(void)snprintf(c.account, sizeof(c.account), "%s", account);
	(void)snprintf(c.command, sizeof(c.command), "%s", command);
	return crash_charge(l, &c, now);
}

static void
say(void *ctx, enum crash_verdict v, struct str account, uint64_t message)
{
	buf_addf(ctx, STR_FMT "%s%d ", STR_ARG(account),
	    v == CRASH_VERDICT_OPAQUE ? "=" : "!", (int)message);
}

static void
assert_verdicts(const struct crash_list *l, int64_t now, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	crash_verdicts(l, now, say, &b);
	assert_str(buf_str(&b), expected);
	buf_release(&b);
}

static void
second_time_opaque_third_time_refused(void **state UNUSED)
{
	struct crash_list *l = crash_list_new();

	assert_int_equal(charge(l, "anna", "FETCH", 7, 1000), 1);
	assert_int_equal(charge(l, "ben", "FETCH", 7, 2000), 1);
	assert_int_equal(charge(l, "anna", "FETCH", 8, 2500), 1);
	assert_verdicts(l, 2500, "");
	/* The message is the same, whatever is done with it. */
	assert_int_equal(charge(l, "anna", "SEARCH", 7, 3000), 2);
	assert_verdicts(l, 3000, "anna=7 ");
	assert_int_equal(charge(l, "anna", "STORE", 7, 4000), 3);
	assert_verdicts(l, 4000, "anna!0 ");
	assert_verdicts(l, 4001 + CRASH_FORGET_MS, "");
	assert_int_equal(
	    charge(l, "anna", "FETCH", 7, 5000 + CRASH_FORGET_MS), 1);
	crash_list_free(&l);
}

static void
without_a_message_by_command(void **state UNUSED)
{
	struct crash_list *l = crash_list_new();

	assert_int_equal(charge(l, "anna", "LIST", 0, 1000), 1);
	assert_int_equal(charge(l, "anna", "SORT", 0, 1000), 1);
	assert_int_equal(charge(l, "anna", "LIST", 0, 1000), 2);
	assert_verdicts(l, 1000, "");
	assert_int_equal(charge(l, "anna", "LIST", 0, 1000), 3);
	assert_verdicts(l, 1000, "anna!0 ");
	crash_list_free(&l);
}

static void
many_kinds_are_too_many(void **state UNUSED)
{
	struct crash_list *l = crash_list_new();

	for (uint64_t i = 1; i < CRASH_ACCOUNT_REFUSE; i++)
		assert_int_equal(charge(l, "anna", "FETCH", i, 1000), 1);
	assert_verdicts(l, 1000, "");
	assert_int_equal(charge(l, "anna", "FETCH", 99, 1000), 1);
	assert_verdicts(l, 1000, "anna!0 anna!0 anna!0 anna!0 anna!0 anna!0 ");
	crash_list_free(&l);
}

/* More than are remembered: the oldest goes. */
static void
the_oldest_is_forgotten(void **state UNUSED)
{
	struct crash_list *l = crash_list_new();

	for (uint64_t i = 0; i <= CRASH_CHARGES; i++)
		assert_int_equal(
		    charge(l, "anna", "FETCH", 1 + i, 9000000 + (int64_t)i), 1);
	assert_int_equal(charge(l, "anna", "FETCH", 2, 9100000), 2);
	assert_int_equal(charge(l, "anna", "FETCH", 1, 9100000), 1);
	crash_list_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slots_say_what_was_done),
	    cmocka_unit_test(second_time_opaque_third_time_refused),
	    cmocka_unit_test(without_a_message_by_command),
	    cmocka_unit_test(many_kinds_are_too_many),
	    cmocka_unit_test(the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

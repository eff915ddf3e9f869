#include "daemon/crash.h"

#include <unistd.h>

#include "base/test.h"

static void
slots_say_what_was_done(void **state UNUSED)
{
	int fd = crash_memory();
	struct crash_slots *worker = crash_open(fd), *sup = crash_open(fd);
	char room[CRASH_ACCOUNT];

	crash_note(worker, 1, S("abcdefghijklmnopqrstuvwxyz"));
	assert_str(crash_take(sup, 0, room), "");
	assert_str(crash_take(sup, 1, room), "abcdefghijklmnopqrstuvwxyz");
	assert_str(crash_take(sup, 1, room), "");
	crash_note(worker, 1, S("a"));
	crash_done(worker, 1);
	assert_str(crash_take(sup, 1, room), "");
	crash_close(&worker);
	crash_close(&sup);
	close(fd);
}

static void
the_third_time_is_refused(void **state UNUSED)
{
	struct crash_list *l = crash_list_new();
	struct buf b;

	buf_init(&b, 4096);
	assert_int_equal(crash_charge(l, S("anna"), 1000), 1);
	assert_int_equal(crash_charge(l, S("ben"), 2000), 1);
	assert_int_equal(crash_charge(l, S("anna"), 3000), 2);
	crash_refused(l, 3000, &b);
	assert_str(buf_str(&b), "");
	assert_int_equal(crash_charge(l, S("anna"), 4000), 3);
	crash_refused(l, 4000, &b);
	assert_str(buf_str(&b), "anna\n");
	buf_clear(&b);
	crash_refused(l, 4001 + CRASH_FORGET_MS, &b);
	assert_str(buf_str(&b), "");
	assert_int_equal(crash_charge(l, S("anna"), 5000 + CRASH_FORGET_MS), 1);
	/* More accounts than are remembered: the oldest goes. */
	for (int i = 0; i < CRASH_ACCOUNTS; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "a%d", i);
		assert_int_equal(
		    crash_charge(l, str_from(name), 9000000 + i), 1);
	}
	assert_int_equal(crash_charge(l, S("a0"), 9100000), 2);
	assert_int_equal(crash_charge(l, S("ben"), 9100000), 1);
	crash_list_free(&l);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slots_say_what_was_done),
	    cmocka_unit_test(the_third_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Ages under clocks that are right and clocks that are wrong (S24, S25). */
#include "base/test.h"
#include "store/timeline.h"

#define HOUR  INT64_C(3600000)
#define DAY   (24 * HOUR)
#define YEAR  (365 * DAY)
#define START INT64_C(1790000000000)

struct world {
	struct timeline t;
	int64_t wall, mono;
};

/* The server runs for so long, with a tick every ten minutes. */
static void
run(struct world *w, int64_t ms)
{
	for (int64_t done = 0; done <= ms; done += HOUR / 6) {
		timeline_tick(&w->t, w->wall, w->mono);
		if (done < ms) {
			w->wall += HOUR / 6;
			w->mono += HOUR / 6;
		}
	}
}

static void
restart(struct world *w, int64_t gap)
{
	struct buf b;

	buf_init(&b, 8192);
	timeline_encode(&w->t, &b);
	assert_ok(timeline_decode(buf_str(&b), &w->t));
	buf_release(&b);
	w->wall += gap;
	w->mono = 5;
	timeline_tick(&w->t, w->wall, w->mono);
}

static void
time_passes(void **state UNUSED)
{
	struct world w = {.wall = START};

	assert_false(timeline_old(&w.t, 0, 1));
	run(&w, 7 * DAY - HOUR);
	assert_false(timeline_old(&w.t, START, 7 * DAY));
	run(&w, HOUR);
	assert_true(timeline_old(&w.t, START, 7 * DAY));
	assert_false(timeline_old(&w.t, START + 1, 7 * DAY));
	/* From before the first tick: as old as that. */
	assert_true(timeline_old(&w.t, START - YEAR, 7 * DAY));
	assert_false(timeline_old(&w.t, START - YEAR, 7 * DAY + 1));
	/* The future has not happened. */
	assert_false(timeline_old(&w.t, w.wall + DAY, 1));
}

static void
a_night_off_counts(void **state UNUSED)
{
	struct world w = {.wall = START};

	run(&w, HOUR);
	for (int i = 0; i < 7; i++) {
		restart(&w, DAY - HOUR);
		run(&w, HOUR);
	}
	assert_int_equal(w.t.n, 1);
	assert_true(timeline_old(&w.t, START, 7 * DAY));
}

static void
a_long_downtime_does_not(void **state UNUSED)
{
	struct world w = {.wall = START};

	run(&w, 6 * DAY);
	restart(&w, DAY + 1);
	assert_false(timeline_old(&w.t, START, 7 * DAY));
	/* For a day nothing is old, not even what was before. */
	assert_false(timeline_old(&w.t, START, 5 * DAY));
	run(&w, DAY - HOUR);
	assert_false(timeline_old(&w.t, START, 5 * DAY));
	run(&w, HOUR);
	assert_true(timeline_old(&w.t, START, 7 * DAY));
	/* Written by the command line meanwhile. */
	assert_true(timeline_old(&w.t, START + 6 * DAY + 1, DAY));
	assert_false(timeline_old(&w.t, START + 6 * DAY + 1, DAY + 1));
}

static void
wrong_clocks_age_nothing(void **state UNUSED)
{
	struct world w = {.wall = START};
	int64_t right;

	run(&w, DAY);
	right = w.wall;
	/* Ten years forward while it runs, for two days. */
	w.wall += 10 * YEAR;
	run(&w, 2 * DAY);
	assert_false(timeline_old(&w.t, right, 7 * DAY));
	assert_true(timeline_old(&w.t, right, 2 * DAY));
	assert_true(timeline_old(&w.t, START, 3 * DAY));
	/* Set right, and a year back after a restart. */
	w.wall = right + 2 * DAY;
	run(&w, DAY);
	restart(&w, -YEAR);
	run(&w, 2 * DAY);
	assert_false(timeline_old(&w.t, right, 7 * DAY));
	/* What was written in the year that never was has its age, too. */
	assert_true(timeline_old(&w.t, right + 10 * YEAR + DAY, 4 * DAY));
	assert_false(timeline_old(&w.t, right + 10 * YEAR + DAY, 5 * DAY));
	run(&w, 2 * DAY);
	assert_true(timeline_old(&w.t, right, 7 * DAY));
}

static void
old_spans_are_forgotten_safely(void **state UNUSED)
{
	struct world w = {.wall = START};

	for (int i = 0; i < 100; i++) {
		run(&w, HOUR);
		w.wall += 30 * DAY;
		run(&w, HOUR);
	}
	assert_int_equal(w.t.n, TIMELINE_SPANS);
	run(&w, 7 * DAY);
	assert_true(timeline_old(&w.t, START, 7 * DAY));
}

static void
damage_is_found(void **state UNUSED)
{
	struct timeline t;

	assert_int_equal(timeline_decode(S(""), &t), ST_CORRUPT);
	assert_int_equal(
	    timeline_decode(S("mailstead times 1\nhold 0"), &t), ST_CORRUPT);
	assert_int_equal(
	    timeline_decode(S("mailstead times 1\nspan 5 4 0\n"), &t),
	    ST_CORRUPT);
	assert_int_equal(
	    timeline_decode(S("mailstead times 1\nspan 5 x 0\n"), &t),
	    ST_CORRUPT);
	assert_ok(
	    timeline_decode(S("mailstead times 1\nhold -3\nspan 1 5 0\n"), &t));
	assert_int_equal(t.n, 1);
	assert_int_equal(timeline_now(&t), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(time_passes),
	    cmocka_unit_test(a_night_off_counts),
	    cmocka_unit_test(a_long_downtime_does_not),
	    cmocka_unit_test(wrong_clocks_age_nothing),
	    cmocka_unit_test(old_spans_are_forgotten_safely),
	    cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

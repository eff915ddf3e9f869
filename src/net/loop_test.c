#include "net/loop.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"

struct seen {
	char text[32];
	size_t n;
	struct loop *loop;
	struct watch *other;
	struct timer *again;
};

static void
note(struct seen *s, char c)
{
	s->text[s->n++] = c;
	s->text[s->n] = '\0';
}

static void
fire_a(void *ctx)
{
	note(ctx, 'a');
}

static void
fire_b(void *ctx)
{
	struct seen *s = ctx;

	note(s, 'b');
	loop_timer(s->loop, s->again, 0);
}

static void
timers_fire_in_order_and_once_a_round(void **state UNUSED)
{
	struct loop *l = loop_new();
	struct seen s = {.loop = l};
	struct timer a = {.fire = fire_a, .ctx = &s};
	struct timer b = {.fire = fire_b, .ctx = &s};
	struct timer c = {.fire = fire_a, .ctx = &s};
	int64_t now = clock_mono(&clock_system);

	s.again = &b;
	loop_timer(l, &a, now - 5);
	loop_timer(l, &b, now - 10);
	loop_timer(l, &c, now + 100000);
	assert_true(loop_once(l, 0));
	assert_string_equal(s.text, "ab");
	assert_true(loop_once(l, 0));
	assert_string_equal(s.text, "abb");
	loop_untimer(l, &b);
	loop_timer(l, &c, 0);
	assert_true(loop_once(l, 0));
	assert_string_equal(s.text, "abba");
	loop_free(&l);
}

static void
many_timers(void **state UNUSED)
{
	struct loop *l = loop_new();
	struct seen s = {.loop = l};
	struct timer t[200] = {0};
	int64_t far = clock_mono(&clock_system) + 1000000;

	for (size_t i = 0; i < 200; i++) {
		t[i].fire = fire_a;
		t[i].ctx = &s;
		loop_timer(l, &t[i], far + (int64_t)(i * 7919 % 200));
	}
	for (size_t i = 0; i < 200; i += 2)
		loop_untimer(l, &t[i]);
	for (size_t i = 1; i < 20; i += 2)
		loop_timer(l, &t[i], 1);
	assert_true(loop_once(l, 0));
	assert_int_equal(s.n, 10);
	loop_free(&l);
}

static void
drop_other(void *ctx, uint32_t events UNUSED)
{
	struct seen *s = ctx;

	note(s, 'w');
	if (s->other)
		loop_unwatch(s->loop, s->other);
}

static void
unwatched_in_the_same_round_is_silent(void **state UNUSED)
{
	struct loop *l = loop_new();
	struct seen s1 = {.loop = l}, s2 = {.loop = l};
	struct watch w1 = {.fd = -1, .ready = drop_other, .ctx = &s1};
	struct watch w2 = {.fd = -1, .ready = drop_other, .ctx = &s2};
	int p1[2], p2[2];

	assert_int_equal(pipe(p1), 0);
	assert_int_equal(pipe(p2), 0);
	assert_int_equal(write(p1[1], "x", 1), 1);
	assert_int_equal(write(p2[1], "x", 1), 1);
	s1.other = &w2;
	s2.other = &w1;
	loop_watch(l, &w1, p1[0], EPOLLIN);
	loop_watch(l, &w2, p2[0], EPOLLIN);
	assert_true(loop_once(l, 100));
	assert_int_equal(s1.n + s2.n, 1);
	loop_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timers_fire_in_order_and_once_a_round),
	    cmocka_unit_test(many_timers),
	    cmocka_unit_test(unwatched_in_the_same_round_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/arena.h"
#include "base/test.h"

static void
past_the_maximum_it_is_full_and_keeps_what_it_has(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 5);
	buf_addz(&b, "abc");
	buf_addz(&b, "def");
	assert_true(buf_full(&b));
	assert_int_equal(buf_status(&b), ST_LIMIT);
	assert_true(str_eq(buf_str(&b), S("abc")));
	buf_addc(&b, 'x');
	assert_int_equal(b.n, 3);
	buf_clear(&b);
	buf_addz(&b, "12345");
	assert_false(buf_full(&b));
	assert_true(str_eq(buf_str(&b), S("12345")));
	buf_release(&b);
}

static void
numbers_and_formats(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 100);
	buf_addu(&b, 0);
	buf_addc(&b, ' ');
	buf_addu(&b, UINT64_MAX);
	buf_addf(&b, " %s=%d", "x", -7);
	assert_string_equal(b.p, "0 18446744073709551615 x=-7");
	buf_release(&b);
}

static void
consume_and_truncate(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 100);
	buf_addz(&b, "hello world");
	buf_consume(&b, 6);
	assert_string_equal(b.p, "world");
	buf_truncate(&b, 2);
	assert_string_equal(b.p, "wo");
	buf_consume(&b, 2);
	buf_shrink(&b);
	assert_null(b.p);
	assert_true(str_eq(buf_str(&b), S("")));
	buf_release(&b);
}

static void
an_arena_survives_reset_and_large_requests(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct str s = arena_printf(&a, "%04d", 42);
	char *big = arena_alloc(&a, 1 << 20);

	assert_true(str_eq(s, S("0042")));
	memset(big, 1, 1 << 20);
	assert_int_equal((uintptr_t)arena_alloc(&a, 1) % 16, 0);
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	s = arena_str(&a, S("again"));
	assert_string_equal(s.p, "again");
	arena_release(&a);
}

static bool
all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void
secrets_are_overwritten(void **state UNUSED)
{
	struct arena a = {.secret = true};
	struct buf b;
	char *p;

	buf_init(&b, 100);
	b.secret = true;
	buf_addz(&b, "name pass");
	buf_consume(&b, 5);
	assert_string_equal(b.p, "pass");
	assert_true(all_zero(b.p + 4, b.cap - 4));
	buf_addz(&b, " and more that does not fit there");
	buf_shrink(&b);
	assert_string_equal(b.p, "pass and more that does not fit there");
	buf_clear(&b);
	assert_true(all_zero(b.p, b.cap));
	buf_release(&b);

	memset(arena_alloc(&a, 100), 'x', 100);
	arena_reset(&a);
	p = arena_alloc(&a, 100);
	assert_true(all_zero(p, 100));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(past_the_maximum_it_is_full_and_keeps_what_it_has),
	    cmocka_unit_test(numbers_and_formats),
	    cmocka_unit_test(consume_and_truncate),
	    cmocka_unit_test(secrets_are_overwritten),
	    cmocka_unit_test(an_arena_survives_reset_and_large_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

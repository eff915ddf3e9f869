#include "base/test.h"
#include "base/uidset.h"

static void
expect(const struct uidset *set, const char *text)
{
	struct buf b;

	buf_init(&b, 1000);
	uidset_write(set, &b);
	assert_string_equal(b.p ? b.p : "", text);
	buf_release(&b);
}

static void
ranges_join_and_split(void **state UNUSED)
{
	struct uidset s = UIDSET_INIT;

	uidset_add(&s, 5, 5);
	uidset_add(&s, 1, 2);
	expect(&s, "1:2,5");
	uidset_add(&s, 3, 4);
	expect(&s, "1:5");
	uidset_add(&s, UINT32_MAX, UINT32_MAX);
	expect(&s, "1:5,4294967295");
	uidset_remove(&s, 2, 3);
	expect(&s, "1,4:5,4294967295");
	uidset_remove(&s, 1, UINT32_MAX);
	expect(&s, "");
	uidset_release(&s);
}

/* Random adds and removes against a plain array of booleans. */
static void
agrees_with_an_array(void **state UNUSED)
{
	struct uidset s = UIDSET_INIT;
	bool has[65] = {false};
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		uint32_t first, last;
		uint64_t count = 0;

		seed = seed * 1103515245 + 12345;
		first = 1 + (seed >> 16) % 64;
		last = first + (seed >> 24) % 5;
		last = last > 64 ? 64 : last;
		if (seed & 0x8000)
			uidset_add(&s, first, last);
		else
			uidset_remove(&s, first, last);
		for (uint32_t u = first; u <= last; u++)
			has[u] = (seed & 0x8000) != 0;
		for (uint32_t u = 1; u <= 64; u++) {
			assert_int_equal(uidset_has(&s, u), has[u]);
			count += has[u];
		}
		assert_int_equal(uidset_count(&s), count);
		for (size_t i = 1; i < s.n_ranges; i++)
			assert_true(
			    s.ranges[i - 1].last + 1 < s.ranges[i].first);
	}
	uidset_release(&s);
}

static void
iterates_every_number_once(void **state UNUSED)
{
	struct uidset s = UIDSET_INIT;
	size_t pos = 0, n = 0;
	uint32_t uid = 0, want[] = {2, 3, 9, 11};

	uidset_add(&s, 2, 3);
	uidset_add(&s, 9, 9);
	uidset_add(&s, 11, 11);
	while (uidset_next(&s, &pos, &uid))
		assert_int_equal(uid, want[n++]);
	assert_int_equal(n, 4);
	uidset_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ranges_join_and_split),
	    cmocka_unit_test(agrees_with_an_array),
	    cmocka_unit_test(iterates_every_number_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

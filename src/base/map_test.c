#include "base/map.h"
#include "base/test.h"

static void
a_thousand_come_and_go(void **state UNUSED)
{
	struct map m = MAP_INIT;
	static int values[1000];
	size_t pos = 0, n = 0;
	void *v;

	for (int round = 0; round < 5; round++) {
		for (uint64_t i = 0; i < 1000; i++)
			assert_null(map_set_u64(&m, i, &values[i]));
		for (uint64_t i = 0; i < 1000; i++)
			assert_ptr_equal(map_get_u64(&m, i), &values[i]);
		assert_null(map_get_u64(&m, 1000));
		for (uint64_t i = 0; i < 1000; i++)
			assert_ptr_equal(map_remove_u64(&m, i), &values[i]);
		assert_int_equal(m.n, 0);
	}
	/* Tombstones are reclaimed: the table has not grown with the rounds. */
	assert_true(m.cap <= 4096);
	assert_null(map_set(&m, S("k"), &values[1]));
	assert_ptr_equal(map_set(&m, S("k"), &values[2]), &values[1]);
	while (map_next(&m, &pos, NULL, &v)) {
		assert_ptr_equal(v, &values[2]);
		n++;
	}
	assert_int_equal(n, 1);
	map_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_thousand_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "auth/record.h"

#include "base/test.h"

static void
round_trip(void **state UNUSED)
{
	struct buf b, list;
	struct str run, rec, left;
	struct record_field f;
	struct wire w;

	buf_init(&b, 1000);
	buf_init(&list, 1000);
	wire_put_str(&list, S("a"));
	wire_put_str(&list, S("b"));
	record_str(&b, "name", S("anna"));
	record_u64(&b, "size", 1ull << 40);
	record_bool(&b, "on", true);
	record_time(&b, "used", -5);
	record_list(&b, "all", buf_str(&list));
	record_end(&b);
	record_str(&b, "name", S("ben"));
	record_end(&b);

	run = buf_str(&b);
	assert_true(record_take(&run, &rec));
	assert_str(record_get(rec, "name"), "anna");
	assert_true(record_number(rec, "size") == 1ull << 40);
	assert_int_equal(record_number(rec, "on"), 1);
	assert_true(record_has(rec, "used"));
	assert_int_equal(record_number(rec, "used"), 0);
	assert_false(record_has(rec, "none"));
	assert_str(record_get(rec, "none"), "");
	left = record_get(rec, "all");
	w = wire_of(left);
	assert_str(wire_str(&w), "a");
	assert_str(wire_str(&w), "b");
	assert_true(wire_end(&w));
	w = wire_of(rec);
	assert_true(record_next(&w, &f));
	assert_int_equal(f.type, RECORD_STR);
	assert_true(record_take(&run, &rec));
	assert_str(record_get(rec, "name"), "ben");
	assert_false(record_take(&run, &rec));
	buf_release(&b);
	buf_release(&list);
}

static void
malformed(void **state UNUSED)
{
	struct buf b;
	struct str run, rec;

	buf_init(&b, 1000);
	record_str(&b, "name", S("anna"));
	run = buf_str(&b); /* no end */
	assert_false(record_take(&run, &rec));
	b.p[0] = 99;
	record_end(&b);
	run = buf_str(&b);
	assert_false(record_take(&run, &rec));
	assert_false(record_has(run, "name"));
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Leases: shared by readers, never beside an unlink. */
#include "store/fixture.h"
#include "store/lease.h"

static void
readers_share_and_keep_unlinks_away(void **state UNUSED)
{
	struct fixture f;
	int a = -1, b = -1, x = -1;

	fixture_init(&f);
	assert_ok(lease_take(str_from(f.root), S("anna"), &a));
	assert_ok(lease_take(str_from(f.root), S("anna"), &b));
	assert_int_equal(lease_exclude(f.a->dir, &x), ST_BUSY);
	lease_end(&a);
	assert_int_equal(a, -1);
	assert_int_equal(lease_exclude(f.a->dir, &x), ST_BUSY);
	lease_end(&b);
	assert_ok(lease_exclude(f.a->dir, &x));
	lease_end(&x);
	fixture_release(&f);
}

static void
there_must_be_an_account(void **state UNUSED)
{
	struct fixture f;
	int a = -1;

	fixture_init(&f);
	assert_int_equal(
	    lease_take(str_from(f.root), S("nobody"), &a), ST_NOT_FOUND);
	assert_int_equal(
	    lease_take(str_from(f.root), S("../anna"), &a), ST_NOT_FOUND);
	assert_int_equal(a, -1);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(readers_share_and_keep_unlinks_away),
	    cmocka_unit_test(there_must_be_an_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The WAL (S8): moved by the keeper, and begun anew by its owner. */
#include "store/checkpoint.h"
#include "store/db_int.h"
#include "store/fixture_crash.h"

static void
the_keeper_checkpoints(void **state UNUSED)
{
	struct fixture f;
	struct checkpoint c;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "Subject: hello\r\n\r\nBody\r\n", 0, "");
	assert_ok(store_checkpoint(f.cfg.root, S("anna"), &c));
	assert_true(c.pages > 0);
	assert_int_equal(c.moved, c.pages);
	/* So that a lost WAL takes nothing any more, flags neither. */
	assert_ok(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
	assert_ok(store_checkpoint(f.cfg.root, S("anna"), &c));
	fixture_crash(&f, "mail.db-wal", "");
	fixture_account(&f);
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen");
	assert_int_equal(
	    store_checkpoint(f.cfg.root, S("../x"), &c), ST_NOT_FOUND);
	fixture_release(&f);
}

static void
a_wal_is_kept_small(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "Subject: hello\r\n\r\nBody\r\n", 0, "");
	/* Each commit writes some pages; nobody else checkpoints here. */
	for (unsigned i = 0; i < 3000; i++)
		assert_ok(fixture_flags(
		    &f, "INBOX", FLAGS_SET, (i + 1) & FLAG_SYSTEM, 1, 1));
	assert_true(f.a->wal_pages < 2 * STORE_WAL_PAGES);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_keeper_checkpoints),
	    cmocka_unit_test(a_wal_is_kept_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

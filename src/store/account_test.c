/* Accounts as a whole: half made, removed, of a newer program. */
#include "store/db_int.h"
#include "store/fixture_crash.h"
#include "store/fixture_sql.h"
#include "store/lease.h"

static void
set_version(struct fixture *f, int version)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", version);
	fixture_sql_file(f, "accounts/an/anna/mail.db", sql);
}

static void
a_newer_store_is_refused(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	fixture_close(&f);
	set_version(&f, 99);
	fixture_open(&f);
	assert_int_equal(store_account(f.store, S("anna"), &f.a), ST_TOO_NEW);
	store_close(&f.store);
	set_version(&f, DB_SCHEMA);
	fixture_open(&f);
	fixture_account(&f);
	assert_str(fixture_show(&f, "INBOX"), "");
	fixture_release(&f);
}

static void
a_half_made_account_is_completed(void **state UNUSED)
{
	struct fixture f;
	char path[128];

	fixture_init(&f);
	snprintf(path, sizeof(path), "%s/accounts/bo", f.root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/accounts/bo/bob", f.root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/accounts/bo/bob/mail.db", f.root);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_ok(store_create_account(f.store, S("bob"), NULL));
	account_unref(&f.a);
	assert_ok(store_account(f.store, S("bob"), &f.a));
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash");
	fixture_release(&f);
}

static void
a_removed_account_is_gone(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	assert_int_equal(
	    store_remove_account(f.store, S("anna"), S("r")), ST_BUSY);
	account_unref(&f.a);
	assert_ok(store_remove_account(f.store, S("anna"), S("r")));
	assert_int_equal(store_account(f.store, S("anna"), &f.a), ST_NOT_FOUND);
	assert_ok(store_create_account(f.store, S("anna"), NULL));
	fixture_account(&f);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_newer_store_is_refused),
	    cmocka_unit_test(a_half_made_account_is_completed),
	    cmocka_unit_test(a_removed_account_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

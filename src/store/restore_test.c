/* Bringing back (S30, S32): what returns, where, and under which numbers. */
#include "store/fixture_past.h"

#include "store/message.h"

static void
a_deleted_folder_is_the_same_again(void **state UNUSED)
{
	struct fixture f;
	struct mailbox was;
	struct account_usage before, after;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 2, 2));
	at = fixture_now(&f);
	was = *fixture_box(&f, "a");
	account_usage(f.a, &before);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	fixture_reopen(&f);
	assert_ok(fixture_restore(&f, "a", at));
	assert_int_equal(f.done.mailbox, was.id);
	assert_int_equal(f.done.brought.folders, 1);
	assert_int_equal(f.done.brought.kept, 2);
	for (int i = 0; i < 2; i++) {
		const struct mailbox *is = fixture_box(&f, "a");

		assert_int_equal(is->id, was.id);
		assert_int_equal(is->uidvalidity, was.uidvalidity);
		assert_int_equal(is->uidnext, was.uidnext);
		assert_int_equal(is->messages, 2);
		assert_int_equal(is->unseen, was.unseen);
		assert_int_equal(is->size, was.size);
		assert_true(is->highestmodseq > was.highestmodseq);
		assert_str(fixture_show(&f, "a"), "1:\\Seen 3:\\Flagged");
		account_usage(f.a, &after);
		assert_int_equal(after.bytes, before.bytes);
		assert_int_equal(after.retained_bytes, before.retained_bytes);
		fixture_reopen(&f);
	}
	fixture_restored(&f, "a", at);
	/* The next message gets a number that was never given. */
	assert_int_equal(
	    fixture_append(&f, "a", "Subject: 4\r\n\r\n", 0, ""), was.uidnext);
	fixture_release(&f);
}

static void
a_name_borne_by_another_gets_new_numbers(void **state UNUSED)
{
	struct fixture f;
	struct mailbox was, is;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	at = fixture_now(&f);
	was = *fixture_box(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_restore(&f, "a", at));
	is = *fixture_box(&f, "a");
	assert_true(is.id != was.id);
	assert_true(is.uidvalidity > was.uidvalidity);
	assert_int_equal(f.done.brought.kept, 0);
	assert_int_equal(f.done.brought.fresh, 3);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_restored(&f, "a", at);
	fixture_release(&f);
}

static void
a_taken_name_gets_the_messages(void **state UNUSED)
{
	struct fixture f;
	struct mailbox is;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_COPY, "a", "Archive", 1, 1));
	at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	fixture_append(&f, "a", "Subject: newer\r\n\r\n", FLAG_DRAFT, "");
	assert_ok(fixture_uids(&f, CHANGE_COPY, "Archive", "a", 1, 1));
	is = *fixture_box(&f, "a");
	assert_ok(fixture_restore(&f, "a", at));
	assert_int_equal(fixture_box(&f, "a")->id, is.id);
	assert_int_equal(f.done.brought.folders, 0);
	assert_int_equal(f.done.brought.there, 1);
	assert_int_equal(f.done.brought.fresh, 2);
	assert_str(
	    fixture_show(&f, "a"), "1:\\Draft 2:\\Seen 3:$Work 4:\\Flagged");
	fixture_restored(&f, "a", at);
	fixture_release(&f);
}

static void
a_tree_returns_with_what_hung_on_it(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_SUBSCRIBE, .name = S("a/b/c")};
	struct mailbox b;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a/b/c");
	c.on = true;
	assert_ok(fixture_do(&f, &c));
	fixture_append(&f, "a", "Subject: top\r\n\r\n", 0, "");
	c = (struct change){.kind = CHANGE_SPECIAL_USE,
	    .mailbox = fixture_box(&f, "a/b")->id,
	    .special_use = USE_IMPORTANT};
	assert_ok(fixture_do(&f, &c));
	at = fixture_now(&f);
	b = *fixture_box(&f, "a/b");
	/* As a mail program does it, from either end. */
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	c = (struct change){.kind = CHANGE_SUBSCRIBE, .name = S("a/b/c")};
	assert_ok(fixture_do(&f, &c));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a/b/c", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a/b", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	/* One below comes first: those above come as themselves later. */
	assert_ok(fixture_restore(&f, "a/b/c", at));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a! a/b! a/b/c");
	assert_ok(fixture_restore(&f, "a", at));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a a/b a/b/c");
	assert_int_equal(fixture_box(&f, "a/b")->id, b.id);
	assert_int_equal(fixture_box(&f, "a/b")->uidvalidity, b.uidvalidity);
	assert_int_equal(fixture_box(&f, "a/b")->special_use, USE_IMPORTANT);
	assert_true(fixture_box(&f, "a/b/c")->subscribed);
	assert_false(fixture_box(&f, "a/b")->subscribed);
	assert_str(fixture_show(&f, "a"), "1:");
	assert_str(fixture_show(&f, "a/b/c"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_restored(&f, "a", at);
	fixture_release(&f);
}

static void
a_renamed_folder_is_found_and_named_back_when_asked(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE, .name = S("a")};

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	c.at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "Trash/a"));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash/a", NULL, 1, 1));
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "Trash/a"), "2:$Work 3:\\Flagged 4:\\Seen");
	c.move_back = true;
	assert_ok(fixture_do(&f, &c));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a a/b");
	fixture_settled(&f, &c);
	fixture_release(&f);
}

static void
no_two_folders_get_one_name(void **state UNUSED)
{
	struct fixture f;
	struct change c = {
	    .kind = CHANGE_RESTORE, .name = S("a"), .move_back = true};

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	c.at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "c"));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	/* The name is free but for what is below it, which is newer. */
	fixture_settled(&f, &c);
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a! a/b c c/b");
	fixture_release(&f);
}

static void
beyond_the_horizon_nothing_is_known(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE, .at = 3};
	struct restore_report r;

	fixture_init(&f);
	f.a->history_from = 4;
	assert_int_equal(fixture_do(&f, &c), ST_NOT_FOUND);
	assert_int_equal(restore_report(f.a, &c, &f.arena, &r), ST_NOT_FOUND);
	c = (struct change){.kind = CHANGE_UNDO, .first = 4, .last = 9};
	assert_int_equal(fixture_do(&f, &c), ST_NOT_FOUND);
	fixture_release(&f);
}

static void
a_report_says_what_will_be_and_changes_nothing(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE};
	struct restore_report r;
	uint64_t before, id;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "b");
	c.at = fixture_now(&f);
	id = fixture_box(&f, "a")->id;
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "b", "Trash", 2, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "b", NULL, 3, 3));
	before = fixture_now(&f);
	assert_ok(restore_report(f.a, &c, &f.arena, &r));
	assert_int_equal(fixture_now(&f), before);
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash b");
	assert_int_equal(r.n, 3);
	assert_str(r.folders[1].name_then, "a");
	assert_int_equal(r.folders[1].how, RESTORE_REVIVED);
	assert_int_equal(r.folders[1].mailbox, id);
	assert_int_equal(r.folders[1].brought.kept, 3);
	assert_str(r.folders[2].name, "b");
	assert_int_equal(r.folders[2].how, RESTORE_LIVES);
	assert_int_equal(r.folders[2].brought.fresh, 1);
	assert_int_equal(r.folders[2].brought.elsewhere, 1);
	assert_int_equal(r.folders[2].brought.there, 1);
	assert_int_equal(r.total.folders, 1);
	assert_ok(fixture_do(&f, &c));
	assert_memory_equal(&f.done.brought, &r.total, sizeof(r.total));
	fixture_release(&f);
}

static void
quota_and_keywords_stop_no_restore(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_QUOTA, .quota = 1};
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_do(&f, &c));
	assert_ok(fixture_restore(&f, "a", at));
	assert_int_equal(f.done.brought.kept, 3);
	fixture_release(&f);
}

/* S42: a folder operation's two; without folders one. */
static void
syncs_are_counted(void **state UNUSED)
{
	struct fixture f;
	uint64_t at, before;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	at = fixture_now(&f);
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 2));
	before = f.store->n_syncs;
	assert_ok(fixture_restore(&f, "a", at));
	assert_int_equal(f.store->n_syncs - before, 1);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	before = f.store->n_syncs;
	assert_ok(fixture_restore(&f, "a", at));
	assert_int_equal(f.store->n_syncs - before, 2);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_deleted_folder_is_the_same_again),
	    cmocka_unit_test(a_name_borne_by_another_gets_new_numbers),
	    cmocka_unit_test(a_taken_name_gets_the_messages),
	    cmocka_unit_test(a_tree_returns_with_what_hung_on_it),
	    cmocka_unit_test(
		a_renamed_folder_is_found_and_named_back_when_asked),
	    cmocka_unit_test(no_two_folders_get_one_name),
	    cmocka_unit_test(beyond_the_horizon_nothing_is_known),
	    cmocka_unit_test(a_report_says_what_will_be_and_changes_nothing),
	    cmocka_unit_test(quota_and_keywords_stop_no_restore),
	    cmocka_unit_test(syncs_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bringing back (S30, S32): what returns, where, and under which numbers. */
#include "store/fixture.h"

#include "store/message.h"
#include "store/restore.h"

static uint64_t
now(struct fixture *f)
{
	struct account_usage u;

	account_usage(f->a, &u);
	return u.modseq;
}

static enum status
restore(struct fixture *f, const char *name, uint64_t at)
{
	struct change c = {
	    .kind = CHANGE_RESTORE, .name = str_from(name), .at = at};

	return fixture_do(f, &c);
}

/* A second time nothing changes (S32). */
static void
assert_settled(struct fixture *f, const struct change *c)
{
	uint64_t before = now(f);

	assert_ok(fixture_do(f, c));
	assert_int_equal(f->done.modseq, 0);
	assert_int_equal(f->done.more, false);
	assert_int_equal(now(f), before);
}

static void
assert_again(struct fixture *f, const char *name, uint64_t at)
{
	const struct change c = {
	    .kind = CHANGE_RESTORE, .name = str_from(name), .at = at};

	assert_settled(f, &c);
}

static void
fill(struct fixture *f, const char *name)
{
	assert_ok(fixture_folder(f, CHANGE_CREATE, name, NULL));
	fixture_append(f, name, "Subject: 1\r\n\r\none", FLAG_SEEN, "");
	fixture_append(f, name, "Subject: 2\r\n\r\ntwo", 0, "$Work");
	fixture_append(f, name, "Subject: 3\r\n\r\nthree", FLAG_FLAGGED, "");
}

static void
a_deleted_folder_is_the_same_again(void **state UNUSED)
{
	struct fixture f;
	struct mailbox was;
	struct account_usage before, after;
	uint64_t at;

	fixture_init(&f);
	fill(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 2, 2));
	at = now(&f);
	was = *fixture_box(&f, "a");
	account_usage(f.a, &before);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	fixture_reopen(&f);
	assert_ok(restore(&f, "a", at));
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
	assert_again(&f, "a", at);
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
	fill(&f, "a");
	at = now(&f);
	was = *fixture_box(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(restore(&f, "a", at));
	is = *fixture_box(&f, "a");
	assert_true(is.id != was.id);
	assert_true(is.uidvalidity > was.uidvalidity);
	assert_int_equal(f.done.brought.kept, 0);
	assert_int_equal(f.done.brought.fresh, 3);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	assert_again(&f, "a", at);
	fixture_release(&f);
}

static void
a_taken_name_gets_the_messages(void **state UNUSED)
{
	struct fixture f;
	struct mailbox is;
	uint64_t at;

	fixture_init(&f);
	fill(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_COPY, "a", "Archive", 1, 1));
	at = now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	fixture_append(&f, "a", "Subject: newer\r\n\r\n", FLAG_DRAFT, "");
	assert_ok(fixture_uids(&f, CHANGE_COPY, "Archive", "a", 1, 1));
	is = *fixture_box(&f, "a");
	assert_ok(restore(&f, "a", at));
	assert_int_equal(fixture_box(&f, "a")->id, is.id);
	assert_int_equal(f.done.brought.folders, 0);
	assert_int_equal(f.done.brought.there, 1);
	assert_int_equal(f.done.brought.fresh, 2);
	assert_str(
	    fixture_show(&f, "a"), "1:\\Draft 2:\\Seen 3:$Work 4:\\Flagged");
	assert_again(&f, "a", at);
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
	fill(&f, "a/b/c");
	c.on = true;
	assert_ok(fixture_do(&f, &c));
	fixture_append(&f, "a", "Subject: top\r\n\r\n", 0, "");
	c = (struct change){.kind = CHANGE_SPECIAL_USE,
	    .mailbox = fixture_box(&f, "a/b")->id,
	    .special_use = USE_IMPORTANT};
	assert_ok(fixture_do(&f, &c));
	at = now(&f);
	b = *fixture_box(&f, "a/b");
	/* As a mail program does it, from either end. */
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	c = (struct change){.kind = CHANGE_SUBSCRIBE, .name = S("a/b/c")};
	assert_ok(fixture_do(&f, &c));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a/b/c", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a/b", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	/* One below comes first: those above come as themselves later. */
	assert_ok(restore(&f, "a/b/c", at));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a! a/b! a/b/c");
	assert_ok(restore(&f, "a", at));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a a/b a/b/c");
	assert_int_equal(fixture_box(&f, "a/b")->id, b.id);
	assert_int_equal(fixture_box(&f, "a/b")->uidvalidity, b.uidvalidity);
	assert_int_equal(fixture_box(&f, "a/b")->special_use, USE_IMPORTANT);
	assert_true(fixture_box(&f, "a/b/c")->subscribed);
	assert_false(fixture_box(&f, "a/b")->subscribed);
	assert_str(fixture_show(&f, "a"), "1:");
	assert_str(fixture_show(&f, "a/b/c"), "1:\\Seen 2:$Work 3:\\Flagged");
	assert_again(&f, "a", at);
	fixture_release(&f);
}

static void
show_dates(struct fixture *f, const char *name, struct buf *out)
{
	struct view *v;

	assert_ok(
	    view_open(f->a, &fixture_viewer, fixture_box(f, name)->id, &v));
	for (uint32_t msn = 1; msn <= view_count(v); msn++) {
		struct message m;
		struct entry e;

		view_entry(v, msn, &e);
		assert_ok(message_get(f->a, e.message, &m));
		buf_addf(out, "%s %lld %lld\n", m.emailid,
		    (long long)m.internaldate_ms, (long long)e.saved_ms);
	}
	view_close(&v);
}

static void
expunged_messages_keep_all_but_the_uid(void **state UNUSED)
{
	struct fixture f;
	struct buf before, after;
	uint64_t at;

	fixture_init(&f);
	buf_init(&before, 4096);
	buf_init(&after, 4096);
	fill(&f, "a");
	show_dates(&f, "a", &before);
	at = now(&f);
	f.wall += 86400 * 1000;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 3));
	assert_ok(restore(&f, "a", at));
	assert_int_equal(f.done.brought.fresh, 3);
	assert_str(fixture_show(&f, "a"), "4:\\Seen 5:$Work 6:\\Flagged");
	show_dates(&f, "a", &after);
	assert_str(buf_str(&after), before.p);
	assert_again(&f, "a", at);
	buf_release(&before);
	buf_release(&after);
	fixture_release(&f);
}

static void
what_was_moved_is_doubled_never_and_pulled_when_asked(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE, .name = S("a")};
	struct account_usage before, after;

	fixture_init(&f);
	fill(&f, "a");
	c.at = now(&f);
	account_usage(f.a, &before);
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "a", "Trash", 1, 1));
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "Trash", "Junk", 1, 1));
	/* As programs without MOVE do it. */
	assert_ok(fixture_uids(&f, CHANGE_COPY, "a", "Archive", 2, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 2, 2));
	/* This one is only gone. */
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "a", "Trash", 3, 3));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash", NULL, 2, 2));
	assert_ok(fixture_flags(&f, "Junk", FLAGS_ADD, FLAG_ANSWERED, 1, 1));
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.brought.elsewhere, 2);
	assert_int_equal(f.done.brought.fresh, 1);
	assert_str(fixture_show(&f, "a"), "4:\\Flagged");
	assert_settled(&f, &c);
	c.move_back = true;
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.brought.moved_back, 2);
	assert_int_equal(f.done.brought.there, 1);
	assert_str(
	    fixture_show(&f, "a"), "4:\\Flagged 5:\\Answered \\Seen 6:$Work");
	assert_str(fixture_show(&f, "Junk"), "");
	assert_str(fixture_show(&f, "Archive"), "");
	account_usage(f.a, &after);
	assert_int_equal(after.messages, before.messages);
	assert_int_equal(after.bytes, before.bytes);
	assert_int_equal(after.retained_bytes, 0);
	assert_settled(&f, &c);
	fixture_release(&f);
}

static void
a_renamed_folder_is_found_and_named_back_when_asked(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE, .name = S("a")};

	fixture_init(&f);
	fill(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	c.at = now(&f);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "Trash/a"));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash/a", NULL, 1, 1));
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "Trash/a"), "2:$Work 3:\\Flagged 4:\\Seen");
	c.move_back = true;
	assert_ok(fixture_do(&f, &c));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a a/b");
	assert_settled(&f, &c);
	fixture_release(&f);
}

static void
no_two_folders_get_one_name(void **state UNUSED)
{
	struct fixture f;
	struct change c = {
	    .kind = CHANGE_RESTORE, .name = S("a"), .move_back = true};

	fixture_init(&f);
	fill(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	c.at = now(&f);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "c"));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	/* The name is free but for what is below it, which is newer. */
	assert_settled(&f, &c);
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a! a/b c c/b");
	fixture_release(&f);
}

static void
flags_of_survivors_return_when_asked(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE, .name = S("a")};

	fixture_init(&f);
	fill(&f, "a");
	c.at = now(&f);
	assert_ok(fixture_flags(&f, "a", FLAGS_SET, FLAG_SEEN, 1, 9));
	assert_settled(&f, &c);
	c.flags_back = true;
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.brought.flags, 2);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	assert_settled(&f, &c);
	fixture_release(&f);
}

static void
only_the_uids_asked_for_return(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE};

	fixture_init(&f);
	fill(&f, "a");
	c.at = now(&f);
	c.mailbox = fixture_box(&f, "a")->id;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 3));
	assert_int_equal(fixture_do(&f, &c), ST_INVALID);
	uidset_add(&c.uids, 2, 2);
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "a"), "4:$Work");
	assert_settled(&f, &c);
	uidset_release(&c.uids);
	c = (struct change){.kind = CHANGE_RESTORE, .name = S("b"), .at = c.at};
	assert_int_equal(fixture_do(&f, &c), ST_NOT_FOUND);
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
	fill(&f, "a");
	fill(&f, "b");
	c.at = now(&f);
	id = fixture_box(&f, "a")->id;
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "b", "Trash", 2, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "b", NULL, 3, 3));
	before = now(&f);
	assert_ok(restore_report(f.a, &c, &f.arena, &r));
	assert_int_equal(now(&f), before);
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
	fill(&f, "a");
	at = now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_do(&f, &c));
	assert_ok(restore(&f, "a", at));
	assert_int_equal(f.done.brought.kept, 3);
	fixture_release(&f);
}

static void
a_client_that_knows_the_folder_is_told_what_changed(void **state UNUSED)
{
	struct fixture f;
	struct uidset vanished, changed;
	uint64_t known, at, id;

	fixture_init(&f);
	fill(&f, "a");
	known = now(&f);
	id = fixture_box(&f, "a")->id;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 1));
	at = now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(restore(&f, "a", at));
	assert_ok(
	    past_changes_since(f.a, id, known, &f.arena, &vanished, &changed));
	assert_int_equal(uidset_count(&vanished), 1);
	assert_true(uidset_has(&vanished, 1));
	assert_int_equal(uidset_count(&changed), 2);
	fixture_release(&f);
}

/* S42: a folder operation's two; without folders one. */
static void
syncs_are_counted(void **state UNUSED)
{
	struct fixture f;
	uint64_t at, before;

	fixture_init(&f);
	fill(&f, "a");
	at = now(&f);
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 2));
	before = f.store->n_syncs;
	assert_ok(restore(&f, "a", at));
	assert_int_equal(f.store->n_syncs - before, 1);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	before = f.store->n_syncs;
	assert_ok(restore(&f, "a", at));
	assert_int_equal(f.store->n_syncs - before, 2);
	fixture_release(&f);
}

static void
pieces_come_one_after_the_other(void **state UNUSED)
{
	enum { N = 12000 };
	struct fixture f;
	struct incoming **in = malloc(N * sizeof(*in));
	struct change c = {.kind = CHANGE_APPEND, .messages = in};

	fixture_init(&f);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	for (int i = 0; i < N; i++)
		in[i] = fixture_message("Subject: x\r\n\r\n");
	c.mailbox = fixture_box(&f, "a")->id;
	c.n_messages = N;
	assert_ok(fixture_do(&f, &c));
	for (int i = 0; i < N; i++)
		incoming_free(&in[i]);
	free(in);
	c = (struct change){.kind = CHANGE_RESTORE, .at = now(&f)};
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, N));
	assert_ok(fixture_do(&f, &c));
	assert_true(f.done.more);
	assert_int_equal(f.done.brought.fresh, 10000);
	fixture_reopen(&f);
	assert_ok(fixture_do(&f, &c));
	assert_false(f.done.more);
	assert_int_equal(f.done.brought.fresh, 2000);
	assert_int_equal(fixture_box(&f, "a")->messages, N);
	assert_settled(&f, &c);
	/* A deleted folder comes whole: its UIDs are kept. */
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	c.at = now(&f) - 1;
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.brought.kept, N);
	assert_settled(&f, &c);
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
	    cmocka_unit_test(expunged_messages_keep_all_but_the_uid),
	    cmocka_unit_test(
		what_was_moved_is_doubled_never_and_pulled_when_asked),
	    cmocka_unit_test(
		a_renamed_folder_is_found_and_named_back_when_asked),
	    cmocka_unit_test(no_two_folders_get_one_name),
	    cmocka_unit_test(flags_of_survivors_return_when_asked),
	    cmocka_unit_test(only_the_uids_asked_for_return),
	    cmocka_unit_test(beyond_the_horizon_nothing_is_known),
	    cmocka_unit_test(a_report_says_what_will_be_and_changes_nothing),
	    cmocka_unit_test(quota_and_keywords_stop_no_restore),
	    cmocka_unit_test(
		a_client_that_knows_the_folder_is_told_what_changed),
	    cmocka_unit_test(syncs_are_counted),
	    cmocka_unit_test(pieces_come_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bringing back messages (S30, S32): which return, where, with which flags. */
#include "store/fixture_past.h"

#include "store/message.h"

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
	fixture_fill_folder(&f, "a");
	show_dates(&f, "a", &before);
	at = fixture_now(&f);
	f.wall += 86400 * 1000;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 3));
	assert_ok(fixture_restore(&f, "a", at));
	assert_int_equal(f.done.brought.fresh, 3);
	assert_str(fixture_show(&f, "a"), "4:\\Seen 5:$Work 6:\\Flagged");
	show_dates(&f, "a", &after);
	assert_str(buf_str(&after), before.p);
	fixture_restored(&f, "a", at);
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
	fixture_fill_folder(&f, "a");
	c.at = fixture_now(&f);
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
	fixture_settled(&f, &c);
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
	fixture_settled(&f, &c);
	fixture_release(&f);
}

static void
flags_of_survivors_return_when_asked(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE, .name = S("a")};

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	c.at = fixture_now(&f);
	assert_ok(fixture_flags(&f, "a", FLAGS_SET, FLAG_SEEN, 1, 9));
	fixture_settled(&f, &c);
	c.flags_back = true;
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.brought.flags, 2);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_settled(&f, &c);
	fixture_release(&f);
}

static void
only_the_uids_asked_for_return(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_RESTORE};

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	c.at = fixture_now(&f);
	c.mailbox = fixture_box(&f, "a")->id;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 3));
	assert_int_equal(fixture_do(&f, &c), ST_INVALID);
	uidset_add(&c.uids, 2, 2);
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "a"), "4:$Work");
	fixture_settled(&f, &c);
	uidset_release(&c.uids);
	c = (struct change){.kind = CHANGE_RESTORE, .name = S("b"), .at = c.at};
	assert_int_equal(fixture_do(&f, &c), ST_NOT_FOUND);
	fixture_release(&f);
}

static void
a_client_that_knows_the_folder_is_told_what_changed(void **state UNUSED)
{
	struct fixture f;
	struct uidset vanished, changed;
	uint64_t known, at, id;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	known = fixture_now(&f);
	id = fixture_box(&f, "a")->id;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 1));
	at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_restore(&f, "a", at));
	assert_ok(
	    past_changes_since(f.a, id, known, &f.arena, &vanished, &changed));
	assert_int_equal(uidset_count(&vanished), 1);
	assert_true(uidset_has(&vanished, 1));
	assert_int_equal(uidset_count(&changed), 2);
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
	c = (struct change){.kind = CHANGE_RESTORE, .at = fixture_now(&f)};
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, N));
	assert_ok(fixture_do(&f, &c));
	assert_true(f.done.more);
	assert_int_equal(f.done.brought.fresh, 10000);
	fixture_reopen(&f);
	assert_ok(fixture_do(&f, &c));
	assert_false(f.done.more);
	assert_int_equal(f.done.brought.fresh, 2000);
	assert_int_equal(fixture_box(&f, "a")->messages, N);
	fixture_settled(&f, &c);
	/* A deleted folder comes whole: its UIDs are kept. */
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	c.at = fixture_now(&f) - 1;
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.brought.kept, N);
	fixture_settled(&f, &c);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(expunged_messages_keep_all_but_the_uid),
	    cmocka_unit_test(
		what_was_moved_is_doubled_never_and_pulled_when_asked),
	    cmocka_unit_test(flags_of_survivors_return_when_asked),
	    cmocka_unit_test(only_the_uids_asked_for_return),
	    cmocka_unit_test(
		a_client_that_knows_the_folder_is_told_what_changed),
	    cmocka_unit_test(pieces_come_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

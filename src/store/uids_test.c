/* S20: a mailbox whose UIDs have run out. */
#include "store/fixture_sql.h"
#include "store/message.h"

enum { UID_LAST = 4294967295u - (1u << 18) };

/* The next UID of INBOX will be this. */
static void
set_uidnext(struct fixture *f, uint32_t uid)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE mailbox SET uidnext=%u WHERE name='INBOX'", uid);
	fixture_sql(f, sql);
}

static void
the_last_uid_is_followed_by_a_new_mailbox(void **state UNUSED)
{
	struct fixture f;
	struct mailbox was;
	const struct mailbox *now;
	struct view *v;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "Subject: 1\r\n\r\n", FLAG_SEEN, "$Work");
	fixture_append(&f, "INBOX", "Subject: 2\r\n\r\n", 0, "");
	set_uidnext(&f, UID_LAST - 1);
	assert_int_equal(
	    fixture_append(&f, "INBOX", "Subject: 3\r\n\r\n", 0, ""),
	    UID_LAST - 1);
	was = *fixture_box(&f, "INBOX");
	assert_ok(view_open(f.a, &fixture_viewer, was.id, &v));
	assert_int_equal(
	    fixture_append(&f, "INBOX", "Subject: 4\r\n\r\n", FLAG_FLAGGED, ""),
	    4);
	assert_true(view_gone(v));
	view_close(&v);
	for (int i = 0; i < 2; i++) {
		now = fixture_box(&f, "INBOX");
		assert_true(now->id != was.id);
		assert_true(now->uidvalidity > was.uidvalidity);
		assert_int_equal(now->uidnext, 5);
		assert_int_equal(now->messages, 4);
		assert_int_equal(now->unseen, 3);
		assert_int_equal(now->size, 4 * strlen("Subject: 1\r\n\r\n"));
		assert_true(now->subscribed);
		assert_str(fixture_show(&f, "INBOX"),
		    "1:\\Seen $Work 2: 3: 4:\\Flagged");
		assert_str(
		    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash");
		fixture_reopen(&f);
	}
	now = fixture_box(&f, "INBOX");
	assert_int_equal(f.done.uidvalidity, now->uidvalidity);
	assert_int_equal(f.done.mailbox, now->id);
	fixture_release(&f);
}

static enum status
move(struct fixture *f, enum change_kind kind, const char *from, const char *to,
    uint32_t uid)
{
	struct change c = {
	    .kind = kind,
	    .mailbox = fixture_box(f, from)->id,
	    .target = fixture_box(f, to)->id,
	};
	enum status st;

	uidset_add(&c.uids, uid, uid);
	st = fixture_do(f, &c);
	uidset_release(&c.uids);
	return st;
}

static void
a_move_finds_room_too(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "Subject: 1\r\n\r\n", 0, "");
	fixture_append(&f, "Sent", "Subject: 2\r\n\r\n", FLAG_ANSWERED, "");
	set_uidnext(&f, UID_LAST);
	/* Into itself: what the client has named would be something else. */
	assert_int_equal(move(&f, CHANGE_COPY, "INBOX", "INBOX", 1), ST_LIMIT);
	assert_str(fixture_show(&f, "INBOX"), "1:");
	assert_ok(move(&f, CHANGE_MOVE, "Sent", "INBOX", 1));
	assert_int_equal(
	    f.done.uidvalidity, fixture_box(&f, "INBOX")->uidvalidity);
	assert_str(fixture_show(&f, "INBOX"), "1: 2:\\Answered");
	assert_str(fixture_show(&f, "Sent"), "");
	fixture_reopen(&f);
	assert_str(fixture_show(&f, "INBOX"), "1: 2:\\Answered");
	assert_ok(move(&f, CHANGE_COPY, "INBOX", "INBOX", 1));
	assert_str(fixture_show(&f, "INBOX"), "1: 2:\\Answered 3:");
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_uid_is_followed_by_a_new_mailbox),
	    cmocka_unit_test(a_move_finds_room_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store/fixture.h"

#include "store/columns.h"
#include "store/message.h"

static const char hello[] = "From: a@example.org\r\nSubject: hello\r\n"
			    "Message-ID: <1@example.org>\r\n\r\nBody\r\n";
static const char reply[] = "From: b@example.org\r\nSubject: Other words\r\n"
			    "Message-ID: <2@example.org>\r\n"
			    "In-Reply-To: <1@example.org>\r\n\r\nYes\r\n";

static void
a_new_account_has_its_mailboxes(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash");
	assert_int_equal(fixture_box(&f, "Trash")->special_use, USE_TRASH);
	assert_true(fixture_box(&f, "inbox")->subscribed);
	assert_int_equal(
	    store_create_account(f.store, S("anna"), NULL), ST_EXISTS);
	fixture_reopen(&f);
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash");
	assert_true(fixture_box(&f, "Sent")->subscribed);
	fixture_release(&f);
}

static void
mail_arrives_and_stays(void **state UNUSED)
{
	struct fixture f;
	const struct mailbox *m;
	struct message msg;
	struct entry e;
	struct view *v;
	struct buf b;

	fixture_init(&f);
	assert_int_equal(
	    fixture_append(&f, "INBOX", hello, FLAG_SEEN, "$Work"), 1);
	assert_int_equal(fixture_append(&f, "INBOX", reply, 0, ""), 2);
	for (int i = 0; i < 2; i++) {
		assert_str(fixture_show(&f, "INBOX"), "1:\\Seen $Work 2:");
		m = fixture_box(&f, "INBOX");
		assert_int_equal(m->messages, 2);
		assert_int_equal(m->unseen, 1);
		assert_int_equal(m->uidnext, 3);
		assert_int_equal(m->size, strlen(hello) + strlen(reply));
		fixture_reopen(&f);
	}
	assert_ok(
	    view_open(f.a, &fixture_viewer, fixture_box(&f, "INBOX")->id, &v));
	view_entry(v, 1, &e);
	assert_ok(message_get(f.a, e.message, &msg));
	assert_int_equal(msg.size, strlen(hello));
	assert_int_equal(msg.internaldate_ms, f.wall);
	buf_init(&b, 10000);
	assert_ok(message_read(f.a, e.message, 0, msg.size, &b));
	assert_str(buf_str(&b), hello);
	buf_release(&b);
	view_close(&v);
	fixture_release(&f);
}

/* P10: only the bytes are left, and only of that message. */
static bool
walked(void *ctx, size_t i UNUSED, const struct message *m, struct str summary)
{
	struct summary_texts texts;

	assert_ok(summary_texts(summary, &texts));
	buf_addf(ctx, "%d" STR_FMT " ", (int)m->header_size,
	    STR_ARG(str_first(texts.envelope, 8)));
	return true;
}

static void
an_opaque_message_has_only_bytes(void **state UNUSED)
{
	struct fixture f;
	struct summary_texts texts;
	struct entry e[2];
	struct message msg;
	struct view *v;
	struct str text;
	struct buf b;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_append(&f, "INBOX", reply, 0, "");
	assert_ok(
	    view_open(f.a, &fixture_viewer, fixture_box(&f, "INBOX")->id, &v));
	view_entry(v, 1, &e[0]);
	view_entry(v, 2, &e[1]);
	store_opaque(f.store, S("anna"), e[0].message);
	store_opaque(f.store, S("ben"), e[1].message);
	assert_ok(message_get(f.a, e[0].message, &msg));
	assert_int_equal(msg.size, strlen(hello));
	assert_int_equal(msg.header_size, 0);
	assert_ok(message_summary(f.a, e[0].message, &f.arena, &text));
	assert_ok(summary_texts(text, &texts));
	assert_str(texts.envelope, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
	buf_init(&b, 10000);
	assert_ok(message_walk(
	    f.a, (uint64_t[]){e[0].message, e[1].message}, 2, walked, &b));
	assert_str(buf_str(&b), "0(NIL NIL 104(NIL \"Ot ");
	buf_clear(&b);
	assert_ok(message_read(f.a, e[0].message, 0, msg.size, &b));
	assert_str(buf_str(&b), hello);
	assert_ok(message_get(f.a, e[1].message, &msg));
	assert_int_equal(msg.header_size, strlen(reply) - strlen("Yes\r\n"));
	buf_release(&b);
	view_close(&v);
	fixture_release(&f);
}

static void
threads_join_by_references(void **state UNUSED)
{
	struct fixture f;
	struct entry e;
	struct message m[3];
	struct view *v;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_append(&f, "Sent", "Subject: hello\r\n\r\n", 0, "");
	fixture_reopen(&f);
	fixture_append(&f, "INBOX", reply, 0, "");
	assert_ok(
	    view_open(f.a, &fixture_viewer, fixture_box(&f, "INBOX")->id, &v));
	for (uint32_t i = 0; i < 2; i++) {
		view_entry(v, i + 1, &e);
		assert_ok(message_get(f.a, e.message, &m[i]));
	}
	view_close(&v);
	assert_ok(
	    view_open(f.a, &fixture_viewer, fixture_box(&f, "Sent")->id, &v));
	view_entry(v, 1, &e);
	assert_ok(message_get(f.a, e.message, &m[2]));
	view_close(&v);
	assert_string_equal(m[0].threadid, m[1].threadid);
	assert_string_not_equal(m[0].threadid, m[2].threadid);
	assert_string_not_equal(m[0].emailid, m[1].emailid);
	assert_int_equal(strlen(m[0].emailid), 27);
	fixture_release(&f);
}

static void
flags_change(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_FLAGS, .op = FLAGS_ADD};
	uint64_t before;

	fixture_init(&f);
	for (int i = 0; i < 3; i++)
		fixture_append(&f, "INBOX", hello, 0, "");
	before = fixture_box(&f, "INBOX")->highestmodseq;
	assert_ok(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_FLAGGED, 2, 9));
	assert_str(fixture_show(&f, "INBOX"), "1: 2:\\Flagged 3:\\Flagged");
	assert_int_equal(f.done.modseq, before + 1);
	/* What has it already is not touched. */
	assert_ok(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_FLAGGED, 2, 3));
	assert_int_equal(f.done.modseq, 0);
	/* RFC 7162: 2 and 3 have changed since, 1 has not. */
	c.mailbox = fixture_box(&f, "INBOX")->id;
	c.conditional = true;
	c.unchanged_since = before;
	c.flags.bits = FLAG_SEEN;
	uidset_add(&c.uids, 1, 3);
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.modified.n_ranges, 1);
	assert_int_equal(f.done.modified.ranges[0].first, 2);
	assert_int_equal(f.done.modified.ranges[0].last, 3);
	assert_str(
	    fixture_show(&f, "INBOX"), "1:\\Seen 2:\\Flagged 3:\\Flagged");
	assert_int_equal(fixture_box(&f, "INBOX")->unseen, 2);
	uidset_release(&c.uids);
	fixture_release(&f);
}

static void
copy_move_and_expunge(void **state UNUSED)
{
	struct fixture f;
	struct account_usage u;
	uint64_t size = strlen(hello);

	fixture_init(&f);
	for (int i = 0; i < 4; i++)
		fixture_append(&f, "INBOX", hello, i == 1 ? FLAG_SEEN : 0, "");
	assert_ok(fixture_uids(&f, CHANGE_COPY, "INBOX", "Archive", 1, 2));
	assert_str(fixture_show(&f, "Archive"), "1: 2:\\Seen");
	assert_int_equal(uidset_count(&f.done.from), 2);
	assert_int_equal(f.done.to.ranges[0].last, 2);
	assert_int_equal(
	    f.done.uidvalidity, fixture_box(&f, "Archive")->uidvalidity);
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "INBOX", "Trash", 2, 3));
	assert_str(fixture_show(&f, "INBOX"), "1: 4:");
	assert_str(fixture_show(&f, "Trash"), "1:\\Seen 2:");
	/* Its copy is still shown in Archive: nothing is retained. */
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash", NULL, 1, 1));
	account_usage(f.a, &u);
	assert_int_equal(u.retained_bytes, 0);
	assert_int_equal(u.messages, 5);
	assert_int_equal(u.bytes, 5 * size);
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash", NULL, 2, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Archive", NULL, 2, 2));
	account_usage(f.a, &u);
	assert_int_equal(u.retained_bytes, 2 * size);
	fixture_reopen(&f);
	account_usage(f.a, &u);
	assert_int_equal(u.retained_bytes, 2 * size);
	assert_str(fixture_show(&f, "INBOX"), "1: 4:");
	assert_str(fixture_show(&f, "Trash"), "");
	assert_int_equal(fixture_box(&f, "Trash")->uidnext, 3);
	fixture_release(&f);
}

static void
only_deleted_ones_are_expunged(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_EXPUNGE};

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, FLAG_DELETED, "");
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_append(&f, "INBOX", hello, FLAG_DELETED | FLAG_SEEN, "");
	assert_int_equal(fixture_box(&f, "INBOX")->deleted, 2);
	c.mailbox = fixture_box(&f, "INBOX")->id;
	uidset_add(&c.uids, 1, 2);
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "INBOX"), "2: 3:\\Deleted \\Seen");
	assert_int_equal(fixture_box(&f, "INBOX")->deleted, 1);
	uidset_release(&c.uids);
	fixture_release(&f);
}

static void
folders(void **state UNUSED)
{
	struct fixture f;
	uint64_t id;
	uint32_t validity;

	fixture_init(&f);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b/c", NULL));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a a/b a/b/c");
	assert_int_equal(
	    fixture_folder(&f, CHANGE_CREATE, "Inbox", NULL), ST_EXISTS);
	assert_int_equal(
	    fixture_folder(&f, CHANGE_CREATE, "a//b", NULL), ST_INVALID);
	/* RFC 9051 6.3.5: with children, the name stays. */
	id = fixture_box(&f, "a/b")->id;
	validity = fixture_box(&f, "a/b")->uidvalidity;
	fixture_append(&f, "a/b", hello, 0, "");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a/b", NULL));
	assert_false(fixture_box(&f, "a/b")->selectable);
	assert_int_equal(
	    fixture_folder(&f, CHANGE_DELETE, "a/b", NULL), ST_HAS_CHILDREN);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	assert_true(fixture_box(&f, "a/b")->id != id);
	assert_true(fixture_box(&f, "a/b")->uidvalidity > validity);
	assert_int_equal(fixture_box(&f, "a/b")->messages, 0);
	id = fixture_box(&f, "a/b/c")->id;
	assert_int_equal(
	    fixture_folder(&f, CHANGE_RENAME, "a", "a/x"), ST_INVALID);
	assert_int_equal(
	    fixture_folder(&f, CHANGE_RENAME, "a", "Junk"), ST_EXISTS);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "n/\xC3\xA4"));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash n "
	    "n/\xC3\xA4 n/\xC3\xA4/b n/\xC3\xA4/b/c");
	/* NFD is the same name. */
	assert_int_equal(fixture_box(&f, "n/a\xCC\x88/b/c")->id, id);
	assert_int_equal(
	    fixture_folder(&f, CHANGE_DELETE, "INBOX", NULL), ST_CANNOT);
	fixture_reopen(&f);
	assert_int_equal(fixture_box(&f, "n/\xC3\xA4/b/c")->id, id);
	fixture_release(&f);
}

static void
renaming_inbox_moves_its_mail(void **state UNUSED)
{
	struct fixture f;
	uint64_t id;

	fixture_init(&f);
	id = fixture_box(&f, "INBOX")->id;
	fixture_append(&f, "INBOX", hello, FLAG_SEEN, "");
	fixture_append(&f, "INBOX", hello, 0, "");
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "INBOX", "old/mail"));
	assert_str(fixture_show(&f, "INBOX"), "");
	assert_str(fixture_show(&f, "old/mail"), "1:\\Seen 2:");
	assert_int_equal(fixture_box(&f, "INBOX")->id, id);
	assert_int_equal(fixture_box(&f, "INBOX")->uidnext, 3);
	fixture_release(&f);
}

static void
subscriptions_outlive_mailboxes(void **state UNUSED)
{
	struct fixture f;
	const struct str *lost;
	size_t n;

	fixture_init(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "Junk", NULL));
	fixture_reopen(&f);
	lost = account_lost_subscriptions(f.a, NULL, &n);
	assert_int_equal(n, 1);
	assert_str(lost[0], "Junk");
	assert_ok(fixture_folder(&f, CHANGE_SUBSCRIBE, "Junk", NULL));
	account_lost_subscriptions(f.a, NULL, &n);
	assert_int_equal(n, 0);
	fixture_release(&f);
}

static void
quotas_and_limits(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_QUOTA, .quota = 100};
	struct incoming *in;
	struct str *keywords;
	char names[1001][8];
	struct str list[60];
	size_t n;

	fixture_init(&f);
	assert_ok(fixture_do(&f, &c));
	in = fixture_message(hello);
	c = (struct change){
	    .kind = CHANGE_DELIVER, .messages = &in, .n_messages = 1};
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(fixture_do(&f, &c), ST_OVER_QUOTA);
	assert_int_equal(fixture_uids(&f, CHANGE_COPY, "INBOX", "Sent", 1, 1),
	    ST_OVER_QUOTA);
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "INBOX", "Sent", 1, 1));
	incoming_free(&in);
	/* S41: the 1,001st keyword, and nothing of its change is stored. */
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		snprintf(names[i], sizeof(names[i]), "k%zu", i);
	c = (struct change){.kind = CHANGE_FLAGS,
	    .mailbox = fixture_box(&f, "Sent")->id,
	    .flags = {.keywords = list}};
	uidset_add(&c.uids, 1, 1);
	for (size_t i = 0; i < 1000; i += 50) {
		for (size_t k = 0; k < 50; k++)
			list[k] = str_from(names[i + k]);
		c.flags.n_keywords = 50;
		assert_ok(fixture_do(&f, &c));
	}
	list[0] = str_from(names[1000]);
	c.flags.n_keywords = 1;
	assert_int_equal(fixture_do(&f, &c), ST_LIMIT);
	fixture_reopen(&f);
	assert_ok(mailbox_keywords(f.a, c.mailbox, &f.arena, &keywords, &n));
	assert_int_equal(n, 1000);
	uidset_release(&c.uids);
	fixture_release(&f);
}

static void
recent_is_told_once(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_CLAIM_RECENT};

	fixture_init(&f);
	c.mailbox = fixture_box(&f, "INBOX")->id;
	fixture_append(&f, "INBOX", hello, 0, "");
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.recent_from, 1);
	assert_int_equal(f.done.recent_to, 2);
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_reopen(&f);
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.recent_from, 2);
	assert_int_equal(f.done.recent_to, 3);
	fixture_release(&f);
}

static void
pop3_quit_is_one_change(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_POP3_QUIT};
	uint64_t before;

	fixture_init(&f);
	for (int i = 0; i < 3; i++)
		fixture_append(&f, "INBOX", hello, 0, "");
	before = fixture_box(&f, "INBOX")->highestmodseq;
	c.mailbox = fixture_box(&f, "INBOX")->id;
	uidset_add(&c.uids, 1, 1);
	uidset_add(&c.uids, 7, 7); /* gone already */
	uidset_add(&c.seen, 1, 2);
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(f.done.modseq, before + 1);
	assert_str(fixture_show(&f, "INBOX"), "2:\\Seen 3:");
	assert_int_equal(fixture_box(&f, "INBOX")->unseen, 1);
	uidset_release(&c.uids);
	uidset_release(&c.seen);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_account_has_its_mailboxes),
	    cmocka_unit_test(mail_arrives_and_stays),
	    cmocka_unit_test(an_opaque_message_has_only_bytes),
	    cmocka_unit_test(threads_join_by_references),
	    cmocka_unit_test(flags_change),
	    cmocka_unit_test(copy_move_and_expunge),
	    cmocka_unit_test(only_deleted_ones_are_expunged),
	    cmocka_unit_test(folders),
	    cmocka_unit_test(renaming_inbox_moves_its_mail),
	    cmocka_unit_test(subscriptions_outlive_mailboxes),
	    cmocka_unit_test(quotas_and_limits),
	    cmocka_unit_test(recent_is_told_once),
	    cmocka_unit_test(pop3_quit_is_one_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

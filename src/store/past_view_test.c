#include "store/message.h"

#include "store/fixture.h"

static struct str
shown(struct fixture *f, struct view *v)
{
	struct buf b;
	struct str s;

	buf_init(&b, 10000);
	for (uint32_t msn = 1; msn <= view_count(v); msn++) {
		struct entry e;

		view_entry(v, msn, &e);
		buf_addf(&b, "%u:" STR_FMT "/%llu ", e.uid,
		    STR_ARG(account_flagset(f->a, e.flagset)->text),
		    (unsigned long long)view_size(v, msn));
	}
	s = arena_str(&f->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

/* Kunden with three messages, of which none and no folder is left. */
static uint64_t
lose(struct fixture *f, uint64_t *modseq_out)
{
	uint64_t id;

	assert_ok(fixture_folder(f, CHANGE_CREATE, "Kunden", NULL));
	id = fixture_box(f, "Kunden")->id;
	fixture_append(f, "Kunden", "a: 1\r\n\r\n", 0, "");
	fixture_append(f, "Kunden", "a: 2\r\n\r\nx", FLAG_SEEN, "Wichtig");
	fixture_append(f, "Kunden", "a: 3\r\n\r\nxy", 0, "");
	assert_ok(fixture_flags(f, "Kunden", FLAGS_ADD, FLAG_DELETED, 3, 3));
	*modseq_out = f->a->modseq;
	assert_ok(fixture_flags(f, "Kunden", FLAGS_SET, 0, 1, 2));
	assert_ok(fixture_uids(f, CHANGE_EXPUNGE, "Kunden", NULL, 1, 2));
	assert_ok(fixture_folder(f, CHANGE_DELETE, "Kunden", NULL));
	return id;
}

static void
a_view_of_the_past_shows_it_and_never_changes(void **state UNUSED)
{
	const struct mailbox *list;
	struct mailbox box;
	struct fixture f;
	struct view *v, *again;
	uint64_t modseq, id;
	size_t n, i;

	fixture_init(&f);
	id = lose(&f, &modseq);
	assert_ok(past_view_open(f.a, &fixture_viewer, id, modseq, &v, &box));
	assert_str(shown(&f, v), "1:/8 2:\\Seen Wichtig/9 3:\\Deleted/10 ");
	assert_str(box.name, "Kunden");
	assert_int_equal(box.messages, 3);
	assert_int_equal(box.unseen, 2);
	assert_int_equal(box.deleted, 1);
	assert_int_equal(box.size, 27);
	assert_int_equal(box.deleted_size, 10);
	assert_int_equal(box.uidnext, 4);
	/* A change lets go of what is kept, but not of what is shown. */
	fixture_append(&f, "INBOX", "a: 4\r\n\r\n", 0, "");
	assert_null(f.a->past);
	assert_false(view_stale(v));
	assert_str(shown(&f, v), "1:/8 2:\\Seen Wichtig/9 3:\\Deleted/10 ");
	assert_ok(
	    past_view_open(f.a, &fixture_viewer, id, modseq, &again, &box));
	assert_str(shown(&f, again), "1:/8 2:\\Seen Wichtig/9 3:\\Deleted/10 ");
	view_close(&again);
	view_close(&v);
	assert_ok(past_list(f.a, modseq, &list, &n));
	for (i = 0; i < n && list[i].id != id; i++)
		;
	assert_true(i < n);
	assert_int_equal(list[i].messages, 3);
	assert_int_equal(
	    past_view_open(f.a, &fixture_viewer, id, f.a->modseq, &v, &box),
	    ST_NOT_FOUND);
	fixture_release(&f);
}

/* As it is now, it may be shown as it was; but then it stays so. */
static void
a_mailbox_that_has_not_changed_is_a_copy(void **state UNUSED)
{
	struct mailbox box;
	struct fixture f;
	struct view *v;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "a: 1\r\n\r\n", 0, "");
	assert_ok(past_view_open(f.a, &fixture_viewer,
	    fixture_box(&f, "INBOX")->id, f.a->modseq, &v, &box));
	assert_ok(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
	fixture_append(&f, "INBOX", "a: 2\r\n\r\n", 0, "");
	assert_str(shown(&f, v), "1:/8 ");
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen 2:");
	view_close(&v);
	fixture_release(&f);
}

static void
a_copy_out_of_the_past_brings_messages_back(void **state UNUSED)
{
	struct change c = {.kind = CHANGE_COPY};
	struct mailbox box;
	struct fixture f;
	struct view *v;
	struct entry was, is;
	struct buf b;

	fixture_init(&f);
	c.mailbox = lose(&f, &c.at);
	assert_ok(
	    past_view_open(f.a, &fixture_viewer, c.mailbox, c.at, &v, &box));
	view_entry(v, 2, &was);
	view_close(&v);
	c.target = fixture_box(&f, "INBOX")->id;
	uidset_add(&c.uids, 2, 7);
	assert_true(f.a->retained_bytes == 27);
	assert_ok(fixture_do(&f, &c));
	uidset_release(&c.uids);
	assert_int_equal(uidset_count(&f.done.from), 2);
	assert_int_equal(uidset_count(&f.done.to), 2);
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen Wichtig 2:\\Deleted");
	assert_true(f.a->retained_bytes == 8);
	fixture_reopen(&f);
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen Wichtig 2:\\Deleted");
	assert_ok(
	    view_open(f.a, &fixture_viewer, fixture_box(&f, "INBOX")->id, &v));
	view_entry(v, 1, &is);
	view_close(&v);
	assert_true(is.message == was.message); /* EMAILID, bytes and dates */
	buf_init(&b, 100);
	assert_ok(message_read(f.a, is.message, 0, 100, &b));
	assert_str(buf_str(&b), "a: 2\r\n\r\nx");
	buf_release(&b);
	fixture_release(&f);
}

/* The keeper moves the horizon between two pages. */
static void
what_history_has_forgotten_is_not_shown(void **state UNUSED)
{
	struct change c = {.kind = CHANGE_COPY};
	const struct mailbox *list;
	struct mailbox box;
	struct fixture f;
	struct view *v;
	size_t n;

	fixture_init(&f);
	c.mailbox = lose(&f, &c.at);
	c.target = fixture_box(&f, "INBOX")->id;
	uidset_add(&c.uids, 1, 3);
	assert_ok(
	    past_view_open(f.a, &fixture_viewer, c.mailbox, c.at, &v, &box));
	view_close(&v);
	assert_ok(past_list(f.a, c.at, &list, &n));
	f.a->history_from = c.at + 1;
	assert_int_equal(
	    past_view_open(f.a, &fixture_viewer, c.mailbox, c.at, &v, &box),
	    ST_NOT_FOUND);
	assert_int_equal(past_list(f.a, c.at, &list, &n), ST_NOT_FOUND);
	assert_int_equal(fixture_do(&f, &c), ST_NOT_FOUND);
	assert_str(fixture_show(&f, "INBOX"), "");
	uidset_release(&c.uids);
	fixture_release(&f);
}

static void
who_removed_before_is_known(void **state UNUSED)
{
	const struct origin pop = {.person = S("anna@example.org"),
	    .credential = S("phone"),
	    .protocol = S("pop3"),
	    .client = S(""),
	    .peer = S("192.0.2.1")};
	struct change c = {.kind = CHANGE_EXPUNGE, .forced = true};
	struct fixture f;
	bool before;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "a: 1\r\n\r\n", 0, "");
	f.wall += 3600 * 1000;
	c.mailbox = fixture_box(&f, "INBOX")->id;
	c.origin = &pop;
	uidset_add(&c.uids, 1, 1);
	assert_ok(fixture_do(&f, &c));
	uidset_release(&c.uids);
	assert_ok(past_removed_before(
	    f.a, S("phone"), S("pop3"), f.wall + 1, &before));
	assert_true(before);
	assert_ok(
	    past_removed_before(f.a, S("phone"), S("pop3"), f.wall, &before));
	assert_false(before);
	assert_ok(past_removed_before(
	    f.a, S("phone"), S("imap"), f.wall + 1, &before));
	assert_false(before);
	assert_ok(past_removed_before(
	    f.a, S("desk"), S("pop3"), f.wall + 1, &before));
	assert_false(before);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_view_of_the_past_shows_it_and_never_changes),
	    cmocka_unit_test(a_mailbox_that_has_not_changed_is_a_copy),
	    cmocka_unit_test(a_copy_out_of_the_past_brings_messages_back),
	    cmocka_unit_test(what_history_has_forgotten_is_not_shown),
	    cmocka_unit_test(who_removed_before_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

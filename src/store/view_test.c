/* What sessions are told of a mailbox (V1, V2, V3): exact results. */
#include "store/fixture.h"

#include "store/view.h"

static const char text[] = "Subject: x\r\n\r\nBody\r\n";

struct world {
	struct fixture f;
	struct arena a;
	struct view_news news;
};

/* INBOX with n messages. */
static void
begin(struct world *w, int n)
{
	memset(w, 0, sizeof(*w));
	fixture_init(&w->f);
	for (int i = 0; i < n; i++)
		fixture_append(&w->f, "INBOX", text, 0, "");
}

static void
end(struct world *w)
{
	arena_release(&w->a);
	fixture_release(&w->f);
}

static struct view *
see(struct world *w)
{
	struct view *v;

	assert_ok(view_open(
	    w->f.a, &fixture_viewer, fixture_box(&w->f, "INBOX")->id, &v));
	return v;
}

static void
expunge(struct world *w, uint32_t first, uint32_t last)
{
	assert_ok(
	    fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, first, last));
}

/* "-3 -3 v4:5 *4 +4 f1,2": expunged, vanished, exists, first new, changed. */
static struct str
told(struct world *w, struct view *v, bool expunges)
{
	struct view_news *n = &w->news;
	struct buf b;
	struct str s;

	buf_init(&b, 10000);
	view_sync(v, expunges, &w->a, n);
	for (size_t i = 0; i < n->n_expunged; i++)
		buf_addf(&b, "-%u ", n->expunged[i]);
	for (size_t i = 0; i < n->vanished.n_ranges; i++)
		buf_addf(&b, "v%u:%u ", n->vanished.ranges[i].first,
		    n->vanished.ranges[i].last);
	if (n->exists)
		buf_addf(&b, "*%u ", view_count(v));
	if (n->first_new)
		buf_addf(&b, "+%u ", n->first_new);
	for (size_t i = 0; i < n->n_changed; i++)
		buf_addf(&b, "f%u ", n->changed[i]);
	s = arena_str(&w->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void
nothing_new_is_told(void **state UNUSED)
{
	struct world w;
	struct view *v;

	begin(&w, 3);
	v = see(&w);
	assert_false(view_stale(v));
	assert_str(told(&w, v, true), "");
	assert_int_equal(view_count(v), 3);
	assert_int_equal(view_msn(v, 2), 2);
	assert_int_equal(view_msn(v, 4), 0);
	assert_int_equal(view_lower(v, 3), 3);
	assert_int_equal(view_lower(v, 4), 4);
	view_close(&v);
	end(&w);
}

static void
new_mail_and_flags(void **state UNUSED)
{
	struct world w;
	struct view *v, *other;

	begin(&w, 3);
	v = see(&w);
	other = see(&w);
	fixture_append(&w.f, "INBOX", text, FLAG_SEEN, "");
	assert_true(view_stale(v));
	assert_int_equal(view_count(v), 3);
	assert_int_equal(view_msn(v, 4), 0);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 2, 4));
	/* The new one's flags are not told twice: 4 is new. */
	assert_str(told(&w, v, false), "*4 +4 f2 f3 ");
	assert_str(told(&w, v, false), "");
	assert_str(told(&w, other, true), "*4 +4 f2 f3 ");
	view_close(&v);
	view_close(&other);
	end(&w);
}

static void
expunges_are_told_as_numbers_and_uids(void **state UNUSED)
{
	struct world w;
	struct view *v;

	begin(&w, 6);
	v = see(&w);
	expunge(&w, 2, 3);
	expunge(&w, 5, 5);
	/* 2, then 3 that has become 2, then 5 that has become 3. */
	assert_str(told(&w, v, true), "-2 -2 -3 v2:3 v5:5 ");
	assert_int_equal(view_count(v), 3);
	assert_int_equal(view_uid(v, 2), 4);
	assert_int_equal(view_uid(v, 3), 6);
	assert_str(told(&w, v, true), "");
	view_close(&v);
	end(&w);
}

static void
held_back_expunges_stay_readable(void **state UNUSED)
{
	struct world w;
	struct view *v;
	struct entry e;
	struct buf b;
	uint64_t before;

	begin(&w, 3);
	v = see(&w);
	before = view_modseq(v);
	expunge(&w, 2, 2);
	fixture_append(&w.f, "INBOX", text, 0, "");
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 3, 3));
	assert_str(told(&w, v, false), "*4 +4 f3 ");
	assert_int_equal(view_count(v), 4);
	assert_true(view_stale(v));
	view_entry(v, 2, &e);
	assert_true(e.expunged);
	assert_int_equal(e.uid, 2);
	buf_init(&b, 1000);
	assert_ok(message_read(w.f.a, e.message, 0, 1000, &b));
	assert_str(buf_str(&b), text);
	buf_release(&b);
	view_entry(v, 4, &e);
	assert_false(e.expunged);
	/* V3: as if nothing behind the expunge had been told. */
	assert_int_equal(view_highest_told(v), before);
	/* Once more held back, with another one, then let go. */
	fixture_append(&w.f, "INBOX", text, 0, "");
	expunge(&w, 4, 4);
	assert_str(told(&w, v, false), "*5 +5 ");
	assert_int_equal(view_highest_told(v), before);
	assert_str(told(&w, v, true), "-2 -3 v2:2 v4:4 ");
	assert_int_equal(view_count(v), 3);
	assert_int_equal(view_uid(v, 3), 5);
	assert_int_equal(view_highest_told(v), view_modseq(v));
	assert_false(view_stale(v));
	view_close(&v);
	end(&w);
}

/* Came and went between two looks: the view never hears of it. */
static void
what_came_and_went_is_not_told(void **state UNUSED)
{
	struct world w;
	struct view *v;

	begin(&w, 1);
	v = see(&w);
	fixture_append(&w.f, "INBOX", text, 0, "");
	fixture_append(&w.f, "INBOX", text, 0, "");
	expunge(&w, 2, 2);
	assert_str(told(&w, v, true), "*2 +2 ");
	assert_int_equal(view_uid(v, 2), 3);
	view_close(&v);
	end(&w);
}

static void
hidden_changes_are_not_told(void **state UNUSED)
{
	struct world w;
	struct view *v;

	begin(&w, 3);
	v = see(&w);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 2));
	view_hide(v, w.f.done.modseq);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_FLAGGED, 2, 3));
	assert_str(told(&w, v, true), "f2 f3 ");
	/* It was hidden once, not for ever. */
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_REMOVE, FLAG_SEEN, 1, 1));
	assert_str(told(&w, v, true), "f1 ");
	view_close(&v);
	end(&w);
}

/* V2: .SILENT drops a session's own changes only. */
static void
expected_flags_are_silent(void **state UNUSED)
{
	struct world w;
	struct view *v;
	struct uidset uids = UIDSET_INIT;
	struct flags seen = {.bits = FLAG_SEEN};

	begin(&w, 3);
	v = see(&w);
	uidset_add(&uids, 1, 2);
	view_expect(v, &uids, FLAGS_ADD, &seen);
	/* Somebody else comes first, to the second message. */
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_FLAGGED, 2, 2));
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 2));
	assert_str(told(&w, v, true), "f2 ");
	uidset_release(&uids);
	view_close(&v);
	end(&w);
}

static void
many_views_at_many_points(void **state UNUSED)
{
	struct view *v[20];
	struct world w;

	begin(&w, 20);
	for (uint32_t i = 0; i < 20; i++) {
		v[i] = see(&w);
		expunge(&w, i + 1, i + 1);
	}
	for (uint32_t i = 0; i < 20; i++) {
		struct entry e;

		assert_int_equal(view_count(v[i]), 20 - i);
		view_entry(v[i], 1, &e);
		assert_int_equal(e.uid, i + 1);
		assert_true(e.expunged);
	}
	/* The tombstones last until the last view lets go. */
	for (uint32_t i = 0; i < 19; i++) {
		assert_true(told(&w, v[i], true).n > 0);
		assert_int_equal(w.news.n_expunged, 20 - i);
		assert_int_equal(view_count(v[i]), 0);
		view_close(&v[i]);
	}
	assert_str(told(&w, v[19], true), "-1 v20:20 ");
	view_close(&v[19]);
	end(&w);
}

static void
a_deleted_mailbox_is_gone(void **state UNUSED)
{
	struct world w;
	struct view *v;
	struct entry e;

	begin(&w, 0);
	fixture_append(&w.f, "Junk", text, 0, "");
	assert_ok(view_open(
	    w.f.a, &fixture_viewer, fixture_box(&w.f, "Junk")->id, &v));
	assert_ok(fixture_folder(&w.f, CHANGE_DELETE, "Junk", NULL));
	assert_true(view_gone(v));
	assert_true(view_stale(v));
	view_entry(v, 1, &e);
	assert_int_equal(e.uid, 1);
	view_close(&v);
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_new_is_told),
	    cmocka_unit_test(new_mail_and_flags),
	    cmocka_unit_test(expunges_are_told_as_numbers_and_uids),
	    cmocka_unit_test(held_back_expunges_stay_readable),
	    cmocka_unit_test(what_came_and_went_is_not_told),
	    cmocka_unit_test(hidden_changes_are_not_told),
	    cmocka_unit_test(expected_flags_are_silent),
	    cmocka_unit_test(many_views_at_many_points),
	    cmocka_unit_test(a_deleted_mailbox_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

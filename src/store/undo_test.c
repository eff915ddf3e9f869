/* Undo (S32): any event but an arrival, and only what nobody touched since. */
#include "store/fixture_past.h"

static enum status
undo_last(struct fixture *f)
{
	return fixture_undo(f, fixture_now(f), fixture_now(f));
}

static void
assert_settled(struct fixture *f, uint64_t first, uint64_t last)
{
	fixture_settled(f,
	    &(struct change){
		.kind = CHANGE_UNDO, .first = first, .last = last});
}

static void
an_expunge_returns_without_deleted(void **state UNUSED)
{
	struct fixture f;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_flags(&f, "a", FLAGS_ADD, FLAG_DELETED, 1, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "a", NULL, 1, 2));
	at = fixture_now(&f);
	assert_ok(fixture_undo(&f, at, at));
	assert_str(fixture_show(&f, "a"), "3:\\Flagged 4:\\Seen 5:$Work");
	assert_int_equal(f.done.brought.fresh, 2);
	assert_settled(&f, at, at);
	/* The undo is an event, too; and its undo. */
	assert_ok(undo_last(&f));
	assert_str(fixture_show(&f, "a"), "3:\\Flagged");
	assert_ok(undo_last(&f));
	assert_str(fixture_show(&f, "a"), "3:\\Flagged 6:\\Seen 7:$Work");
	fixture_release(&f);
}

static void
a_move_goes_back_unless_it_went_on(void **state UNUSED)
{
	struct fixture f;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "a", "Trash", 1, 3));
	at = fixture_now(&f);
	assert_ok(fixture_flags(&f, "Trash", FLAGS_ADD, FLAG_SEEN, 2, 2));
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "Trash", "Junk", 3, 3));
	assert_ok(fixture_undo(&f, at, at));
	assert_int_equal(f.done.brought.moved_back, 2);
	assert_int_equal(f.done.brought.elsewhere, 1);
	assert_str(fixture_show(&f, "a"), "4:\\Seen 5:\\Seen $Work");
	assert_str(fixture_show(&f, "Trash"), "");
	assert_settled(&f, at, at);
	/* Both moves as one event: from the last place to the first. */
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "a", "Trash", 4, 4));
	at = fixture_now(&f);
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "Trash", "Junk", 4, 4));
	assert_ok(fixture_undo(&f, at, at + 1));
	assert_str(fixture_show(&f, "a"), "5:\\Seen $Work 6:\\Seen");
	assert_str(fixture_show(&f, "Junk"), "1:\\Flagged");
	assert_settled(&f, at, at + 1);
	fixture_release(&f);
}

/* Thrown away, and the Trash emptied: whichever is taken back first. */
static void
a_move_into_an_emptied_trash_goes_back(void **state UNUSED)
{
	struct fixture f;
	uint64_t moved, emptied;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "a", "Trash", 1, 2));
	moved = fixture_now(&f);
	assert_ok(fixture_flags(&f, "Trash", FLAGS_ADD, FLAG_DELETED, 1, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash", NULL, 1, 2));
	emptied = fixture_now(&f);
	/* The newer one first: they are in the Trash, and go on from there. */
	assert_ok(fixture_undo(&f, emptied, emptied));
	assert_str(fixture_show(&f, "Trash"), "3:\\Seen 4:$Work");
	assert_ok(fixture_undo(&f, moved, moved));
	assert_int_equal(f.done.brought.moved_back, 2);
	assert_str(fixture_show(&f, "Trash"), "");
	assert_str(fixture_show(&f, "a"), "3:\\Flagged 4:\\Seen 5:$Work");
	assert_settled(&f, moved, moved);
	assert_settled(&f, emptied, emptied);
	fixture_release(&f);

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "a", "Trash", 1, 2));
	moved = fixture_now(&f);
	assert_ok(fixture_flags(&f, "Trash", FLAGS_ADD, FLAG_DELETED, 1, 2));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Trash", NULL, 1, 2));
	emptied = fixture_now(&f);
	assert_ok(fixture_undo(&f, moved, moved));
	assert_int_equal(f.done.brought.fresh, 2);
	assert_str(fixture_show(&f, "a"), "3:\\Flagged 4:\\Seen 5:$Work");
	assert_settled(&f, moved, moved);
	/* And none is doubled by the other one. */
	assert_ok(fixture_undo(&f, emptied, emptied));
	assert_int_equal(f.done.brought.elsewhere, 2);
	assert_str(fixture_show(&f, "Trash"), "");
	fixture_release(&f);
}

static void
flags_lose_what_the_event_did_and_no_more(void **state UNUSED)
{
	struct fixture f;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_flags(&f, "a", FLAGS_SET, FLAG_SEEN, 1, 3));
	at = fixture_now(&f);
	assert_ok(fixture_flags(&f, "a", FLAGS_ADD, FLAG_ANSWERED, 2, 3));
	assert_ok(fixture_undo(&f, at, at));
	assert_str(fixture_show(&f, "a"),
	    "1:\\Seen 2:\\Answered $Work 3:\\Answered \\Flagged");
	assert_int_equal(f.done.brought.flags, 2);
	assert_settled(&f, at, at);
	assert_ok(undo_last(&f));
	assert_str(fixture_show(&f, "a"),
	    "1:\\Seen 2:\\Answered \\Seen 3:\\Answered \\Seen");
	fixture_release(&f);
}

static void
a_deleted_folder_returns_as_itself(void **state UNUSED)
{
	struct fixture f;
	struct mailbox was;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "a/b");
	was = *fixture_box(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	at = fixture_now(&f);
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a! a/b");
	assert_ok(fixture_undo(&f, at, at));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a a/b");
	assert_int_equal(fixture_box(&f, "a")->id, was.id);
	assert_int_equal(fixture_box(&f, "a")->uidvalidity, was.uidvalidity);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	assert_settled(&f, at, at);
	/* Undone, it goes again; and returns, still the same. */
	assert_ok(undo_last(&f));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a! a/b");
	assert_ok(undo_last(&f));
	assert_int_equal(fixture_box(&f, "a")->id, was.id);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_reopen(&f);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_release(&f);
}

static void
what_was_touched_since_stays(void **state UNUSED)
{
	struct fixture f;
	uint64_t at, created;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "b/c", NULL));
	created = fixture_now(&f);
	assert_ok(fixture_uids(&f, CHANGE_COPY, "a", "b/c", 1, 3));
	at = fixture_now(&f);
	assert_ok(fixture_flags(&f, "b/c", FLAGS_ADD, FLAG_ANSWERED, 2, 2));
	assert_ok(fixture_undo(&f, at, at));
	assert_int_equal(f.done.brought.removed, 2);
	assert_int_equal(f.done.brought.skipped, 1);
	assert_str(fixture_show(&f, "b/c"), "2:\\Answered $Work");
	/* Its folder has a message, so it stays as well. */
	assert_ok(fixture_undo(&f, created, created));
	assert_int_equal(f.done.brought.skipped, 2);
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a b b/c");
	assert_ok(fixture_undo(&f, created, at + 1));
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a");
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_release(&f);
}

static void
a_restore_goes_back_into_the_history(void **state UNUSED)
{
	struct fixture f;
	struct change c = {
	    .kind = CHANGE_RESTORE, .move_back = true, .flags_back = true};
	struct account_usage before, after;
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "b");
	c.at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "b", "Trash", 1, 1));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "b", NULL, 2, 2));
	assert_ok(fixture_flags(&f, "b", FLAGS_ADD, FLAG_DRAFT, 3, 3));
	account_usage(f.a, &before);
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "b"), "3:\\Flagged 4:$Work 5:\\Seen");
	at = fixture_now(&f);
	assert_ok(fixture_undo(&f, at, at));
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash b");
	assert_str(fixture_show(&f, "b"), "3:\\Flagged \\Draft");
	assert_str(fixture_show(&f, "Trash"), "2:\\Seen");
	account_usage(f.a, &after);
	assert_int_equal(after.bytes, before.bytes);
	assert_int_equal(after.retained_bytes, before.retained_bytes);
	assert_settled(&f, at, at);
	fixture_release(&f);
}

static void
names_go_back(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_SPECIAL_USE};
	uint64_t at;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "a/b");
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "c"));
	at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "c/new", NULL));
	assert_ok(fixture_undo(&f, at, at));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a a/b a/new");
	assert_settled(&f, at, at);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "c"));
	at = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	assert_ok(fixture_undo(&f, at, at)); /* the name is taken */
	assert_int_equal(f.done.brought.skipped, 3);
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a c c/b c/new");
	c.mailbox = fixture_box(&f, "c")->id;
	c.special_use = USE_ALL;
	assert_ok(fixture_do(&f, &c));
	assert_ok(undo_last(&f));
	assert_int_equal(fixture_box(&f, "c")->special_use, 0);
	c = (struct change){
	    .kind = CHANGE_SUBSCRIBE, .name = S("c"), .on = true};
	assert_ok(fixture_do(&f, &c));
	assert_true(fixture_box(&f, "c")->subscribed);
	assert_ok(undo_last(&f));
	assert_false(fixture_box(&f, "c")->subscribed);
	c = (struct change){.kind = CHANGE_QUOTA, .quota = 77};
	assert_ok(fixture_do(&f, &c));
	assert_ok(undo_last(&f));
	assert_int_equal(f.a->quota, 0);
	fixture_release(&f);
}

/* Names without mail that a rename took along, over one that was deleted. */
static void
no_empty_name_stays_behind(void **state UNUSED)
{
	struct fixture f;
	uint64_t first;

	fixture_init(&f);
	fixture_fill_folder(&f, "d");
	fixture_fill_folder(&f, "b/x/y");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "b", NULL));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "b/x", NULL));
	first = fixture_now(&f) + 1;
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "d", NULL));
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "b", "d"));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash d! d/x! d/x/y");
	assert_ok(fixture_undo(&f, first, fixture_now(&f)));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash b! b/x! b/x/y d");
	fixture_release(&f);
}

static void
messages_of_inbox_return_to_it(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "Subject: 1\r\n\r\n", FLAG_SEEN, "");
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "INBOX", "old/x"));
	assert_ok(undo_last(&f));
	assert_str(fixture_show(&f, "INBOX"), "2:\\Seen");
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash");
	fixture_release(&f);
}

static void
a_device_alone_is_undone(void **state UNUSED)
{
	static const struct origin phone = {.credential = STR_INIT("phone")};
	static const struct origin laptop = {.credential = STR_INIT("laptop")};
	struct fixture f;
	struct past_event *events;
	struct change c = {.kind = CHANGE_EXPUNGE, .forced = true};
	uint64_t first, list[2];
	size_t n;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	first = fixture_now(&f) + 1;
	c.mailbox = fixture_box(&f, "a")->id;
	for (uint32_t uid = 1; uid <= 3; uid++) {
		c.origin = uid == 2 ? &laptop : &phone;
		uidset_add(&c.uids, uid, uid);
		assert_ok(fixture_do(&f, &c));
		uidset_clear(&c.uids);
	}
	uidset_release(&c.uids);
	assert_ok(past_events(f.a, first - 1, 9, &f.arena, &events, &n));
	assert_int_equal(n, 3);
	assert_true(events[0].origin_id == events[2].origin_id);
	assert_true(events[0].origin_id != events[1].origin_id);
	c = (struct change){.kind = CHANGE_UNDO,
	    .first = first,
	    .last = first + 2,
	    .by = events[1].origin_id};
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "a"), "4:$Work");
	list[0] = first + 2;
	list[1] = first;
	c = (struct change){.kind = CHANGE_UNDO, .events = list, .n_events = 2};
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "a"), "4:$Work 5:\\Seen 6:\\Flagged");
	fixture_release(&f);
}

static void
an_arrival_is_not_undone(void **state UNUSED)
{
	struct fixture f;
	uint64_t first;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	first = fixture_now(&f);
	assert_int_equal(undo_last(&f), ST_CANNOT);
	assert_ok(fixture_flags(&f, "a", FLAGS_ADD, FLAG_SEEN, 3, 3));
	assert_ok(fixture_undo(&f, first, first + 1));
	assert_int_equal(f.done.brought.refused, 1);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	assert_int_equal(fixture_undo(&f, 0, 3), ST_INVALID);
	assert_int_equal(
	    fixture_undo(&f, fixture_now(&f) + 1, fixture_now(&f) + 9),
	    ST_NOT_FOUND);
	fixture_release(&f);
}

static void
a_name_that_goes_back_makes_room(void **state UNUSED)
{
	struct fixture f;
	uint64_t first, id;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "b");
	id = fixture_box(&f, "b")->id;
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	first = fixture_now(&f);
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "b", "a"));
	assert_ok(fixture_undo(&f, first, first + 1));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a b");
	assert_int_equal(fixture_box(&f, "b")->id, id);
	assert_str(fixture_show(&f, "a"), "1:\\Seen 2:$Work 3:\\Flagged");
	fixture_reopen(&f);
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a b");
	fixture_release(&f);
}

static uint64_t
id_of(struct fixture *f, const char *name)
{
	return fixture_box(f, name)->id;
}

static void
rename_to(struct fixture *f, const char *from, const char *to)
{
	assert_ok(fixture_folder(f, CHANGE_RENAME, from, to));
}

static void
names_in_a_circle_go_back(void **state UNUSED)
{
	struct fixture f;
	uint64_t first, a, b, c;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "a/x");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "b", NULL));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "b/x", NULL));
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "c", NULL));
	a = id_of(&f, "a");
	b = id_of(&f, "b/x");
	c = id_of(&f, "c");
	first = fixture_now(&f) + 1;
	rename_to(&f, "a", "t");
	rename_to(&f, "c", "a");
	rename_to(&f, "b", "c");
	rename_to(&f, "t", "b");
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash a b b/x c c/x");
	for (int i = 0; i < 3; i++) { /* undo, undo of it, undo of that */
		assert_ok(i ? undo_last(&f)
			    : fixture_undo(&f, first, fixture_now(&f)));
		if (i == 1) {
			assert_int_equal(id_of(&f, "b"), a);
			assert_int_equal(id_of(&f, "c/x"), b);
			assert_int_equal(id_of(&f, "a"), c);
			continue;
		}
		if (i == 2)
			fixture_reopen(&f);
		assert_str(fixture_names(&f),
		    "INBOX Archive Drafts Junk Sent Trash a a/x b b/x c");
		assert_int_equal(id_of(&f, "a"), a);
		assert_int_equal(id_of(&f, "b/x"), b);
		assert_int_equal(id_of(&f, "c"), c);
		assert_str(
		    fixture_show(&f, "a/x"), "1:\\Seen 2:$Work 3:\\Flagged");
	}
	assert_settled(&f, first, first + 3);
	fixture_release(&f);
}

/* A name that was in the way of one of them stays, and so do all. */
static void
a_circle_that_was_left_stays(void **state UNUSED)
{
	struct fixture f;
	uint64_t first, last;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "b");
	first = fixture_now(&f) + 1;
	rename_to(&f, "a", "t");
	rename_to(&f, "b", "a");
	rename_to(&f, "t", "b");
	last = fixture_now(&f);
	rename_to(&f, "b", "z");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "b", NULL));
	assert_ok(fixture_undo(&f, first, last));
	assert_int_equal(f.done.modseq, 0);
	assert_int_equal(f.done.brought.skipped, 2);
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a b z");
	fixture_release(&f);
}

/* b/c makes b a name with children only, when b is deleted before b/c. */
static void
make_plain(struct fixture *f)
{
	fixture_fill_folder(f, "b");
	fixture_fill_folder(f, "b/c");
	assert_ok(fixture_folder(f, CHANGE_DELETE, "b", NULL));
	assert_false(fixture_box(f, "b")->selectable);
}

static void
a_name_without_messages_returns(void **state UNUSED)
{
	struct fixture f;
	uint64_t first;

	fixture_init(&f);
	make_plain(&f);
	rename_to(&f, "b/c", "c");
	first = fixture_now(&f) + 1;
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "b", NULL));
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash c");
	assert_ok(fixture_undo(&f, first, first));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash b! c");
	assert_false(fixture_box(&f, "b")->selectable);
	assert_settled(&f, first, first);
	/* The undo made it, so its own undo takes it; and that one's not. */
	assert_ok(undo_last(&f));
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash c");
	assert_ok(undo_last(&f));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash b! c");
	assert_false(fixture_box(&f, "b")->selectable);
	fixture_release(&f);
}

static void
a_name_without_messages_goes_back(void **state UNUSED)
{
	struct fixture f;
	uint64_t at, id;

	fixture_init(&f);
	make_plain(&f);
	id = id_of(&f, "b");
	rename_to(&f, "b", "a");
	at = fixture_now(&f);
	assert_ok(fixture_undo(&f, at, at));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash b! b/c");
	assert_int_equal(id_of(&f, "b"), id);
	assert_settled(&f, at, at);
	/* Where the old name is another's by now, it stays where it is. */
	assert_ok(undo_last(&f));
	at = fixture_now(&f);
	rename_to(&f, "a/c", "c");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "b", NULL));
	assert_ok(fixture_undo(&f, at, at));
	assert_int_equal(f.done.modseq, 0);
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a! b c");
	fixture_release(&f);
}

/*
 * The restore gives b/c its name back where it had come from, a moved tree,
 * and makes what was there anew: undone, no name is left over.
 */
static void
a_restored_tree_makes_room(void **state UNUSED)
{
	struct change c = {.kind = CHANGE_RESTORE, .move_back = true};
	struct fixture f;
	uint64_t id;

	fixture_init(&f);
	fixture_fill_folder(&f, "a");
	fixture_fill_folder(&f, "a/b");
	id = id_of(&f, "a/b");
	c.at = fixture_now(&f);
	rename_to(&f, "a/b", "z");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	assert_ok(fixture_do(&f, &c));
	assert_str(
	    fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a a/b");
	assert_true(fixture_box(&f, "a")->selectable);
	assert_ok(undo_last(&f));
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash z");
	assert_int_equal(id_of(&f, "z"), id);
	fixture_release(&f);
}

/* A folder changes places with one below it, which has a child in its way. */
static void
a_tree_that_was_turned_goes_back(void **state UNUSED)
{
	struct fixture f;
	uint64_t first, x, d;

	fixture_init(&f);
	fixture_fill_folder(&f, "b/x");
	fixture_fill_folder(&f, "b/x/d");
	fixture_fill_folder(&f, "b/x/d/x");
	x = id_of(&f, "b/x");
	d = id_of(&f, "b/x/d/x");
	first = fixture_now(&f) + 1;
	rename_to(&f, "b/x", "c");
	rename_to(&f, "c/d/x", "b/x");
	assert_ok(fixture_undo(&f, first, first + 1));
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Junk Sent Trash b b/x b/x/d b/x/d/x");
	assert_int_equal(id_of(&f, "b/x"), x);
	assert_int_equal(id_of(&f, "b/x/d/x"), d);
	assert_settled(&f, first, first + 1);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_expunge_returns_without_deleted),
	    cmocka_unit_test(a_move_goes_back_unless_it_went_on),
	    cmocka_unit_test(a_move_into_an_emptied_trash_goes_back),
	    cmocka_unit_test(flags_lose_what_the_event_did_and_no_more),
	    cmocka_unit_test(a_deleted_folder_returns_as_itself),
	    cmocka_unit_test(what_was_touched_since_stays),
	    cmocka_unit_test(a_restore_goes_back_into_the_history),
	    cmocka_unit_test(names_go_back),
	    cmocka_unit_test(no_empty_name_stays_behind),
	    cmocka_unit_test(messages_of_inbox_return_to_it),
	    cmocka_unit_test(a_device_alone_is_undone),
	    cmocka_unit_test(an_arrival_is_not_undone),
	    cmocka_unit_test(a_name_that_goes_back_makes_room),
	    cmocka_unit_test(names_in_a_circle_go_back),
	    cmocka_unit_test(a_circle_that_was_left_stays),
	    cmocka_unit_test(a_name_without_messages_returns),
	    cmocka_unit_test(a_name_without_messages_goes_back),
	    cmocka_unit_test(a_restored_tree_makes_room),
	    cmocka_unit_test(a_tree_that_was_turned_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

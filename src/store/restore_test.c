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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_deleted_folder_is_the_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

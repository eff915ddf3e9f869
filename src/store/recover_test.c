/* What a crash or a lost file leave, and what becomes of it. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "store/db_int.h"
#include "store/fixture_crash.h"
#include "store/lease.h"
#include "store/message.h"
#include "store/pack.h"

static const char hello[] = "Subject: hello\r\nMessage-ID: <1@x>\r\n"
			    "\r\nBody\r\n";
static const char reply[] = "In-Reply-To: <1@x>\r\n\r\nYes\r\n";

static void
entry_of(struct fixture *f, const char *name, uint32_t msn, struct entry *e,
    struct message *m)
{
	struct view *v;

	assert_ok(
	    view_open(f->a, &fixture_viewer, fixture_box(f, name)->id, &v));
	view_entry(v, msn, e);
	assert_ok(message_get(f->a, e->message, m));
	view_close(&v);
}

static void
assert_body(struct fixture *f, const struct message *m)
{
	struct buf b;

	buf_init(&b, 10000);
	assert_ok(message_read(f->a, m->id, 0, m->size, &b));
	assert_str(buf_str(&b), hello);
	buf_release(&b);
}

static void
synced_but_not_committed_comes_back(void **state UNUSED)
{
	struct fixture f;
	struct incoming *in = fixture_message(hello);
	struct change c = {
	    .kind = CHANGE_DELIVER, .messages = &in, .n_messages = 1};
	struct entry e;
	struct message m;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, FLAG_SEEN, "");
	f.hold = true;
	fixture_reopen(&f);
	store_submit(f.store, f.a, &c, 1);
	fixture_run(&f);
	fixture_crash(&f, "", "");
	fixture_account(&f);
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen 2:");
	entry_of(&f, "INBOX", 2, &e, &m);
	assert_body(&f, &m);
	incoming_free(&in);
	fixture_release(&f);
}

static void
a_lost_wal_loses_no_mail(void **state UNUSED)
{
	struct fixture f;
	struct entry before, after;
	struct message m, n;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, FLAG_SEEN, "$Work");
	fixture_append(&f, "Sent", hello, FLAG_FLAGGED, "");
	fixture_append(&f, "INBOX", hello, 0, "");
	entry_of(&f, "INBOX", 1, &before, &m);
	fixture_crash(&f, "mail.db-wal", "");
	fixture_account(&f);
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash");
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen $Work 2:");
	assert_str(fixture_show(&f, "Sent"), "1:\\Flagged");
	entry_of(&f, "INBOX", 1, &after, &n);
	assert_int_equal(before.message, after.message);
	assert_string_equal(m.emailid, n.emailid);
	assert_string_equal(m.threadid, n.threadid);
	assert_int_equal(m.internaldate_ms, n.internaldate_ms);
	assert_int_equal(m.header_size, n.header_size);
	assert_body(&f, &n);
	/* The thread is known again, too. */
	assert_int_equal(fixture_append(&f, "INBOX", reply, 0, ""), 3);
	entry_of(&f, "INBOX", 3, &after, &n);
	assert_string_equal(m.threadid, n.threadid);
	fixture_release(&f);
}

static void
a_lost_database_is_rebuilt(void **state UNUSED)
{
	struct fixture f;
	struct entry e;
	struct message m;
	uint32_t validity;
	uint64_t modseq;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, FLAG_SEEN, "");
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a/b", NULL));
	fixture_append(&f, "a/b", hello, 0, "$Work");
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "a", "c"));
	fixture_append(&f, "Junk", hello, 0, "");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "Junk", NULL));
	validity = fixture_box(&f, "c/b")->uidvalidity;
	modseq = f.done.modseq;
	fixture_crash(&f, "mail.db", "mail.db-wal");
	fixture_account(&f);
	assert_str(fixture_names(&f),
	    "INBOX Archive Drafts Recovered/Junk Sent Trash c c/b");
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen");
	assert_str(fixture_show(&f, "c/b"), "1:$Work");
	/* MOVE is not in the packs: what Junk held may have left it. */
	assert_str(fixture_show(&f, "Recovered/Junk"), "1:");
	assert_int_equal(fixture_box(&f, "c/b")->uidvalidity, validity);
	assert_int_equal(fixture_box(&f, "INBOX")->uidnext, 2 + (1 << 24));
	assert_true(fixture_box(&f, "INBOX")->highestmodseq > 0);
	entry_of(&f, "c/b", 1, &e, &m);
	assert_body(&f, &m);
	fixture_append(&f, "INBOX", hello, 0, "");
	assert_true(f.done.modseq > modseq + (UINT64_C(1) << 40));
	fixture_reopen(&f);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 2);
	fixture_release(&f);
}

static void
an_epoch_raises_what_may_have_been_given(void **state UNUSED)
{
	struct fixture f;
	struct uidset gone, changed;
	uint64_t before, id;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	before = f.done.modseq;
	id = fixture_box(&f, "INBOX")->id;
	f.cfg.epoch = 2;
	fixture_reopen(&f);
	assert_int_equal(fixture_box(&f, "INBOX")->uidnext, 2 + (1 << 17));
	assert_int_equal(
	    fixture_append(&f, "INBOX", hello, 0, ""), 2 + (1 << 17));
	assert_true(f.done.modseq > before + (UINT64_C(1) << 40));
	assert_ok(
	    past_changes_since(f.a, id, before, &f.arena, &gone, &changed));
	assert_int_equal(uidset_count(&changed), 1);
	/* A modseq that only the lost future knew: told everything. */
	assert_int_equal(
	    past_changes_since(f.a, id, before + 5, &f.arena, &gone, &changed),
	    ST_NOT_FOUND);
	/* Dealt with once. */
	fixture_reopen(&f);
	assert_int_equal(fixture_box(&f, "INBOX")->uidnext, 3 + (1 << 17));
	fixture_release(&f);
}

static void
write_pack(struct fixture *f, off_t at, const char *bytes)
{
	char path[128];
	int fd;

	snprintf(
	    path, sizeof(path), "%s/accounts/an/anna/pack-000001", f->root);
	fd = open(path, O_WRONLY);
	if (bytes)
		assert_int_equal(pwrite(fd, bytes, strlen(bytes), at),
		    (ssize_t)strlen(bytes));
	else
		assert_int_equal(ftruncate(fd, at), 0);
	close(fd);
}

static void
a_torn_tail_is_cut(void **state UNUSED)
{
	struct fixture f;
	uint64_t end;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	end = pack_end(f.a->pack).offset;
	fixture_close(&f);
	write_pack(&f, (off_t)end, "MSRC and then nothing of sense follows");
	fixture_open(&f);
	fixture_account(&f);
	assert_str(fixture_show(&f, "INBOX"), "1:");
	assert_int_equal(pack_end(f.a->pack).offset, end);
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_reopen(&f);
	assert_str(fixture_show(&f, "INBOX"), "1: 2:");
	fixture_release(&f);
}

static void
a_short_pack_can_be_read_only(void **state UNUSED)
{
	struct fixture f;
	struct entry e;
	struct message m;
	uint64_t end;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	end = pack_end(f.a->pack).offset;
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_close(&f);
	write_pack(&f, (off_t)end + 10, NULL);
	fixture_open(&f);
	fixture_account(&f);
	assert_str(fixture_show(&f, "INBOX"), "1: 2:");
	entry_of(&f, "INBOX", 1, &e, &m);
	assert_body(&f, &m);
	assert_int_equal(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1),
	    ST_READONLY);
	fixture_release(&f);
}

static bool
is_there(const struct fixture *f, const char *name)
{
	struct stat sb;

	return fstatat(f->a->dir_fd, name, &sb, 0) == 0;
}

static void
touch(const struct fixture *f, const char *name)
{
	int fd = openat(f->a->dir_fd, name, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

/* S6: a power cut leaves the file of a message whose record it took. */
static void
a_large_file_without_a_message_goes(void **state UNUSED)
{
	struct fixture f;
	struct incoming *in;
	struct change c = {.kind = CHANGE_APPEND, .n_messages = 1};
	char large[32];

	fixture_init(&f);
	f.store->apart_min = 1;
	for (int i = 0; i < 2; i++) {
		in = incoming_new(
		    open(f.root, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), 100000);
		assert_ok(incoming_write(in, str_from(hello)));
		assert_ok(incoming_finish(in));
		c.mailbox = fixture_box(&f, "INBOX")->id;
		c.messages = &in;
		assert_ok(fixture_do(&f, &c));
		incoming_free(&in);
	}
	/* The record of the first alone names it, the row is gone. */
	(void)snprintf(large, sizeof(large), "large-%llu",
	    (unsigned long long)f.a->next_id - 1);
	assert_true(is_there(&f, large));
	assert_int_equal(
	    sqlite3_exec(f.a->db,
		"DELETE FROM message WHERE id=(SELECT min(id) FROM message)",
		NULL, NULL, NULL),
	    SQLITE_OK);
	touch(&f, "large-999999");
	touch(&f, "large-x");
	fixture_reopen(&f);
	assert_false(is_there(&f, "large-999999"));
	assert_true(is_there(&f, "large-x"));
	assert_true(is_there(&f, large));
	(void)snprintf(large, sizeof(large), "large-%llu",
	    (unsigned long long)f.a->next_id - 2);
	assert_true(is_there(&f, large));
	/* A backup has the folder in hand: nothing goes. */
	{
		int lease;

		touch(&f, "large-999999");
		assert_ok(lease_take(f.cfg.root, S("anna"), &lease));
		fixture_reopen(&f);
		assert_true(is_there(&f, "large-999999"));
		lease_end(&lease);
	}
	fixture_release(&f);
}

/* A folder "a" with a message is deleted, and brought back by an undo. */
static void
delete_and_undo(struct fixture *f, bool checkpoint)
{
	struct change c = {.kind = CHANGE_UNDO};
	struct account_usage u;

	assert_ok(fixture_folder(f, CHANGE_CREATE, "a", NULL));
	fixture_append(f, "a", hello, FLAG_SEEN, "");
	assert_ok(fixture_folder(f, CHANGE_DELETE, "a", NULL));
	account_usage(f->a, &u);
	if (checkpoint)
		fixture_reopen(f);
	c.first = c.last = u.modseq;
	assert_ok(fixture_do(f, &c));
	assert_int_equal(f->done.brought.kept, 1);
}

static void
mail_for_a_restored_folder_finds_it_without_its_rows(void **state UNUSED)
{
	struct fixture f;
	struct mailbox was;
	struct entry e;
	struct message m;

	fixture_init(&f);
	delete_and_undo(&f, true);
	was = *fixture_box(&f, "a");
	assert_int_equal(fixture_append(&f, "a", hello, FLAG_DRAFT, ""), 2);
	fixture_crash(&f, "mail.db-wal", "");
	fixture_account(&f);
	assert_int_equal(fixture_box(&f, "a")->id, was.id);
	assert_int_equal(fixture_box(&f, "a")->uidvalidity, was.uidvalidity);
	assert_str(fixture_show(&f, "a"), "2:\\Draft");
	entry_of(&f, "a", 1, &e, &m);
	assert_body(&f, &m);
	fixture_release(&f);
}

static void
a_restored_folder_has_its_name_in_a_rebuild(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	delete_and_undo(&f, false);
	fixture_crash(&f, "mail.db", "mail.db-wal");
	fixture_account(&f);
	assert_str(fixture_names(&f), "INBOX Archive Drafts Junk Sent Trash a");
	assert_str(fixture_show(&f, "a"), "1:\\Seen");
	fixture_release(&f);
}

/* S22: it may have been there, with more, in what the crash took. */
static void
a_deleted_folder_has_new_numbers_after_a_crash(void **state UNUSED)
{
	struct change c = {.kind = CHANGE_UNDO};
	struct account_usage u;
	struct fixture f;

	fixture_init(&f);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "a", NULL));
	fixture_append(&f, "a", hello, FLAG_SEEN, "");
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "a", NULL));
	account_usage(f.a, &u);
	f.cfg.epoch++;
	fixture_reopen(&f);
	c.first = c.last = u.modseq;
	assert_ok(fixture_do(&f, &c));
	assert_str(fixture_show(&f, "a"), "1:\\Seen");
	assert_int_equal(fixture_append(&f, "a", hello, 0, ""), 2 + (1 << 17));
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(synced_but_not_committed_comes_back),
	    cmocka_unit_test(a_lost_wal_loses_no_mail),
	    cmocka_unit_test(a_lost_database_is_rebuilt),
	    cmocka_unit_test(an_epoch_raises_what_may_have_been_given),
	    cmocka_unit_test(a_torn_tail_is_cut),
	    cmocka_unit_test(a_short_pack_can_be_read_only),
	    cmocka_unit_test(a_large_file_without_a_message_goes),
	    cmocka_unit_test(
		mail_for_a_restored_folder_finds_it_without_its_rows),
	    cmocka_unit_test(a_restored_folder_has_its_name_in_a_rebuild),
	    cmocka_unit_test(a_deleted_folder_has_new_numbers_after_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

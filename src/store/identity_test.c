/* A message that comes from elsewhere keeps what it was called there. */
#include "store/fixture_sql.h"
#include "store/message.h"

static const unsigned char emailid[16] = "0123456789abcde";

static void
append_known(struct fixture *f, struct str uidl)
{
	struct incoming *in = fixture_message("Subject: known\r\n\r\nBody\r\n");
	struct change c = {
	    .kind = CHANGE_APPEND,
	    .mailbox = fixture_box(f, "INBOX")->id,
	    .messages = &in,
	    .n_messages = 1,
	    .once = true,
	};
	struct incoming *other;
	struct buf b;
	int fd;

	incoming_set_emailid(in, emailid);
	assert_ok(incoming_set_uidl(in, uidl));
	/* As a command line hands it to a worker. */
	fd = dup(incoming_fd(in));
	assert_true(fd >= 0);
	buf_init(&b, 1024);
	incoming_encode(in, &b);
	assert_ok(incoming_decode(buf_str(&b), fd, &other));
	c.messages = &other;
	assert_ok(fixture_do(f, &c));
	buf_release(&b);
	incoming_free(&other);
	incoming_free(&in);
}

/* "EMAILID UIDL" of the message at that place of INBOX. */
static struct str
names(struct fixture *f, uint32_t msn)
{
	struct message m;
	struct entry e;
	struct view *v;
	struct buf b;
	struct str s;

	buf_init(&b, 256);
	assert_ok(
	    view_open(f->a, &fixture_viewer, fixture_box(f, "INBOX")->id, &v));
	view_entry(v, msn, &e);
	view_close(&v);
	assert_ok(message_get(f->a, e.message, &m));
	buf_addf(&b, "%s ", m.emailid);
	assert_ok(message_uidl(f->a, e.message, &b));
	s = arena_str(&f->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static void
both_are_kept(void **state UNUSED)
{
	char path[128], text[33];
	struct fixture f;
	struct str want;

	message_emailid_text(emailid, text);
	fixture_init(&f);
	append_known(&f, S("00000001abcd"));
	want = arena_printf(&f.arena, "%s 00000001abcd", text);
	assert_str(names(&f, 1), want.p);
	fixture_reopen(&f);
	assert_str(names(&f, 1), want.p);
	/* Once, also when it is gone. */
	append_known(&f, S("00000001abcd"));
	assert_int_equal(f.done.modseq, 0);
	assert_str(fixture_show(&f, "INBOX"), "1:");
	/* Another one has an EMAILID of its own, and no UIDL. */
	fixture_append(&f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	assert_true(names(&f, 2).n == 28 && !str_starts(names(&f, 2), want));
	/* The pack knows them, too. */
	fixture_close(&f);
	snprintf(path, sizeof(path), "%s/accounts/an/anna/mail.db", f.root);
	assert_int_equal(unlink(path), 0);
	fixture_open(&f);
	fixture_account(&f);
	assert_str(names(&f, 1), want.p);
	fixture_release(&f);
}

static void
a_bad_uidl_is_refused(void **state UNUSED)
{
	struct incoming *in = fixture_message("\r\n");
	char long_one[72] = {0};

	memset(long_one, 'x', 71);
	assert_int_equal(incoming_set_uidl(in, S("with space")), ST_INVALID);
	assert_int_equal(incoming_set_uidl(in, S("\x7f")), ST_INVALID);
	assert_int_equal(incoming_set_uidl(in, str_from(long_one)), ST_INVALID);
	assert_ok(incoming_set_uidl(in, str_of(long_one, 70)));
	incoming_free(&in);
}

static void
emailids_tell_retained_messages_too(void **state UNUSED)
{
	struct fixture f;
	struct buf ids;
	uint64_t next;

	fixture_init(&f);
	append_known(&f, S(""));
	fixture_append(&f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "INBOX", NULL, 1, 1));
	buf_init(&ids, 1024);
	assert_ok(message_emailids(f.a, 0, 1, &ids, &next));
	assert_int_equal(ids.n, 16);
	assert_memory_equal(ids.p, emailid, 16);
	assert_true(next > 0);
	assert_ok(message_emailids(f.a, next, 9, &ids, &next));
	assert_int_equal(ids.n, 32);
	assert_int_equal(next, 0);
	append_known(&f, S(""));
	assert_str(fixture_show(&f, "INBOX"), "2:");
	buf_release(&ids);
	fixture_release(&f);
}

/* A store of the first schema has no table for them. */
static void
an_older_store_learns_them(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	fixture_append(&f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	fixture_sql(&f,
	    "DROP TRIGGER uidl_gone; DROP TABLE uidl;"
	    "DROP TRIGGER known_gone; DROP TABLE known;"
	    "DROP TABLE purged; DROP TABLE pack; PRAGMA user_version=1");
	assert_true(str_ends(names(&f, 1), S(" ")));
	append_known(&f, S("u1"));
	assert_true(str_ends(names(&f, 2), S(" u1")));
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_are_kept),
	    cmocka_unit_test(a_bad_uidl_is_refused),
	    cmocka_unit_test(emailids_tell_retained_messages_too),
	    cmocka_unit_test(an_older_store_learns_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

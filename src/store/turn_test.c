/* Turns: what is synced when, who sees what when, and what failures leave. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "store/fixture.h"
#include "store/pack.h"

static const char hello[] = "Subject: hello\r\n\r\nBody\r\n";

static void
syncs_are_counted(void **state UNUSED)
{
	struct fixture f;
	uint64_t n;

	fixture_init(&f);
	n = f.store->n_syncs;
	fixture_append(&f, "INBOX", hello, 0, "");
	assert_int_equal(f.store->n_syncs - n, 1);
	n = f.store->n_syncs;
	assert_ok(fixture_uids(&f, CHANGE_COPY, "INBOX", "Sent", 1, 1));
	assert_int_equal(f.store->n_syncs - n, 1);
	n = f.store->n_syncs;
	assert_ok(fixture_uids(&f, CHANGE_MOVE, "INBOX", "Junk", 1, 1));
	assert_int_equal(f.store->n_syncs - n, 1);
	n = f.store->n_syncs;
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Sent", NULL, 1, 1));
	assert_int_equal(f.store->n_syncs - n, 1);
	n = f.store->n_syncs;
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "x", NULL));
	assert_int_equal(f.store->n_syncs - n, 2);
	/* Flags: none now, one for all of them after a second. */
	n = f.store->n_syncs;
	for (unsigned i = 0; i < 4; i++)
		assert_ok(fixture_flags(&f, "Junk", FLAGS_ADD, 1u << i, 1, 1));
	assert_int_equal(f.store->n_syncs - n, 0);
	assert_int_equal(store_deadline(f.store), f.mono + 1000);
	f.mono += 999;
	store_run(f.store);
	assert_int_equal(f.store->n_syncs - n, 0);
	f.mono += 1;
	store_run(f.store);
	assert_int_equal(f.store->n_syncs - n, 1);
	assert_true(store_deadline(f.store) == INT64_MAX);
	fixture_release(&f);
}

static void
flags_wait_when_told_to(void **state UNUSED)
{
	struct fixture f;
	uint64_t n;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	f.cfg.flags_sync = true;
	fixture_reopen(&f);
	n = f.store->n_syncs;
	assert_ok(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
	assert_int_equal(f.store->n_syncs - n, 1);
	fixture_release(&f);
}

static void
submit(struct fixture *f, struct change *c, struct incoming **in, uint64_t ask)
{
	*c = (struct change){
	    .kind = CHANGE_DELIVER, .messages = in, .n_messages = 1};
	store_submit(f->store, f->a, c, ask);
}

static void
hold(struct fixture *f)
{
	f->hold = true;
	fixture_reopen(f);
}

static void
what_waits_is_one_turn(void **state UNUSED)
{
	struct fixture f;
	struct change c[20];
	struct incoming *in = fixture_message(hello);

	fixture_init(&f);
	hold(&f);
	for (uint64_t i = 0; i < 10; i++)
		submit(&f, &c[i], &in, i);
	fixture_run(&f);
	assert_int_equal(f.n_tokens, 1);
	/* Not durable yet: nobody sees it, nobody is answered (S2). */
	assert_int_equal(f.n_answers, 0);
	assert_str(fixture_show(&f, "INBOX"), "");
	for (uint64_t i = 10; i < 20; i++)
		submit(&f, &c[i], &in, i);
	fixture_run(&f);
	assert_int_equal(f.n_tokens, 1);
	fixture_sync(&f, 0);
	fixture_run(&f);
	assert_int_equal(f.n_answers, 10);
	assert_int_equal(f.last_ask, 9);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 10);
	assert_int_equal(f.n_tokens, 1);
	fixture_sync(&f, 0);
	fixture_run(&f);
	assert_int_equal(f.n_answers, 20);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 20);
	assert_int_equal(f.n_commits, 3); /* one made the account */
	incoming_free(&in);
	fixture_release(&f);
}

static void
a_turn_stands_on_itself(void **state UNUSED)
{
	struct fixture f;
	struct change c[4];
	struct incoming *in = fixture_message(hello);
	uint64_t inbox, sent;

	fixture_init(&f);
	hold(&f);
	inbox = fixture_box(&f, "INBOX")->id;
	sent = fixture_box(&f, "Sent")->id;
	submit(&f, &c[0], &in, 0);
	c[1] = (struct change){.kind = CHANGE_FLAGS,
	    .mailbox = inbox,
	    .op = FLAGS_ADD,
	    .flags = {.bits = FLAG_SEEN}};
	c[2] = (struct change){
	    .kind = CHANGE_COPY, .mailbox = inbox, .target = sent};
	c[3] = (struct change){
	    .kind = CHANGE_EXPUNGE, .mailbox = inbox, .forced = true};
	for (int i = 1; i < 4; i++) {
		uidset_add(&c[i].uids, 1, 1);
		store_submit(f.store, f.a, &c[i], (uint64_t)i);
	}
	fixture_run(&f);
	fixture_sync(&f, 0); /* the pack */
	fixture_run(&f);
	assert_int_equal(f.n_answers, 0);
	/* Committed, not yet durable: still as before. */
	assert_str(fixture_show(&f, "Sent"), "");
	fixture_sync(&f, 0); /* the WAL */
	fixture_run(&f);
	assert_int_equal(f.n_answers, 4);
	assert_str(fixture_show(&f, "INBOX"), "");
	assert_str(fixture_show(&f, "Sent"), "1:\\Seen");
	for (int i = 1; i < 4; i++)
		uidset_release(&c[i].uids);
	fixture_reopen(&f);
	assert_str(fixture_show(&f, "INBOX"), "");
	assert_str(fixture_show(&f, "Sent"), "1:\\Seen");
	incoming_free(&in);
	fixture_release(&f);
}

static void
waiting_here_finishes_what_is_under_way(void **state UNUSED)
{
	struct fixture f;
	struct change c;
	struct incoming *in = fixture_message(hello);

	fixture_init(&f);
	hold(&f);
	submit(&f, &c, &in, 7);
	fixture_run(&f);
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "x", NULL));
	assert_int_equal(f.n_answers, 1);
	assert_int_equal(f.last_ask, 7);
	fixture_sync(&f, 0); /* comes late: nobody minds */
	fixture_run(&f);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 1);
	incoming_free(&in);
	fixture_release(&f);
}

static void
a_pack_that_fails_is_given_up(void **state UNUSED)
{
	struct fixture f;
	struct change c;
	struct incoming *in = fixture_message(hello);

	fixture_init(&f);
	hold(&f);
	submit(&f, &c, &in, 1);
	fixture_run(&f);
	fixture_sync(&f, EIO);
	fixture_run(&f);
	assert_int_equal(f.n_answers, 1);
	assert_int_equal(f.last_status, ST_IO);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 0);
	submit(&f, &c, &in, 2);
	fixture_run(&f);
	fixture_sync(&f, 0);
	fixture_run(&f);
	assert_int_equal(f.last_status, ST_OK);
	assert_int_equal(f.a->applied.pack, 2);
	/* What stands in the first pack behind its end never comes back. */
	fixture_reopen(&f);
	assert_str(fixture_show(&f, "INBOX"), "1:");
	incoming_free(&in);
	fixture_release(&f);
}

static void
an_unknown_outcome_is_called_so(void **state UNUSED)
{
	struct fixture f;
	struct change c = {.kind = CHANGE_EXPUNGE, .forced = true};

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	hold(&f);
	c.mailbox = fixture_box(&f, "INBOX")->id;
	uidset_add(&c.uids, 1, 1);
	store_submit(f.store, f.a, &c, 1);
	fixture_run(&f);
	fixture_sync(&f, EIO);
	fixture_run(&f);
	assert_int_equal(f.last_status, ST_UNKNOWN);
	/* Until it is opened anew, it takes no change. */
	assert_int_equal(fixture_flags(&f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1),
	    ST_READONLY);
	account_unref(&f.a);
	fixture_account(&f);
	assert_str(fixture_show(&f, "INBOX"), "");
	f.hold = false;
	fixture_reopen(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	uidset_release(&c.uids);
	fixture_release(&f);
}

static rlim_t
limit_files(rlim_t n)
{
	struct rlimit old, new;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	new = old;
	new.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &new), 0);
	return old.rlim_cur;
}

static void
a_full_disk_changes_nothing(void **state UNUSED)
{
	struct fixture f;
	struct incoming *in = fixture_message(hello);
	struct change c = {
	    .kind = CHANGE_DELIVER, .messages = &in, .n_messages = 1};
	struct place end;
	rlim_t old;
	enum status st;

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	end = pack_end(f.a->pack);
	/* The pack takes a part of the record, then no more. */
	old = limit_files(end.offset + 50);
	st = fixture_do(&f, &c);
	limit_files(old);
	assert_true(st == ST_NO_SPACE || st == ST_IO);
	assert_true(place_cmp(pack_end(f.a->pack), end) == 0);
	assert_str(fixture_show(&f, "INBOX"), "1:");
	/* The pack takes it, the WAL does not. */
	for (unsigned i = 0; i < 200; i++)
		assert_ok(fixture_flags(
		    &f, "INBOX", FLAGS_SET, i & FLAG_SYSTEM, 1, 1));
	old = limit_files(300 * 1024);
	st = fixture_do(&f, &c);
	limit_files(old);
	assert_true(st == ST_NO_SPACE || st == ST_IO);
	assert_true(place_cmp(pack_end(f.a->pack), end) == 0);
	assert_ok(fixture_do(&f, &c));
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 2);
	fixture_reopen(&f);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 2);
	assert_int_equal(fixture_box(&f, "INBOX")->uidnext, 3);
	incoming_free(&in);
	fixture_release(&f);
}

static void
below_the_reserve_mail_waits(void **state UNUSED)
{
	struct fixture f;
	struct incoming *in = fixture_message(hello);
	struct change c = {
	    .kind = CHANGE_DELIVER, .messages = &in, .n_messages = 1};

	fixture_init(&f);
	fixture_append(&f, "INBOX", hello, 0, "");
	f.cfg.reserve = UINT64_MAX;
	fixture_reopen(&f);
	assert_int_equal(fixture_do(&f, &c), ST_NO_SPACE);
	assert_int_equal(
	    fixture_uids(&f, CHANGE_COPY, "INBOX", "Sent", 1, 1), ST_NO_SPACE);
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "INBOX", NULL, 1, 1));
	incoming_free(&in);
	fixture_release(&f);
}

static void
open_accounts_are_bounded(void **state UNUSED)
{
	struct fixture f;

	fixture_init(&f);
	for (int i = 0; i < 12; i++) {
		char id[8];

		snprintf(id, sizeof(id), "acc%d", i);
		assert_ok(store_create_account(f.store, str_from(id), NULL));
		assert_true(f.store->n_open <= 4);
	}
	/* One that somebody holds is never closed. */
	assert_str(account_id(f.a), "anna");
	assert_str(fixture_show(&f, "INBOX"), "");
	fixture_release(&f);
}

static void
a_clock_that_steps_back_begins_a_segment(void **state UNUSED)
{
	struct fixture f;
	int64_t start;
	uint64_t first, second, third, at;

	fixture_init(&f);
	start = f.wall;
	f.wall = start + 10000;
	fixture_append(&f, "INBOX", hello, 0, "");
	first = f.done.modseq;
	/* A small step is flattened. */
	f.wall = start + 5000;
	fixture_append(&f, "INBOX", hello, 0, "");
	second = f.done.modseq;
	assert_ok(past_modseq_at(f.a, start + 9999, &at));
	assert_int_equal(at, first - 1);
	assert_ok(past_modseq_at(f.a, start + 10000, &at));
	assert_int_equal(at, second);
	/* A day back: what is asked for lies in the newest that has it. */
	f.wall = start - 24 * 3600 * 1000;
	fixture_append(&f, "INBOX", hello, 0, "");
	third = f.done.modseq;
	assert_ok(past_modseq_at(f.a, start + 10000, &at));
	assert_int_equal(at, third);
	assert_int_equal(
	    past_modseq_at(f.a, start - 25 * 3600 * 1000, &at), ST_NOT_FOUND);
	fixture_release(&f);
}

static void
history_tells_who_and_what(void **state UNUSED)
{
	static const struct origin who = {.person = STR_INIT("eve@x"),
	    .protocol = STR_INIT("imap"),
	    .client = STR_INIT("mutt")};
	struct fixture f;
	struct past_event *e;
	struct change c = {.kind = CHANGE_MOVE, .origin = &who};
	struct account_usage u;
	size_t n;

	fixture_init(&f);
	account_usage(f.a, &u);
	fixture_append(&f, "INBOX", hello, 0, "");
	fixture_append(&f, "INBOX", hello, 0, "");
	c.mailbox = fixture_box(&f, "INBOX")->id;
	c.target = fixture_box(&f, "Trash")->id;
	uidset_add(&c.uids, 1, 2);
	assert_ok(fixture_do(&f, &c));
	assert_ok(fixture_uids(&f, CHANGE_COPY, "Trash", "Sent", 1, 1));
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "Trash", "bin"));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "bin", NULL));
	assert_ok(past_events(f.a, u.modseq + 1, 100, &f.arena, &e, &n));
	assert_int_equal(n, 5);
	assert_int_equal(e[0].kind, CHANGE_APPEND);
	assert_int_equal(e[0].count, 1);
	assert_str(e[0].name, "INBOX");
	assert_int_equal(e[1].kind, CHANGE_MOVE);
	assert_int_equal(e[1].count, 2);
	assert_str(e[1].name, "INBOX");
	assert_str(e[1].new_name, "bin");
	assert_str(e[1].origin.person, "eve@x");
	assert_str(e[1].origin.client, "mutt");
	assert_int_equal(e[2].kind, CHANGE_COPY);
	assert_str(e[2].new_name, "Sent");
	assert_int_equal(e[2].count, 1);
	assert_int_equal(e[3].kind, CHANGE_RENAME);
	assert_str(e[3].name, "Trash");
	assert_str(e[3].new_name, "bin");
	assert_int_equal(e[4].kind, CHANGE_DELETE);
	assert_str(e[4].name, "bin");
	assert_int_equal(e[4].count, 2);
	assert_ok(past_events(f.a, u.modseq, 2, &f.arena, &e, &n));
	assert_int_equal(n, 2);
	assert_int_equal(e[0].modseq, u.modseq + 1);
	uidset_release(&c.uids);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(syncs_are_counted),
	    cmocka_unit_test(flags_wait_when_told_to),
	    cmocka_unit_test(what_waits_is_one_turn),
	    cmocka_unit_test(a_turn_stands_on_itself),
	    cmocka_unit_test(waiting_here_finishes_what_is_under_way),
	    cmocka_unit_test(a_pack_that_fails_is_given_up),
	    cmocka_unit_test(an_unknown_outcome_is_called_so),
	    cmocka_unit_test(a_full_disk_changes_nothing),
	    cmocka_unit_test(below_the_reserve_mail_waits),
	    cmocka_unit_test(open_accounts_are_bounded),
	    cmocka_unit_test(a_clock_that_steps_back_begins_a_segment),
	    cmocka_unit_test(history_tells_who_and_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Compaction: what is alive stays as it is, whatever happens meanwhile. */
#include "store/tend_world.h"

static void
dead_bytes_are_given_back(void **state UNUSED)
{
	static struct world w;
	struct tender_report r;

	world_init(&w);
	r = tend(&w);
	assert_int_equal(r.messages, 10);
	assert_true(r.packs >= 3);
	assert_true(r.bytes > 9 * TEXT / 3);
	assert_false(has(&w, "pack-000001"));
	assert_true(has(&w, "keep-000001"));
	check_all(&w);
	check_sound(&w);
	/* Nothing is left to do. */
	r = tend(&w);
	assert_int_equal(r.packs + r.messages + r.rows, 0);
	fixture_reopen(&w.f);
	check_all(&w);
	check_sound(&w);
	/* And again, from what was compacted. */
	lose(&w, 1, 1);
	lose(&w, 9, 11);
	fixture_pass(&w.f, &w.times, 8 * DAY);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 14, 14));
	r = tend(&w);
	assert_int_equal(r.messages, 4);
	assert_true(r.packs >= 1);
	assert_false(has(&w, "keep-000001"));
	check_all(&w);
	check_sound(&w);
	fixture_release(&w.f);
}

static void
the_active_pack_is_sealed_for_it(void **state UNUSED)
{
	static struct world w;
	struct tender_report r;

	memset(&w, 0, sizeof(w));
	w.text = TEXT;
	w.small = 1;
	fixture_init(&w.f);
	fixture_pass(&w.f, &w.times, DAY);
	append_all(&w);
	lose(&w, 1, 23);
	fixture_pass(&w.f, &w.times, 8 * DAY);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 24, 24));
	r = tend(&w);
	assert_int_equal(r.packs, 1);
	assert_false(has(&w, "pack-000001"));
	assert_true(has(&w, "pack-000002"));
	check_all(&w);
	fixture_append(&w.f, "INBOX", "Subject: new\r\n\r\n", 0, "");
	fixture_reopen(&w.f);
	assert_str(fixture_show(&w.f, "INBOX"), "24:\\Seen 25:");
	check_all(&w);
	fixture_release(&w.f);
}

/* Killed after any number of steps, with and without its last answers. */
static void
a_kill_at_any_point(void **state UNUSED)
{
	static struct world w;
	unsigned kills = 0;
	bool done = false;

	for (unsigned n = 0; !done; n++) {
		struct tender_config cfg;
		const struct tend *piece;
		struct tender *k;

		world_init(&w);
		cfg = config(&w);
		cfg.slice = 1;
		assert_ok(tender_open(&cfg, &k));
		for (unsigned i = 0; i < n && !done; i++) {
			struct tended t = {0};
			enum tender_next next = tender_step(k, &piece);

			done = next == TENDER_DONE;
			if (next == TENDER_ASK)
				tender_answered(k,
				    store_tend_do(w.f.store, w.f.a, piece, &t),
				    &t);
		}
		/* As if killed: what is not named stays in the folder. */
		if (k->keep) {
			close(k->keep->fd);
			k->keep->fd = -1;
			kills++;
		}
		tender_close(&k);
		fixture_reopen(&w.f);
		w.f.store->pack_max = 4000;
		tend(&w);
		check_all(&w);
		assert_false(has(&w, "pack-000001"));
		assert_false(has(&w, "keep-000001.new"));
		fixture_release(&w.f);
	}
	assert_true(kills >= 3);
}

static void
a_lost_database_is_rebuilt_from_what_was_kept(void **state UNUSED)
{
	static struct world w;
	char path[200];
	const char *files[] = {"mail.db", "mail.db-wal", "mail.db-shm"};

	world_init(&w);
	assert_ok(fixture_folder(&w.f, CHANGE_CREATE, "late", NULL));
	tend(&w);
	fixture_close(&w.f);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/accounts/an/anna/%s", w.f.root,
		    files[i]);
		(void)unlink(path);
	}
	fixture_open(&w.f);
	fixture_account(&w.f);
	check_all(&w);
	assert_str(fixture_show(&w.f, "INBOX"),
	    "1: 9: 10: 11: 14: 15: 16: 17: 18: 19: 21: 22: 23: 24:");
	assert_str(
	    fixture_names(&w.f), "INBOX Archive Drafts Junk Sent Trash late");
	fixture_append(&w.f, "INBOX", "Subject: new\r\n\r\n", 0, "");
	fixture_reopen(&w.f);
	check_all(&w);
	fixture_release(&w.f);
}

static void
a_lease_keeps_files(void **state UNUSED)
{
	static struct world w;
	struct tender_config cfg;
	const struct tend *piece;
	struct tender *k;
	enum tender_next next;
	int lease;

	world_init(&w);
	assert_ok(lease_take(str_from(w.f.root), S("anna"), &lease));
	cfg = config(&w);
	assert_ok(tender_open(&cfg, &k));
	while ((next = tender_step(k, &piece)) != TENDER_LATER) {
		struct tended t = {0};

		assert_int_not_equal(next, TENDER_DONE);
		if (next == TENDER_ASK)
			tender_answered(
			    k, store_tend_do(w.f.store, w.f.a, piece, &t), &t);
	}
	tender_close(&k);
	assert_true(has(&w, "pack-000001"));
	assert_true(has(&w, "keep-000001"));
	check_all(&w);
	lease_end(&lease);
	tend(&w);
	assert_false(has(&w, "pack-000001"));
	check_all(&w);
	fixture_release(&w.f);
}

/* Message 1 stands in pack 1, with others that are alive and dead. */
static void
flipped_bits_stay_where_they_are(void **state UNUSED)
{
	static struct world w;
	struct message_row row;
	struct tender_report r;
	struct buf b;
	int fd;

	world_init(&w);
	assert_ok(db_message(w.f.a, w.ids[0], false, &row));
	assert_int_equal(row.place.pack, 1);
	assert_int_equal(fchmodat(w.f.a->dir_fd, "pack-000001", 0600, 0), 0);
	fd = account_open_file(w.f.a, "pack-000001", O_WRONLY);
	assert_int_equal(
	    pwrite(fd, "X", 1, (off_t)(row.place.offset + row.stored - 20)), 1);
	close(fd);
	r = tend(&w);
	assert_true(r.packs >= 2);
	assert_true(has(&w, "pack-000001"));
	assert_true(has(&w, "damaged-pack-000001"));
	buf_init(&b, 2 * TEXT);
	assert_int_equal(
	    message_read(w.f.a, w.ids[0], 0, 2 * TEXT, &b), ST_CORRUPT);
	buf_release(&b);
	/* Named once, and left alone until somebody has looked. */
	r = tend(&w);
	assert_int_equal(r.packs, 0);
	w.alive[0] = false;
	assert_ok(fixture_uids(&w.f, CHANGE_EXPUNGE, "INBOX", NULL, 1, 1));
	fixture_pass(&w.f, &w.times, 8 * DAY);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 9, 9));
	tend(&w);
	check_all(&w);
	fixture_release(&w.f);
}

static void
a_full_disk_leaves_all_as_it_was(void **state UNUSED)
{
	static struct world w;
	struct rlimit old, small;
	struct tender_config cfg;
	const struct tend *piece;
	struct tender *k;
	enum tender_next next;

	world_init(&w);
	cfg = config(&w);
	assert_ok(tender_open(&cfg, &k));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	while ((next = tender_step(k, &piece)) != TENDER_DONE) {
		struct tended t = {0};

		if (next == TENDER_ASK)
			tender_answered(
			    k, store_tend_do(w.f.store, w.f.a, piece, &t), &t);
		/* From now on no file grows. */
		small = old;
		small.rlim_cur = 100;
		if (k->phase == PHASE_COPY)
			assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(tender_status(k), ST_NO_SPACE);
	tender_close(&k);
	assert_true(has(&w, "pack-000001"));
	assert_false(has(&w, "keep-000001"));
	assert_false(has(&w, "keep-000001.new"));
	check_all(&w);
	tend(&w);
	check_all(&w);
	fixture_release(&w.f);
}

static void
large_files_go_with_their_messages(void **state UNUSED)
{
	static struct world w;
	char name[32], last[32];

	memset(&w, 0, sizeof(w));
	w.text = TEXT;
	w.small = 1;
	fixture_init(&w.f);
	w.f.store->apart_min = 1;
	w.text = 400 * 1024;
	fixture_pass(&w.f, &w.times, DAY);
	for (unsigned i = 0; i < 2; i++) {
		struct str s = text_of(&w, i);
		struct incoming *in;
		struct change c = {.kind = CHANGE_APPEND,
		    .mailbox = fixture_box(&w.f, "INBOX")->id,
		    .messages = &in,
		    .n_messages = 1};
		in = incoming_new(
		    open(w.f.root, O_TMPFILE | O_RDWR, 0600), UINT64_MAX);
		assert_ok(incoming_write(in, s));
		assert_ok(incoming_finish(in));
		w.ids[i] = w.f.a->next_id;
		assert_ok(fixture_do(&w.f, &c));
		incoming_free(&in);
		w.alive[i] = true;
	}
	pack_apart_name(w.ids[0], name);
	pack_apart_name(w.ids[1], last);
	if (!has(&w, name))
		skip(); /* no unnamed files here: bytes are copied */
	lose(&w, 1, 1);
	fixture_pass(&w.f, &w.times, 6 * DAY);
	tend(&w);
	assert_true(has(&w, name));
	fixture_pass(&w.f, &w.times, 2 * DAY);
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_ADD, FLAG_SEEN, 2, 2));
	tend(&w);
	assert_false(has(&w, name));
	assert_true(has(&w, last));
	for (unsigned i = 2; i < MESSAGES; i++)
		w.ids[i] = UINT32_MAX;
	check_all(&w);
	fixture_reopen(&w.f);
	check_all(&w);
	fixture_release(&w.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dead_bytes_are_given_back),
	    cmocka_unit_test(the_active_pack_is_sealed_for_it),
	    cmocka_unit_test(a_kill_at_any_point),
	    cmocka_unit_test(a_lost_database_is_rebuilt_from_what_was_kept),
	    cmocka_unit_test(a_lease_keeps_files),
	    cmocka_unit_test(flipped_bits_stay_where_they_are),
	    cmocka_unit_test(a_full_disk_leaves_all_as_it_was),
	    cmocka_unit_test(large_files_go_with_their_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

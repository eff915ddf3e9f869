/* Compaction: what is alive stays as it is, whatever happens meanwhile. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/fixture_tend.h"
#include "store/lease.h"
#include "store/message.h"
#include "store/proof.h"
#include "store/tender_int.h"

#define DAY INT64_C(86400000)

enum { MESSAGES = 24, TEXT = 3000 };

struct world {
	struct fixture f;
	struct timeline times;
	size_t text; /* bytes of each message */
	uint64_t ids[MESSAGES];
	bool alive[MESSAGES];
};

/* Digits that do not shrink much, and tell which message it is. */
static struct str
text_of(struct world *w, unsigned i)
{
	struct buf b;
	struct str s;
	uint64_t z = i;

	buf_init(&b, 2 * w->text);
	buf_addf(&b, "Subject: message %u\r\n\r\n", i);
	while (b.n < w->text) {
		z = z * 6364136223846793005u + 1442695040888963407u;
		buf_addf(&b, "%llu ", (unsigned long long)(z >> 20));
	}
	s = arena_str(&w->f.arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static void
append_all(struct world *w)
{
	struct view *v;

	for (unsigned i = 0; i < MESSAGES; i++) {
		struct str s = text_of(w, i);

		fixture_append(&w->f, "INBOX", s.p, 0, "");
		w->alive[i] = true;
	}
	assert_ok(view_open(
	    w->f.a, &fixture_viewer, fixture_box(&w->f, "INBOX")->id, &v));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct entry e;

		view_entry(v, i + 1, &e);
		w->ids[i] = e.message;
	}
	view_close(&v);
}

static void
lose(struct world *w, uint32_t first, uint32_t last)
{
	assert_ok(
	    fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, first, last));
	for (uint32_t i = first; i <= last; i++)
		w->alive[i - 1] = false;
}

/* Packs of five messages, half of the messages lost eight days ago. */
static void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->text = TEXT;
	fixture_init(&w->f);
	w->f.store->pack_max = 4000;
	fixture_pass(&w->f, &w->times, DAY);
	append_all(w);
	assert_true(w->f.a->pack->no > 4);
	lose(w, 2, 8);
	lose(w, 12, 13);
	lose(w, 20, 20);
	fixture_pass(&w->f, &w->times, 8 * DAY);
	assert_ok(fixture_flags(&w->f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
}

static void
is_wrong(void *ctx UNUSED, struct str where UNUSED, struct str what)
{
	fail_msg(STR_FMT, STR_ARG(what));
}

/* What `mailstead check` says of it. */
static void
check_sound(struct world *w)
{
	struct proof_host host = {.found = is_wrong};
	struct proof_result r = {0};

	assert_ok(proof_account(w->f.root, S("anna"), &host, &r));
	assert_true(r.messages > 0);
}

static void
check_all(struct world *w)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct str want = text_of(w, i);
		struct message m;
		struct buf b;

		if (!w->alive[i]) {
			assert_int_equal(
			    message_get(w->f.a, w->ids[i], &m), ST_NOT_FOUND);
			continue;
		}
		buf_init(&b, 2 * w->text);
		assert_ok(message_read(w->f.a, w->ids[i], 0, 2 * w->text, &b));
		assert_true(str_eq(buf_str(&b), want));
		buf_release(&b);
	}
}

static bool
has(struct world *w, const char *name)
{
	return faccessat(w->f.a->dir_fd, name, F_OK, 0) == 0;
}

static struct tender_config
config(struct world *w)
{
	struct tender_config cfg = fixture_tender(&w->f, &w->times, 7 * DAY);

	cfg.dead_min = 1;
	return cfg;
}

static struct tender_report
tend(struct world *w)
{
	struct tender_config cfg = config(w);

	return fixture_tend_with(&w->f, &cfg);
}

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

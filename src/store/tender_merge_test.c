/* Compacted packs of which little is left become one. */
#include "store/tend_world.h"

enum { SMALL = 1024 * 1024 };

/* The files that hold records, in order, but for the active pack. */
static struct str
files(struct world *w)
{
	struct pack_list packs, keeps;
	struct buf b;
	struct str s;
	char name[16];

	buf_init(&b, 1 << 16);
	assert_ok(pack_list(w->f.a, &packs));
	assert_ok(keep_list(w->f.a, &keeps));
	for (size_t i = 0; i + 1 < packs.n_nos + keeps.n_nos; i++) {
		pack_name(i + 1 < packs.n_nos ? packs.nos[i]
					      : keeps.nos[i + 1 - packs.n_nos],
		    name);
		buf_addf(&b, "%s%s", i ? " " : "", name);
	}
	free(packs.nos);
	free(keeps.nos);
	s = arena_str(&w->f.arena, buf_str(&b));
	buf_release(&b);
	return s;
}

/* Of each pack but the last, all but one message is gone. */
static void
few_are_left(struct world *w)
{
	struct message_row row;
	uint32_t pack = 0;

	memset(w, 0, sizeof(*w));
	w->text = TEXT;
	w->small = 1;
	fixture_init(&w->f);
	w->f.store->pack_max = 4000;
	fixture_pass(&w->f, &w->times, DAY);
	append_all(w);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++) {
		assert_ok(db_message(w->f.a, w->ids[uid - 1], false, &row));
		if (row.place.pack == pack)
			lose(w, uid, uid);
		pack = row.place.pack;
	}
	assert_true(pack > 6);
	fixture_pass(&w->f, &w->times, 8 * DAY);
	assert_ok(fixture_flags(&w->f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
}

static void
check_everything(struct world *w)
{
	check_all(w);
	check_sound(w);
}

static void
small_neighbours_become_one(void **state UNUSED)
{
	static struct world w;
	struct tender_report r;
	struct str before;

	few_are_left(&w);
	tend(&w);
	before = files(&w);
	assert_true(str_starts(before, S("keep-000001 keep-000002 ")));
	/* None is small. */
	r = tend(&w);
	assert_int_equal(r.packs, 0);
	assert_true(str_eq(files(&w), before));
	w.small = SMALL;
	r = tend(&w);
	assert_true(r.packs >= 5);
	assert_false(has(&w, "keep-000001"));
	assert_int_equal(files(&w).n, before.n - 4 * 12); /* five are one */
	check_everything(&w);
	/* Not over and over. */
	before = files(&w);
	r = tend(&w);
	assert_int_equal(r.packs, 0);
	assert_true(str_eq(files(&w), before));
	fixture_reopen(&w.f);
	check_everything(&w);
	fixture_release(&w.f);
}

static void
what_is_between_them_keeps_its_place(void **state UNUSED)
{
	static struct world w;
	struct tender_report r;
	struct str before;

	few_are_left(&w);
	tend(&w);
	before = files(&w);
	/* Two that must stay as they are leave no run of four. */
	assert_int_equal(
	    symlinkat("x", w.f.a->dir_fd, "damaged-keep-000003"), 0);
	assert_int_equal(
	    symlinkat("x", w.f.a->dir_fd, "damaged-keep-000006"), 0);
	w.small = SMALL;
	r = tend(&w);
	assert_int_equal(r.packs, 0);
	assert_true(str_eq(files(&w), before));
	assert_int_equal(unlinkat(w.f.a->dir_fd, "damaged-keep-000003", 0), 0);
	r = tend(&w);
	assert_int_equal(r.packs, 5);
	assert_true(has(&w, "keep-000006"));
	assert_int_equal(unlinkat(w.f.a->dir_fd, "damaged-keep-000006", 0), 0);
	check_everything(&w);
	fixture_release(&w.f);
}

/* Killed after any number of steps: what is there says how to go on. */
static void
a_kill_at_any_point(void **state UNUSED)
{
	static struct world w;
	bool done = false;
	unsigned merged = 0;

	for (unsigned n = 0; !done; n += 3) {
		struct tender_config cfg;
		const struct tend *piece;
		struct tender *k;

		few_are_left(&w);
		tend(&w);
		w.small = SMALL;
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
		merged += k->merged;
		tender_close(&k);
		fixture_reopen(&w.f);
		check_everything(&w);
		tend(&w);
		check_everything(&w);
		assert_false(has(&w, "keep-000001"));
		assert_false(has(&w, "keep-000005"));
		fixture_release(&w.f);
	}
	assert_true(merged > 5);
}

static void
a_lost_database_is_rebuilt_from_one(void **state UNUSED)
{
	static struct world w;
	const char *names[] = {"mail.db", "mail.db-wal", "mail.db-shm"};
	struct str shown;
	char path[200];

	few_are_left(&w);
	w.small = SMALL;
	tend(&w);
	assert_false(has(&w, "keep-000001"));
	assert_ok(fixture_flags(&w.f, "INBOX", FLAGS_SET, 0, 1, MESSAGES));
	shown = fixture_show(&w.f, "INBOX");
	fixture_close(&w.f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/accounts/an/anna/%s", w.f.root,
		    names[i]);
		(void)unlink(path);
	}
	fixture_open(&w.f);
	fixture_account(&w.f);
	assert_true(str_eq(fixture_show(&w.f, "INBOX"), shown));
	check_everything(&w);
	fixture_release(&w.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(small_neighbours_become_one),
	    cmocka_unit_test(what_is_between_them_keeps_its_place),
	    cmocka_unit_test(a_kill_at_any_point),
	    cmocka_unit_test(a_lost_database_is_rebuilt_from_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

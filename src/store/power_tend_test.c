/*
 * Power cuts at every write and sync of a compaction, while mail comes and
 * goes, and every one of them failing once (S2, S4, S10): what is alive stays
 * as it is, to the byte, and the next run ends what this one began.
 *
 * MAILSTEAD_FAULTS=all tries every place; by default some are left out.
 */
#include "store/power_world.h"

#include "store/fixture_tend.h"
#include "store/power_image.h"
#include "store/proof.h"

#define DAY INT64_C(86400000)

/* Packs of three messages each: one loses all, one two, one none of them. */
static const struct world_op before[] = {
    {WORLD_DELIVER, NULL, NULL, 0, 10},
    {WORLD_DELIVER, NULL, NULL, 0, 11},
    {WORLD_DELIVER, NULL, NULL, 0, 12},
    {WORLD_DELIVER, NULL, NULL, 0, 13},
    {WORLD_DELIVER, NULL, NULL, 0, 14},
    {WORLD_DELIVER, NULL, NULL, 0, 15},
    {WORLD_DELIVER, NULL, NULL, 0, WORLD_BIG},
    {WORLD_DELIVER, NULL, NULL, 0, 17},
    {WORLD_DELIVER, NULL, NULL, 0, 18},
    {WORLD_DELIVER, NULL, NULL, 0, 19},
    {WORLD_COPY, "INBOX", "Archive", 5, 0},
    {WORLD_MOVE, "INBOX", "Archive", 6, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 1, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 2, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 3, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 4, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 5, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 9, 0},
};

/* Between the pieces of the compaction. */
static const struct world_op during[] = {
    {WORLD_DELIVER, NULL, NULL, 0, 20},
    {WORLD_MOVE, "INBOX", "Archive", 8, 0},
    {WORLD_DELIVER, NULL, NULL, 0, 21},
    {WORLD_EXPUNGE, "INBOX", NULL, 10, 0},
    {WORLD_DELIVER, NULL, NULL, 0, 22},
};
enum { N_DURING = ARRAY_LEN(during), EVERY = 2 };

static struct timeline times;
static size_t began, answered[N_DURING], n_answered;
static struct tender_report report; /* of the last run */

static bool
everywhere(void)
{
	const char *z = getenv("MAILSTEAD_FAULTS");

	return z && strcmp(z, "all") == 0;
}

/* Said when a check fails. */
static void
where(const char *what, size_t at, unsigned choice)
{
	static char text[64];

	(void)snprintf(text, sizeof(text), "%s %zu, %u", what, at, choice);
	(void)setenv("MAILSTEAD_FAULT", text, 1);
}

static void
open_store(struct fixture *f)
{
	fixture_open(f);
	f->store->pack_max = 1000;
	f->store->apart_min = 100000;
}

/* A store without an account; the disk is watched from now on. */
static void
prepare(struct fixture *f)
{
	fixture_init(f);
	fixture_close(f);
	nftw(f->root, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(mkdir(f->root, 0700), 0);
	open_store(f);
	(void)snprintf(
	    disk.folder, sizeof(disk.folder), "%s/accounts/an/anna", f->root);
}

/* Eight days old, with all that a compaction looks for. */
static void
fill(struct fixture *f)
{
	times = (struct timeline){0};
	n_answered = 0;
	assert_ok(store_create_account(f->store, S("anna"), NULL));
	fixture_account(f);
	fixture_pass(f, &times, DAY);
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		assert_ok(world_do(f, &before[i]));
	fixture_pass(f, &times, 8 * DAY);
	assert_ok(world_do(f, &(struct world_op){.kind = WORLD_SECOND}));
}

static void
show_after(size_t n, struct buf *out)
{
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		world_apply(&w, &before[i]);
	for (size_t i = 0; i < n; i++)
		world_apply(&w, &during[i]);
	buf_clear(out);
	world_show(&w, out);
}

/* One run, as the keeper does it; with `during` between its pieces. */
static enum status
compact(struct fixture *f, bool disturbed)
{
	struct tender_config cfg = fixture_tender(f, &times, 7 * DAY);
	enum status st;
	const struct tend *piece;
	enum tender_next next;
	struct tender *k;
	size_t steps = 0;

	cfg.dead_min = cfg.slice = 1;
	if ((st = tender_open(&cfg, &k)) != ST_OK)
		return st;
	while ((next = tender_step(k, &piece)) != TENDER_DONE) {
		struct tended done = {0};

		if (next == TENDER_LATER)
			break;
		if (next == TENDER_ASK) {
			st = store_tend_do(f->store, f->a, piece, &done);
			tender_answered(k, st, &done);
		}
		if (disturbed && n_answered < N_DURING &&
		    ++steps % EVERY == 0) {
			assert_ok(world_do(f, &during[n_answered]));
			answered[n_answered++] = disk.n_ops;
		}
	}
	st = next == TENDER_LATER ? ST_BUSY : tender_status(k);
	report = *tender_report(k);
	tender_close(&k);
	return st;
}

static void
is_wrong(void *ctx UNUSED, struct str at UNUSED, struct str what)
{
	fail_msg("%s: " STR_FMT, getenv("MAILSTEAD_FAULT"), STR_ARG(what));
}

/* What is shown is what n, or up to `most`, of `during` lead to; and sound. */
static void
check(struct fixture *f, size_t n, size_t most)
{
	struct proof_host host = {.found = is_wrong};
	struct proof_result r = {0};
	struct buf got, want;
	bool found = false;

	buf_init(&got, 1 << 20);
	buf_init(&want, 1 << 20);
	world_show_store(f, &got);
	for (size_t i = n; i <= most && !found; i++) {
		show_after(i, &want);
		found = str_eq(buf_str(&got), buf_str(&want));
	}
	if (!found)
		fail_msg("%s: %zu answered\nwant%s\ngot%s",
		    getenv("MAILSTEAD_FAULT"), n, want.p, got.p);
	assert_ok(proof_account(f->root, S("anna"), &host, &r));
	buf_release(&got);
	buf_release(&want);
	arena_reset(&f->arena);
}

/* A run that nothing disturbs leaves nothing to do, and changes nothing. */
static void
finish(struct fixture *f, size_t n, size_t most)
{
	check(f, n, most);
	assert_ok(compact(f, false));
	assert_ok(compact(f, false));
	assert_int_equal(report.packs, 0);
	assert_int_equal(faccessat(f->a->dir_fd, "pack-000001", F_OK, 0), -1);
	check(f, n, most);
	fixture_close(f);
	open_store(f);
	fixture_account(f);
	check(f, n, most);
}

static void
empty(const struct fixture *f)
{
	char path[128];

	nftw(f->root, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
	(void)snprintf(path, sizeof(path), "%s/accounts/an/anna", f->root);
	for (char *p = path + strlen(f->root); p; p = strchr(p + 1, '/')) {
		char c = *p;

		*p = '\0';
		(void)mkdir(path, 0700);
		*p = c;
	}
	(void)mkdir(path, 0700);
}

/* The account as a power cut behind that entry of the log leaves it. */
static void
check_cut(struct fixture *f, size_t cut, enum image_choice choice, size_t n,
    size_t most)
{
	char folder[160];

	(void)snprintf(folder, sizeof(folder), "%s/accounts/an/anna", f->root);
	empty(f);
	image_make(cut, choice, cut * 31 + choice, folder);
	open_store(f);
	fixture_account(f);
	finish(f, n, most);
	fixture_close(f);
}

static void
power_cut_anywhere(void **state UNUSED)
{
	size_t step = everywhere() ? 1 : 13;
	struct fixture f;

	prepare(&f);
	fill(&f);
	began = disk.n_ops;
	assert_ok(compact(&f, true));
	/* All of it happened while there was something to compact. */
	assert_int_equal(n_answered, N_DURING);
	disk.folder[0] = '\0';
	finish(&f, N_DURING, N_DURING);
	fixture_close(&f);
	f.cfg.epoch = 2;
	for (size_t cut = began; cut <= disk.n_ops; cut += step)
		for (unsigned c = 0; c < IMAGE_CHOICES; c++) {
			size_t n = 0;

			while (n < N_DURING && answered[n] <= cut)
				n++;
			where("cut", cut, c);
			check_cut(&f, cut, c, n, n < N_DURING ? n + 1 : n);
		}
	disk_forget();
	fixture_release(&f);
}

/* One call fails: that run may end, no more. How many there were. */
static size_t
one_call_fails(struct fixture *f, struct fixture *after, size_t at, int error)
{
	enum status st;
	size_t calls;

	prepare(f);
	fill(f);
	disk.calls = 0;
	disk.fail_at = at;
	disk.error = error;
	st = compact(f, false);
	calls = disk.calls;
	disk.fail_at = 0;
	if (st != ST_OK)
		for (unsigned c = 0; c < IMAGE_CHOICES; c++)
			check_cut(after, disk.n_ops, c, 0, 0);
	/* What is broken heals by opening it again. */
	fixture_close(f);
	open_store(f);
	fixture_account(f);
	finish(f, 0, 0);
	return calls;
}

static void
any_call_fails(void **state UNUSED)
{
	size_t step = everywhere() ? 1 : 9, calls = SIZE_MAX;
	struct fixture f, after;

	prepare(&after);
	fixture_close(&after);
	after.cfg.epoch = 2;
	for (size_t at = 1; at <= calls; at += step) {
		where("call", at, at % 2);
		calls = one_call_fails(&f, &after, at, at % 2 ? EIO : ENOSPC);
		disk_forget();
		fixture_release(&f);
	}
	fixture_release(&after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(power_cut_anywhere),
	    cmocka_unit_test(any_call_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

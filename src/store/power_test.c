/*
 * Power cuts at every write and sync (S2, S3, S22), and every write and sync
 * failing once (S4). What was acknowledged stays; what was not is there whole
 * or not at all; no byte is wrong; no UID is given twice.
 *
 * MAILSTEAD_FAULTS=all tries every place; by default some are left out.
 */
#include "store/power_world.h"

#include "store/power_image.h"

static const struct world_op ops[] = {
    {WORLD_DELIVER, NULL, NULL, 0, 1},
    {WORLD_DELIVER, NULL, NULL, 0, WORLD_BIG},
    {WORLD_FLAGS, "INBOX", NULL, 1, 0},
    {WORLD_DELIVER, NULL, NULL, 0, 2},
    {WORLD_CREATE, NULL, "Work", 0, 0},
    {WORLD_MOVE, "INBOX", "Work", 1, 0},
    {WORLD_APPEND2, "Work", NULL, 0, 10},
    {WORLD_FLAGS, "Work", NULL, 2, 0},
    {WORLD_SECOND, NULL, NULL, 0, 0},
    {WORLD_FLAGS, "Work", NULL, 3, 0},
    {WORLD_COPY, "Work", "Archive", 3, 0},
    {WORLD_RENAME, "Work", "Werk", 0, 0},
    {WORLD_EXPUNGE, "INBOX", NULL, 3, 0},
    {WORLD_DELIVER, NULL, NULL, 0, 3},
    {WORLD_FLAGS, "INBOX", NULL, 4, 0},
    {WORLD_DELETE, "Werk", NULL, 0, 0},
    {WORLD_DELIVER, NULL, NULL, 0, 4},
    {WORLD_RESTORE, "Werk", NULL, 0, 0},
    {WORLD_APPEND2, "Werk", NULL, 0, 12},
    {WORLD_UNDO, "INBOX", NULL, 0, 0},
    {WORLD_DELIVER, NULL, NULL, 0, 5},
};
enum { N_OPS = ARRAY_LEN(ops) };

/* Where in the log each operation was answered. */
static size_t answered[N_OPS + 1];

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
watch(const struct fixture *f)
{
	(void)snprintf(
	    disk.folder, sizeof(disk.folder), "%s/accounts/an/anna", f->root);
}

/* Packs of so many bytes, so that several are begun. */
static uint64_t pack_max;

static void
open_store(struct fixture *f)
{
	fixture_open(f);
	f->store->pack_max = pack_max;
	/* With small packs the big message has a file of its own. */
	f->store->apart_min = pack_max ? 100000 : 0;
}

/* A fixture without an account yet. */
static void
prepare(struct fixture *f)
{
	fixture_init(f);
	fixture_close(f);
	nftw(f->root, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
	/* Thousands of folders: in memory where that can be had. */
	(void)snprintf(f->root, sizeof(f->root), "%s/mailstead-fault-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(f->root));
	f->cfg.root = str_from(f->root);
	open_store(f);
}

static void
show_candidate(size_t whole, size_t replayed, struct buf *out)
{
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < replayed; i++)
		if (i < whole || world_is_replayed(&ops[i]))
			world_apply(&w, &ops[i]);
	buf_clear(out);
	world_show(&w, out);
}

/*
 * Is `got` what may be found when n operations were answered, and those up to
 * `most` may have happened?
 */
static bool
is_allowed(size_t n, size_t most, struct str got)
{
	size_t whole = 0;
	bool found = false;
	struct buf b;

	for (size_t i = 0; i < n; i++)
		if (world_is_durable(&ops[i]))
			whole = i + 1;
	buf_init(&b, 1 << 20);
	for (size_t i = whole; i <= most && !found; i++)
		for (size_t k = n; k <= most && !found; k++) {
			show_candidate(i, k, &b);
			found = str_eq(buf_str(&b), got);
		}
	if (!found) {
		show_candidate(n, n, &b);
		print_message("%s: %zu answered\nwant%s\ngot%.*s\n",
		    getenv("MAILSTEAD_FAULT"), n, b.p, STR_ARG(got));
	}
	buf_release(&b);
	return found;
}

/* New mail gets a uid that nobody has seen. */
static void
check_numbers(struct fixture *f, size_t n)
{
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < n; i++)
		world_apply(&w, &ops[i]);
	assert_ok(world_do(f, &ops[0]));
	assert_true(
	    f->done.to.ranges[0].first >= world_box(&w, "INBOX")->uidnext);
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

/* The account is opened and shows what it may; so it does the next time. */
static void
check_folder(struct fixture *f, size_t n, size_t most)
{
	struct buf before, after;

	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	world_show_store(f, &before);
	if (!is_allowed(n, most, buf_str(&before)))
		fail();
	fixture_reopen(f);
	world_show_store(f, &after);
	assert_string_equal(before.p, after.p);
	check_numbers(f, n);
	buf_release(&before);
	buf_release(&after);
	arena_reset(&f->arena);
}

/* Power is cut behind `cut`; n operations were answered before. */
static void
check_cut(struct fixture *f, size_t cut, enum image_choice choice, bool made,
    size_t n, size_t most)
{
	char folder[160];
	enum status st;

	(void)snprintf(folder, sizeof(folder), "%s/accounts/an/anna", f->root);
	empty(f);
	image_make(cut, choice, cut * 31 + choice, folder);
	open_store(f);
	if (!made) {
		/* Its making was not answered: it is made now. */
		st = store_create_account(f->store, S("anna"), NULL);
		assert_true(st == ST_OK || st == ST_EXISTS);
	}
	st = store_account(f->store, S("anna"), &f->a);
	if (st != ST_OK)
		print_message("%s: cut %zu, choice %d: not opened\n",
		    getenv("MAILSTEAD_FAULT"), cut, choice);
	assert_ok(st);
	check_folder(f, n, most);
	fixture_close(f);
}

static void
record(struct fixture *f)
{
	prepare(f);
	watch(f);
	assert_ok(store_create_account(f->store, S("anna"), NULL));
	fixture_account(f);
	answered[0] = disk.n_ops;
	for (size_t i = 0; i < N_OPS; i++) {
		assert_ok(world_do(f, &ops[i]));
		answered[i + 1] = disk.n_ops;
	}
	disk.folder[0] = '\0';
	fixture_close(f);
}

static void
cut_anywhere(void)
{
	size_t step = everywhere() ? 1 : 11;
	struct fixture f;

	record(&f);
	f.cfg.epoch = 2;
	for (size_t cut = 0; cut <= disk.n_ops; cut += step)
		for (unsigned c = 0; c < IMAGE_CHOICES; c++) {
			size_t n = 0;

			while (n < N_OPS && answered[n + 1] <= cut)
				n++;
			where("cut", cut, c);
			check_cut(&f, cut, c, answered[0] <= cut, n,
			    n < N_OPS ? n + 1 : n);
		}
	disk_forget();
	fixture_release(&f);
}

static void
power_cut_anywhere(void **state UNUSED)
{
	pack_max = 0;
	cut_anywhere();
}

static void
power_cut_between_packs(void **state UNUSED)
{
	pack_max = 1000;
	cut_anywhere();
}

/* The account after an error: what is broken heals by opening it again. */
static void
heal(struct fixture *f)
{
	account_unref(&f->a);
	store_close(&f->store);
	open_store(f);
	if (store_account(f->store, S("anna"), &f->a) != ST_OK)
		fixture_account(f);
}

/* Where nobody knows, the account says whether operation i has happened. */
static bool
has_happened(struct fixture *f, size_t i)
{
	struct buf got, want;
	bool yes;

	buf_init(&got, 1 << 20);
	buf_init(&want, 1 << 20);
	world_show_store(f, &got);
	show_candidate(i + 1, i + 1, &want);
	yes = str_eq(buf_str(&got), buf_str(&want));
	buf_release(&got);
	buf_release(&want);
	return yes;
}

static void
one_call_fails(struct fixture *f, struct fixture *after, size_t at, int error)
{
	enum status st;

	prepare(f);
	watch(f);
	disk.fail_at = at;
	disk.error = error;
	if (store_create_account(f->store, S("anna"), NULL) != ST_OK) {
		st = store_create_account(f->store, S("anna"), NULL);
		assert_true(st == ST_OK || st == ST_EXISTS);
	}
	fixture_account(f);
	for (size_t i = 0; i < N_OPS; i++) {
		size_t may = i, cut;

		if ((st = world_do(f, &ops[i])) == ST_OK)
			continue;
		cut = disk.n_ops;
		if (st == ST_UNKNOWN)
			may++;
		for (unsigned c = 0; c < IMAGE_CHOICES; c++)
			check_cut(after, cut, c, true, i, may);
		heal(f);
		if (may == i || !has_happened(f, i))
			assert_ok(world_do(f, &ops[i]));
	}
	for (unsigned c = 0; c < IMAGE_CHOICES; c++)
		check_cut(after, disk.n_ops, c, true, N_OPS, N_OPS);
	disk.fail_at = 0;
	heal(f);
	check_folder(f, N_OPS, N_OPS);
}

static void
any_call_fails(void **state UNUSED)
{
	size_t step = everywhere() ? 1 : 17, calls = SIZE_MAX;
	struct fixture f, after;

	pack_max = 1000;
	prepare(&after);
	fixture_close(&after);
	after.cfg.epoch = 2;
	for (size_t at = 1; at <= calls; at += step) {
		where("call", at, at % 2);
		one_call_fails(&f, &after, at, at % 2 ? EIO : ENOSPC);
		calls = disk.calls;
		disk_forget();
		fixture_release(&f);
	}
	fixture_release(&after);
}

/* S4: mail is refused on a full disk; what makes room, or brings back what
 * should not have gone, has the reserve. */
static void
a_full_disk_takes_what_has_the_reserve(const struct world_op *before,
    const struct world_op *op, size_t call, size_t inbox)
{
	char path[128];
	struct stat sb;
	struct fixture f;

	pack_max = 0;
	prepare(&f);
	f.store->cfg.reserve = 1;
	assert_ok(store_create_account(f.store, S("anna"), NULL));
	fixture_account(&f);
	assert_ok(world_do(&f, &ops[0]));
	for (; before->kind != WORLD_SECOND; before++)
		assert_ok(world_do(&f, before));
	(void)snprintf(path, sizeof(path), "%s/reserve", f.root);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, RESERVE_BYTES);
	watch(&f);
	disk.error = ENOSPC;
	disk.fail_at = 1;
	assert_int_equal(world_do(&f, &ops[0]), ST_NO_SPACE);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, RESERVE_BYTES);
	disk.fail_at = disk.calls + call;
	assert_ok(world_do(&f, op));
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, 0);
	assert_int_equal(fixture_box(&f, "INBOX")->messages, inbox);
	/* There is space again. */
	assert_ok(world_do(&f, &ops[0]));
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, RESERVE_BYTES);
	disk_forget();
	fixture_release(&f);
}

static void
a_full_disk_takes_an_expunge(void **state UNUSED)
{
	static const struct world_op none = {.kind = WORLD_SECOND};
	static const struct world_op gone = {
	    WORLD_EXPUNGE, "INBOX", NULL, 1, 0};

	a_full_disk_takes_what_has_the_reserve(&none, &gone, 2, 0);
}

/* The reserve that one process has made is the next one's, too. */
static void
a_full_disk_takes_an_expunge_of_the_next_process(void **state UNUSED)
{
	static const struct world_op gone = {
	    WORLD_EXPUNGE, "INBOX", NULL, 1, 0};
	char path[128];
	struct stat sb;
	struct fixture f;

	pack_max = 0;
	prepare(&f);
	f.store->cfg.reserve = 1;
	assert_ok(store_create_account(f.store, S("anna"), NULL));
	fixture_account(&f);
	assert_ok(world_do(&f, &ops[0]));
	fixture_close(&f);
	open_store(&f);
	f.store->cfg.reserve = UINT64_MAX;
	fixture_account(&f);
	watch(&f);
	disk.error = ENOSPC;
	disk.fail_at = 2;
	assert_ok(world_do(&f, &gone));
	assert_int_equal(fixture_box(&f, "INBOX")->messages, 0);
	(void)snprintf(path, sizeof(path), "%s/reserve", f.root);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, 0);
	disk_forget();
	fixture_release(&f);
}

static void
a_full_disk_takes_an_undo_and_a_restore(void **state UNUSED)
{
	static const struct world_op before[] = {
	    {WORLD_EXPUNGE, "INBOX", NULL, 1, 0},
	    {WORLD_CREATE, NULL, "a", 0, 0},
	    {WORLD_DELETE, "a", NULL, 0, 0},
	    {.kind = WORLD_SECOND},
	};
	static const struct world_op undo = {WORLD_UNDO, "INBOX", NULL, 0, 0};
	static const struct world_op restore = {WORLD_RESTORE, "a", NULL, 0, 0};

	a_full_disk_takes_what_has_the_reserve(before, &undo, 2, 1);
	/* A folder's record for the pack; its rows. */
	a_full_disk_takes_what_has_the_reserve(before, &restore, 1, 0);
	a_full_disk_takes_what_has_the_reserve(before, &restore, 4, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(power_cut_anywhere),
	    cmocka_unit_test(power_cut_between_packs),
	    cmocka_unit_test(any_call_fails),
	    cmocka_unit_test(a_full_disk_takes_an_expunge),
	    cmocka_unit_test(a_full_disk_takes_an_expunge_of_the_next_process),
	    cmocka_unit_test(a_full_disk_takes_an_undo_and_a_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

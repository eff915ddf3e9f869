#include "store/fixture_sql.h"
#include "store/recreate.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/backup.h"
#include "store/fixture_tend.h"
#include "store/proof.h"

struct world {
	struct fixture f;
	char dir[80]; /* the backup */
	struct buf why;
};

static int
set_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	const char *names[] = {"directory.db", "credentials.db"};

	fixture_init(&w->f);
	snprintf(w->dir, sizeof(w->dir), "%s/backup", w->f.root);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		fixture_sql_file(&w->f, names[i], "CREATE TABLE t(x)");
	buf_init(&w->why, 8192);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	buf_release(&w->why);
	fixture_release(&w->f);
	free(w);
	return 0;
}

static enum status
hold(void *ctx UNUSED, struct str account UNUSED)
{
	return ST_OK;
}

static void
release(void *ctx UNUSED, struct str account UNUSED)
{
}

static void
backup(struct world *w)
{
	struct backup_config cfg = {
	    .data = w->f.root,
	    .dir = w->dir,
	    .epoch = 1,
	    .clock = &w->f.clock,
	    .host = {w, hold, release, NULL, NULL},
	};
	struct backup_result r;

	assert_ok(backup_run(&cfg, &r, &w->why));
}

/* The account of the backup in place of the one that is there. */
static enum status
recreate(struct world *w)
{
	struct recreate_host host = {0};
	struct recreate r;
	char to[128];
	enum status st;

	snprintf(to, sizeof(to), "%s/accounts/an/anna", w->f.root);
	buf_clear(&w->why);
	assert_ok(recreate_open(&r, w->dir, &host, &w->why));
	fixture_close(&w->f);
	assert_false(recreate_done(to));
	st = recreate_account(
	    &r, manifest_find(&r.m, S("accounts/an/anna")), to);
	assert_false(recreate_done(to));
	if (st == ST_OK)
		assert_ok(recreate_mark(&r, to));
	assert_int_equal(recreate_done(to), st == ST_OK);
	recreate_close(&r);
	fixture_open(&w->f);
	if (st == ST_OK)
		fixture_account(&w->f);
	return st;
}

static struct str
show(struct world *w, const char *name)
{
	return fixture_show(&w->f, name);
}

static void
later(struct world *w)
{
	w->f.wall += 60 * 1000;
	w->f.mono += 60 * 1000;
}

/* S22: no UID and no modseq twice, whatever was given out since. */
static void
test_numbers(void **state)
{
	struct world *w = *state;
	uint64_t modseq;
	uint32_t uid;

	uid = fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	backup(w);
	modseq = w->f.a->modseq;
	fixture_append(&w->f, "INBOX", "Subject: later\r\n\r\n", 0, "");
	assert_ok(recreate(w));
	assert_str(show(w, "INBOX"), "1:");
	assert_int_equal(
	    fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\n", 0, ""),
	    uid + 1 + (1 << 24));
	assert_true(w->f.a->modseq > modseq + (UINT64_C(1) << 40));
	assert_true(w->f.a->modseq > (uint64_t)(w->f.wall / 1000) << 30);
	/* Once is enough. */
	fixture_reopen(&w->f);
	assert_int_equal(
	    fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\n", 0, ""),
	    uid + 2 + (1 << 24));
}

/* S20: twice from the same backup, with mail that came after the first time. */
static void
test_twice(void **state)
{
	struct world *w = *state;
	uint64_t first, second, modseq;
	uint32_t uid;

	fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	backup(w);
	later(w);
	assert_ok(recreate(w));
	uid = fixture_append(&w->f, "INBOX", "Subject: a\r\n\r\n", 0, "");
	assert_ok(fixture_folder(&w->f, CHANGE_CREATE, "New", NULL));
	first = fixture_box(&w->f, "New")->id;
	modseq = w->f.a->modseq;
	later(w);
	assert_ok(recreate(w));
	/* As many as 256 a second could have come meanwhile. */
	assert_int_equal(
	    fixture_append(&w->f, "INBOX", "Subject: b\r\n\r\n", 0, ""),
	    uid + 60 * 256);
	assert_ok(fixture_folder(&w->f, CHANGE_CREATE, "New", NULL));
	second = fixture_box(&w->f, "New")->id;
	assert_true(second > first + 60 * 256 - 10);
	assert_true(w->f.a->modseq > modseq + 1000000);
	/* Two years later, there are UIDs left; a clock behind harms nobody. */
	w->f.wall += INT64_C(2) * 365 * 86400 * 1000;
	assert_ok(recreate(w));
	uid = fixture_append(&w->f, "INBOX", "Subject: c\r\n\r\n", 0, "");
	assert_in_range(uid, 1 << 30, (1U << 30) + (1 << 25));
	w->f.wall -= INT64_C(3) * 365 * 86400 * 1000;
	assert_ok(recreate(w));
	uid = fixture_append(&w->f, "INBOX", "Subject: d\r\n\r\n", 0, "");
	assert_int_equal(uid, 2 + (1 << 24));
}

static void
test_damage(void **state)
{
	struct world *w = *state;
	char path[128];
	int fd;

	fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	backup(w);
	snprintf(path, sizeof(path), "%s/accounts/an/anna/pack-000001", w->dir);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "x", 1, 100), 1);
	close(fd);
	assert_int_equal(recreate(w), ST_CORRUPT);
	assert_non_null(strstr(w->why.p, "pack-000001"));
}

/* Never a link into the backup, and never longer than what it says. */
static void
test_files(void **state)
{
	struct world *w = *state;
	char ours[128], theirs[128];
	struct stat a, b;
	int fd;

	fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	backup(w);
	snprintf(
	    theirs, sizeof(theirs), "%s/accounts/an/anna/pack-000001", w->dir);
	snprintf(
	    ours, sizeof(ours), "%s/accounts/an/anna/pack-000001", w->f.root);
	fd = open(theirs, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "torn", 4), 4);
	close(fd);
	assert_ok(recreate(w));
	assert_int_equal(stat(ours, &a), 0);
	assert_int_equal(stat(theirs, &b), 0);
	assert_int_not_equal(a.st_ino, b.st_ino);
	assert_int_equal(b.st_size, a.st_size + 4);
	assert_str(show(w, "INBOX"), "1:");
}

static void
is_wrong(void *ctx UNUSED, struct str where UNUSED, struct str what)
{
	fail_msg(STR_FMT, STR_ARG(what));
}

static struct str
file(const char *dir, const char *name, struct arena *a)
{
	char path[160], bytes[16384];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/accounts/an/anna/%s", dir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, bytes, sizeof(bytes));
	assert_in_range(n, 1, sizeof(bytes) - 1);
	close(fd);
	return arena_str(a, str_of(bytes, (size_t)n));
}

/* Compacted packs go to the backup and back as they are (S10, S36). */
static void
test_compacted(void **state)
{
	struct world *w = *state;
	struct proof_host host = {.found = is_wrong};
	struct proof_result r = {0};
	struct timeline times = {0};
	struct tender_config cfg;
	struct str keep, inbox;
	char path[128];
	struct stat sb;

	w->f.store->pack_max = 300;
	fixture_pass(&w->f, &times, 86400000);
	for (int i = 0; i < 6; i++)
		fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, 1, 1));
	fixture_pass(&w->f, &times, INT64_C(8) * 86400000);
	assert_ok(fixture_flags(&w->f, "INBOX", FLAGS_ADD, FLAG_SEEN, 2, 2));
	backup(w);
	cfg = fixture_tender(&w->f, &times, INT64_C(7) * 86400000);
	cfg.dead_min = 1;
	assert_int_equal(fixture_tend_with(&w->f, &cfg).packs, 1);
	inbox = show(w, "INBOX");
	keep = file(w->f.root, "keep-000001", &w->f.arena);
	/* Over a backup of what was there before, too. */
	backup(w);
	assert_true(str_eq(file(w->dir, "keep-000001", &w->f.arena), keep));
	assert_ok(proof_backup(w->dir, &host, &r, &w->why));
	assert_ok(recreate(w));
	assert_true(str_eq(show(w, "INBOX"), inbox));
	assert_true(str_eq(file(w->f.root, "keep-000001", &w->f.arena), keep));
	snprintf(
	    path, sizeof(path), "%s/accounts/an/anna/keep-000001", w->f.root);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0444);
	assert_int_equal(faccessat(w->f.a->dir_fd, "pack-000002", F_OK, 0), -1);
	assert_ok(proof_account(w->f.root, S("anna"), &host, &r));
}

/*
 * As it was on Monday, in every respect; and a second time from there, with
 * changes after it.
 */
static void
test_rewind(void **state)
{
	struct world *w = *state;
	struct str names, inbox, work;
	struct account_usage then, now;
	int64_t monday;
	uint64_t modseq;

	for (int i = 0; i < 5; i++)
		fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	assert_ok(fixture_folder(&w->f, CHANGE_CREATE, "Work", NULL));
	assert_ok(fixture_folder(&w->f, CHANGE_CREATE, "Work/Old", NULL));
	assert_ok(fixture_uids(&w->f, CHANGE_COPY, "INBOX", "Work", 1, 3));
	assert_ok(fixture_flags(&w->f, "Work", FLAGS_ADD, FLAG_SEEN, 2, 2));
	names = fixture_names(&w->f);
	inbox = show(w, "INBOX");
	work = show(w, "Work");
	account_usage(w->f.a, &then);
	monday = w->f.wall;
	later(w);

	assert_ok(fixture_flags(&w->f, "Work", FLAGS_ADD, FLAG_DELETED, 1, 3));
	assert_ok(fixture_uids(&w->f, CHANGE_MOVE, "INBOX", "Archive", 2, 2));
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, 3, 4));
	assert_ok(fixture_folder(&w->f, CHANGE_DELETE, "Work/Old", NULL));
	assert_ok(fixture_folder(&w->f, CHANGE_RENAME, "Work", "Rest"));
	assert_ok(fixture_folder(&w->f, CHANGE_DELETE, "Rest", NULL));
	assert_ok(fixture_folder(&w->f, CHANGE_CREATE, "New", NULL));
	fixture_append(&w->f, "INBOX", "Subject: new\r\n\r\n", 0, "");
	later(w);
	backup(w);

	assert_ok(recreate(w));
	assert_ok(past_modseq_at(w->f.a, monday, &modseq));
	assert_ok(recreate_rewind(w->f.a, modseq));
	fixture_reopen(&w->f);
	assert_true(str_eq(fixture_names(&w->f), names));
	assert_true(str_eq(show(w, "INBOX"), inbox));
	assert_true(str_eq(show(w, "Work"), work));
	account_usage(w->f.a, &now);
	assert_int_equal(now.messages, then.messages);
	assert_int_equal(now.bytes, then.bytes);
	/* Copies of one message still share it: one goes, one stays. */
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "Work", NULL, 1, 1));
	fixture_reopen(&w->f);
	assert_true(str_eq(show(w, "INBOX"), inbox));
	assert_true(fixture_append(&w->f, "INBOX", "Subject: z\r\n\r\n", 0,
			"") > 6 + (1 << 24));
	/* Before it was made there is nothing to go back to. */
	assert_int_equal(past_modseq_at(w->f.a, 1000, &modseq), ST_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_twice, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_compacted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rewind, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

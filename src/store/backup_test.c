#include "store/backup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/vec.h"
#include "store/fixture_sql.h"
#include "store/manifest.h"
#include "store/proof.h"

struct world {
	struct fixture f;
	char dir[80]; /* the backup */
	struct buf found;
	uint64_t n_warnings;
	uint64_t fail_after; /* bytes looked at; 0: never */
};

static void
database(struct world *w, const char *name)
{
	fixture_sql_file(&w->f, name,
	    "PRAGMA journal_mode=WAL;CREATE TABLE t(x);"
	    "INSERT INTO t VALUES(1)");
}

static int
set_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	fixture_init(&w->f);
	snprintf(w->dir, sizeof(w->dir), "%s/backup", w->f.root);
	database(w, "directory.db");
	database(w, "credentials.db");
	buf_init(&w->found, 1 << 20);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	buf_release(&w->found);
	fixture_release(&w->f);
	free(w);
	return 0;
}

static enum status
hold(void *ctx UNUSED, struct str account)
{
	assert_str(account, "anna");
	return ST_OK;
}

static void
release(void *ctx UNUSED, struct str account UNUSED)
{
}

static void
warn(void *ctx, struct str text UNUSED)
{
	((struct world *)ctx)->n_warnings++;
}

static enum status
backup(struct world *w, struct backup_result *r)
{
	struct backup_config cfg = {
	    .data = w->f.root,
	    .dir = w->dir,
	    .epoch = 1,
	    .clock = &w->f.clock,
	    .host = {w, hold, release, NULL, warn},
	};
	enum status st;
	struct buf why;

	buf_init(&why, 8192);
	st = backup_run(&cfg, r, &why);
	assert_int_equal(st == ST_OK, why.n == 0);
	buf_release(&why);
	return st;
}

static void
found(void *ctx, struct str where, struct str what)
{
	struct world *w = ctx;

	buf_addf(&w->found, STR_FMT ": " STR_FMT "\n", STR_ARG(where),
	    STR_ARG(what));
}

/* What is wrong with the backup, a line each. */
static struct str
check(struct world *w, struct proof_result *r)
{
	struct proof_host host = {.ctx = w, .found = found};
	struct buf why;

	buf_init(&why, 8192);
	buf_clear(&w->found);
	assert_ok(proof_backup(w->dir, &host, r, &why));
	buf_release(&why);
	return buf_str(&w->found);
}

static void
path_in(struct world *w, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", w->dir, name);
}

static uint64_t
size_of(const char *path)
{
	struct stat sb;

	assert_int_equal(stat(path, &sb), 0);
	return (uint64_t)sb.st_size;
}

static void
flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

/* The second run reads nothing; a third only what is new. */
static void
test_incremental(void **state)
{
	struct world *w = *state;
	struct backup_result r;
	struct proof_result p;
	uint64_t first;

	for (int i = 0; i < 20; i++)
		fixture_append(&w->f, "INBOX",
		    "From: a@b\r\nSubject: x\r\n\r\nbody\r\n", FLAG_SEEN, "");
	assert_ok(backup(w, &r));
	assert_int_equal(r.run, 1);
	assert_int_equal(r.accounts, 1);
	assert_int_equal(r.unchanged, 0);
	assert_int_equal(r.read, w->f.a->applied.offset);
	assert_str(check(w, &p), "");
	assert_int_equal(p.messages, 20);
	assert_int_equal(p.mailboxes, 6);

	assert_ok(backup(w, &r));
	assert_int_equal(r.run, 2);
	assert_int_equal(r.unchanged, 1);
	assert_int_equal(r.read, 0);
	assert_str(check(w, &p), "");

	first = w->f.a->applied.offset;
	fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\n", 0, "");
	assert_ok(backup(w, &r));
	assert_int_equal(r.unchanged, 0);
	/* The last piece is short, and is summed again. */
	assert_int_equal(r.read, w->f.a->applied.offset);
	assert_true(r.read < first + 300);
	assert_str(check(w, &p), "");
	assert_int_equal(p.messages, 21);
	assert_int_equal(w->n_warnings, 0);
}

/* A flag alone changes no pack: its bytes are not read again. */
static void
test_flags(void **state)
{
	struct world *w = *state;
	struct backup_result r;
	struct proof_result p;

	fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\n", 0, "");
	assert_ok(backup(w, &r));
	assert_ok(fixture_flags(&w->f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
	assert_ok(backup(w, &r));
	assert_int_equal(r.unchanged, 0);
	assert_int_equal(r.read, 0);
	assert_str(check(w, &p), "");
}

static void
add_file(struct world *w, const char *name)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/accounts/an/anna/%s", w->f.root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

/* What can be made again or is only being made, and traces, are no part. */
static void
test_other_files(void **state)
{
	struct world *w = *state;
	struct backup_result r;
	struct proof_result p;

	fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\n", 0, "");
	for (int i = 0; i < 2; i++) {
		add_file(w, "text-index");
		add_file(w, "keep-000001.new");
		add_file(w, "damaged-pack-000001");
		add_file(w, "trace-1764000000000-imap");
		assert_ok(backup(w, &r));
		assert_int_equal(r.unchanged, i);
		assert_int_equal(r.files, 4);
	}
	add_file(w, "keep-000001");
	assert_ok(backup(w, &r));
	assert_int_equal(r.unchanged, 0);
	assert_int_equal(r.files, 5);
	assert_str(check(w, &p), "");
}

static void
test_damage(void **state)
{
	struct world *w = *state;
	struct backup_result r;
	struct proof_result p;
	char path[256];

	fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\nbody\r\n", 0, "");
	assert_ok(backup(w, &r));
	path_in(w, "accounts/an/anna/pack-000001", path);
	flip(path, (off_t)size_of(path) - 3);
	check(w, &p);
	assert_int_equal(p.found, 2);
	assert_true(
	    str_find_str(buf_str(&w->found),
		S("accounts/an/anna: pack-000001: bytes 0 to ")) != SIZE_MAX);
	assert_true(str_find_str(buf_str(&w->found),
			S("the bytes of message 7 are damaged")) != SIZE_MAX);
	flip(path, (off_t)size_of(path) - 3);
	assert_str(check(w, &p), "");
	/* Shorter, and the database damaged. */
	assert_int_equal(truncate(path, (off_t)size_of(path) - 1), 0);
	path_in(w, "accounts/an/anna/mail-000001.db", path);
	assert_int_equal(truncate(path, 8192), 0);
	check(w, &p);
	assert_int_equal(p.found, 3);
	/* And the next run does not take them for good. */
	fixture_append(&w->f, "INBOX", "Subject: z\r\n\r\n", 0, "");
	assert_ok(backup(w, &r));
	assert_str(check(w, &p), "");
}

/*
 * An account that was put back to an older state has a pack of the same name
 * with other bytes: it is copied beside the one that is there.
 */
static void
test_diverged(void **state)
{
	struct world *w = *state;
	struct backup_result r;
	struct proof_result p;
	char from[128], to[128], command[512], path[256];

	snprintf(from, sizeof(from), "%s/accounts/an/anna", w->f.root);
	snprintf(to, sizeof(to), "%s/old", w->f.root);
	fixture_close(&w->f);
	snprintf(command, sizeof(command), "cp -a %s %s", from, to);
	assert_int_equal(system(command), 0);
	fixture_open(&w->f);
	fixture_account(&w->f);
	fixture_append(&w->f, "INBOX", "Subject: gone\r\n\r\n", 0, "");
	assert_ok(backup(w, &r));
	path_in(w, "accounts/an/anna/pack-000001", path);
	assert_int_equal(size_of(path), w->f.a->applied.offset);

	fixture_close(&w->f);
	snprintf(
	    command, sizeof(command), "rm -r %s && mv %s %s", from, to, from);
	assert_int_equal(system(command), 0);
	fixture_open(&w->f);
	fixture_account(&w->f);
	fixture_append(
	    &w->f, "INBOX", "Subject: other\r\n\r\nlonger\r\n", 0, "");
	fixture_append(
	    &w->f, "INBOX", "Subject: other\r\n\r\nlonger\r\n", 0, "");
	assert_ok(backup(w, &r));
	assert_str(check(w, &p), "");
	path_in(w, "accounts/an/anna-000002/pack-000001", path);
	assert_int_equal(size_of(path), w->f.a->applied.offset);
	/* What no manifest names has gone. */
	path_in(w, "accounts/an/anna", path);
	assert_int_equal(access(path, F_OK), -1);
}

/* What a killed run has copied is not copied again. */
static void
test_resume(void **state)
{
	struct world *w = *state;
	struct backup_result r;
	struct proof_result p;
	char manifest[256], kept[256];

	fixture_append(&w->f, "INBOX", "Subject: y\r\n\r\nbody\r\n", 0, "");
	/* The manifest cannot be written: a folder is in its way. */
	assert_int_equal(mkdir(w->dir, 0700), 0);
	path_in(w, "lock", kept);
	close(open(kept, O_CREAT | O_WRONLY, 0600));
	path_in(w, "manifest.new", manifest);
	assert_int_equal(mkdir(manifest, 0700), 0);
	assert_int_not_equal(backup(w, &r), ST_OK);
	assert_int_equal(rmdir(manifest), 0);
	assert_ok(backup(w, &r));
	assert_int_equal(r.unchanged, 1);
	assert_int_equal(r.read, 0);
	assert_str(check(w, &p), "");
	/* A folder of other things is left alone. */
	assert_int_equal(unlink(kept), 0);
	assert_int_equal(backup(w, &r), ST_EXISTS);
}

static void
test_manifest(void **state UNUSED)
{
	struct manifest m, got;
	struct manifest_folder f = {.account = true,
	    .name = S("accounts/an/anna"),
	    .place = S("accounts/an/anna-000002"),
	    .db = S("mail-000001.db"),
	    .modseq = 7,
	    .applied_pack = 1,
	    .applied_offset = 100};
	struct manifest_folder *to;
	struct manifest_file *file;
	struct buf b;
	struct str text;

	manifest_init(&m);
	m.run = 3;
	m.version = S("1");
	to = manifest_add_folder(&m, &f);
	file = manifest_add_file(&m, to, S("pack-000001"));
	file->size = 5;
	VEC_ADD(file, pieces)->n = 5;
	buf_init(&b, 1 << 20);
	manifest_write(&m, &b);
	assert_ok(manifest_read(buf_str(&b), &got));
	assert_int_equal(got.run, 3);
	assert_int_equal(got.n_folders, 1);
	assert_str(got.folders[0].place, "accounts/an/anna-000002");
	assert_int_equal(got.folders[0].applied_offset, 100);
	assert_int_equal(got.folders[0].files[0].pieces[0].n, 5);
	manifest_release(&got);
	/* Any byte of it counts; and nothing may stand behind. */
	for (size_t i = 0; i < b.n; i++) {
		b.p[i] ^= 1;
		assert_int_not_equal(manifest_read(buf_str(&b), &got), ST_OK);
		b.p[i] ^= 1;
	}
	assert_int_equal(
	    manifest_read(str_first(buf_str(&b), b.n - 1), &got), ST_OK);
	manifest_release(&got);
	buf_addz(&b, "x\n");
	assert_int_equal(manifest_read(buf_str(&b), &got), ST_CORRUPT);

	/* Progress: what is torn does not count, the last word does. */
	buf_clear(&b);
	progress_write(to, &b);
	to->modseq = 8;
	progress_write(to, &b);
	text = str_first(buf_str(&b), b.n - 10);
	manifest_init(&got);
	progress_read(text, &got);
	assert_int_equal(got.n_folders, 1);
	assert_int_equal(got.folders[0].modseq, 7);
	manifest_release(&got);
	manifest_init(&got);
	progress_read(buf_str(&b), &got);
	assert_int_equal(got.n_folders, 1);
	assert_int_equal(got.folders[0].modseq, 8);
	manifest_release(&got);

	assert_false(manifest_name_ok(S("..")));
	assert_false(manifest_name_ok(S("a b")));
	assert_false(manifest_name_ok(S("a/b")));
	assert_true(manifest_name_ok(S("pack-000001")));
	buf_release(&b);
	manifest_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_incremental, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_flags, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_other_files, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_diverged, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_resume, set_up, tear_down),
	    cmocka_unit_test(test_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Every write of SQLite's files fails once (S4): a change that is refused has
 * left nothing, now and after a new opening, and the ones after it work.
 */
#include <sqlite3.h>

#include "store/fixture.h"

static const char hello[] = "Subject: hello\r\n\r\nBody\r\n";

/* SQLite's own file methods, and a copy of them whose writes can fail. */
struct methods {
	const sqlite3_io_methods *real;
	sqlite3_io_methods ours;
};
static struct methods db_methods, wal_methods;
static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;
static long countdown; /* the write that fails; 0: none does */
static int failure;

static const sqlite3_io_methods *
real_of(const sqlite3_file *file)
{
	return file->pMethods == &db_methods.ours ? db_methods.real
						  : wal_methods.real;
}

static bool
fails(void)
{
	return countdown > 0 && --countdown == 0;
}

static int
fault_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	return fails() ? failure : real_of(file)->xWrite(file, p, n, at);
}

static int
fault_sync(sqlite3_file *file, int flags)
{
	return fails() ? SQLITE_IOERR_FSYNC : real_of(file)->xSync(file, flags);
}

static int
fault_open(sqlite3_vfs *v UNUSED, sqlite3_filename name, sqlite3_file *file,
    int flags, int *out)
{
	struct methods *m =
	    flags & SQLITE_OPEN_WAL ? &wal_methods : &db_methods;
	int rc = real_vfs->xOpen(real_vfs, name, file, flags, out);

	if (rc != SQLITE_OK ||
	    !(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)))
		return rc;
	m->real = file->pMethods;
	m->ours = *m->real;
	m->ours.xWrite = fault_write;
	m->ours.xSync = fault_sync;
	file->pMethods = &m->ours;
	return rc;
}

static struct str
whole_state(struct fixture *f)
{
	struct buf b;
	struct str s;
	size_t n;
	const struct mailbox *m = account_mailboxes(f->a, NULL, &n);

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		char *name = str_dup(m[i].name);

		buf_addf(&b, "%s[" STR_FMT "] ", name,
		    STR_ARG(fixture_show(f, name)));
		free(name);
	}
	s = arena_str(&f->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static enum status
append(struct fixture *f)
{
	struct incoming *in = fixture_message(hello);
	struct change c = {
	    .kind = CHANGE_DELIVER, .messages = &in, .n_messages = 1};
	enum status st = fixture_do(f, &c);

	incoming_free(&in);
	return st;
}

static enum status
change(struct fixture *f, int what)
{
	switch (what) {
	case 0:
	case 1:
	case 2:
		return append(f);
	case 3:
		return fixture_flags(f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 9);
	case 4:
		return fixture_uids(f, CHANGE_COPY, "INBOX", "Sent", 1, 2);
	case 5:
		return fixture_folder(f, CHANGE_CREATE, "x/y", NULL);
	case 6:
		return fixture_uids(f, CHANGE_MOVE, "INBOX", "Junk", 2, 2);
	case 7:
		return fixture_folder(f, CHANGE_RENAME, "Junk", "old");
	case 8:
		return fixture_uids(f, CHANGE_EXPUNGE, "INBOX", NULL, 1, 1);
	default:
		return fixture_folder(f, CHANGE_DELETE, "Sent", NULL);
	}
}
enum { CHANGES = 10 };

/* True when the fault was met. */
static bool
run_with_fault(long at)
{
	struct fixture f;
	struct str before, after;
	bool refused = false;

	fixture_init(&f);
	fixture_close(&f);
	fixture_open(&f);
	f.store->vfs = "fault";
	fixture_account(&f);
	countdown = at;
	for (int i = 0; i < CHANGES; i++) {
		enum status st;

		before = whole_state(&f);
		st = change(&f, i);
		after = whole_state(&f);
		if (st == ST_OK)
			continue;
		/* A change may miss what a refused one should have made. */
		assert_true(refused || st == ST_IO || st == ST_NO_SPACE);
		refused = true;
		assert_true(str_eq(before, after));
	}
	after = whole_state(&f);
	account_unref(&f.a);
	store_close(&f.store);
	fixture_open(&f);
	fixture_account(&f);
	assert_true(str_eq(after, whole_state(&f)));
	assert_ok(append(&f));
	fixture_release(&f);
	refused = countdown == 0;
	countdown = 0;
	return refused;
}

static void
each_write_fails_once(void **state UNUSED)
{
	static const int failures[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
	long n = 1;

	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		failure = failures[i];
		for (n = 1; run_with_fault(n); n++)
			;
		assert_true(n > 2 * CHANGES);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_write_fails_once),
	};

	sqlite3_initialize();
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "fault";
	vfs.xOpen = fault_open;
	sqlite3_vfs_register(&vfs, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

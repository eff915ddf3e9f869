/* Pages of mail.db that hold nothing are given back. */
#include <sqlite3.h>
#include <sys/stat.h>

#include "store/fixture_tend.h"
#include "store/proof.h"
#include "store/tender_int.h"

#define DAY INT64_C(86400000)

enum { MESSAGES = 400, KEPT = 20 };

struct world {
	struct fixture f;
	struct timeline times;
};

static uint64_t
pragma(struct world *w, const char *sql)
{
	sqlite3_stmt *q;
	uint64_t n;

	assert_int_equal(
	    sqlite3_prepare_v2(w->f.a->db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static uint64_t
pages(struct world *w)
{
	return pragma(w, "PRAGMA page_count");
}

static uint64_t
free_pages(struct world *w)
{
	return pragma(w, "PRAGMA freelist_count");
}

/* Most of the messages are gone for good; those that are left, in between. */
static void
world_init(struct world *w, const char *sql)
{
	char text[2000];

	memset(w, 0, sizeof(*w));
	fixture_init(&w->f);
	assert_int_equal(
	    sqlite3_exec(w->f.a->db, sql, NULL, NULL, NULL), SQLITE_OK);
	fixture_reopen(&w->f);
	fixture_pass(&w->f, &w->times, DAY);
	for (unsigned i = 0; i < MESSAGES; i++) {
		int n = snprintf(text, sizeof(text), "Subject: %u", i);

		memset(text + n, 'x', 1500);
		snprintf(text + n + 1500, 20, "\r\n\r\n%u\r\n", i);
		fixture_append(&w->f, "INBOX", text, 0, "");
	}
	for (uint32_t uid = 1; uid < MESSAGES; uid += MESSAGES / KEPT)
		assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL,
		    uid, uid + MESSAGES / KEPT - 2));
	fixture_pass(&w->f, &w->times, 8 * DAY);
	assert_ok(fixture_flags(
	    &w->f, "INBOX", FLAGS_ADD, FLAG_SEEN, MESSAGES, MESSAGES));
}

static uint64_t
tend(struct world *w, uint64_t free_min)
{
	struct tender_config cfg = fixture_tender(&w->f, &w->times, 7 * DAY);

	cfg.free_min = free_min;
	return fixture_tend_with(&w->f, &cfg).pages;
}

static void
is_wrong(void *ctx UNUSED, struct str where UNUSED, struct str what)
{
	fail_msg(STR_FMT, STR_ARG(what));
}

static void
check(struct world *w)
{
	struct proof_host host = {.found = is_wrong};
	struct proof_result r = {0};

	assert_ok(proof_account(w->f.root, S("anna"), &host, &r));
	assert_int_equal(r.messages, KEPT);
	assert_int_equal(r.entries, KEPT);
}

static uint64_t
file_size(struct world *w)
{
	struct stat sb;

	fixture_reopen(&w->f); /* all of the WAL is in it then */
	assert_int_equal(fstatat(w->f.a->dir_fd, "mail.db", &sb, 0), 0);
	return (uint64_t)sb.st_size;
}

static void
most_of_it_is_given_back(void **state UNUSED)
{
	static struct world w;
	uint64_t before, gone, size;
	struct str shown;

	world_init(&w, "");
	shown = fixture_show(&w.f, "INBOX");
	/* It is too little to be worth it. */
	assert_int_equal(tend(&w, 0), 0);
	before = pages(&w);
	assert_true(free_pages(&w) * 2 > before);
	size = file_size(&w);
	assert_int_equal(size, before * 4096);
	gone = tend(&w, 1);
	assert_true(gone > before / 4);
	assert_int_equal(pages(&w), before - gone);
	assert_true(free_pages(&w) * 4 < pages(&w));
	check(&w);
	assert_int_equal(file_size(&w), (before - gone) * 4096);
	assert_true(str_eq(fixture_show(&w.f, "INBOX"), shown));
	check(&w);
	assert_int_equal(tend(&w, 1), 0);
	fixture_release(&w.f);
}

/* One that was made before mail.db could shrink. */
static void
an_old_file_stays_as_it_is(void **state UNUSED)
{
	static struct world w;
	uint64_t before;

	world_init(&w, "PRAGMA auto_vacuum=NONE;VACUUM");
	assert_int_equal(pragma(&w, "PRAGMA auto_vacuum"), 0);
	assert_int_equal(tend(&w, 1), 0);
	before = pages(&w);
	assert_true(free_pages(&w) * 2 > before);
	/* Until it is written anew. */
	assert_ok(db_write_anew(w.f.a));
	fixture_reopen(&w.f);
	assert_int_equal(pragma(&w, "PRAGMA auto_vacuum"), 2);
	assert_true(pages(&w) < before / 2);
	check(&w);
	fixture_release(&w.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(most_of_it_is_given_back),
	    cmocka_unit_test(an_old_file_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

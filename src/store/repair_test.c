#include "store/repair.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "store/fixture_sql.h"
#include "store/proof.h"
#include "store/text_index.h"
#include "store/text_indexer.h"

struct world {
	struct fixture f;
	struct buf found, said;
	uint64_t n_notes;
	char db[128], pack[128];
};

static int
set_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	fixture_init(&w->f);
	buf_init(&w->found, 1 << 20);
	buf_init(&w->said, 1 << 20);
	snprintf(
	    w->db, sizeof(w->db), "%s/accounts/an/anna/mail.db", w->f.root);
	snprintf(w->pack, sizeof(w->pack), "%s/accounts/an/anna/pack-000001",
	    w->f.root);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	buf_release(&w->found);
	buf_release(&w->said);
	fixture_release(&w->f);
	free(w);
	return 0;
}

static void
found(void *ctx, struct str where UNUSED, struct str what)
{
	buf_addf(&((struct world *)ctx)->found, STR_FMT "\n", STR_ARG(what));
}

static void
note(void *ctx, struct str where UNUSED, struct str what UNUSED)
{
	((struct world *)ctx)->n_notes++;
}

static void
did(void *ctx, struct str what)
{
	buf_addf(
	    &((struct world *)ctx)->said, "did " STR_FMT "\n", STR_ARG(what));
}

static void
lost(void *ctx, struct str what)
{
	buf_addf(
	    &((struct world *)ctx)->said, "lost " STR_FMT "\n", STR_ARG(what));
}

/* What is wrong, a line each. */
static struct str
check(struct world *w)
{
	struct proof_host host = {w, found, note, NULL};
	struct proof_result r = {0};

	buf_clear(&w->found);
	w->n_notes = 0;
	assert_ok(proof_account(w->f.root, S("anna"), &host, &r));
	assert_int_equal(r.found > 0, w->found.n > 0);
	return buf_str(&w->found);
}

static struct str
repair(struct world *w)
{
	struct repair_host host = {w, did, lost};

	buf_clear(&w->said);
	if (w->f.store)
		fixture_close(&w->f);
	fixture_open(&w->f);
	assert_ok(repair_account(w->f.store, S("anna"), &host));
	fixture_account(&w->f);
	assert_str(check(w), "");
	return buf_str(&w->said);
}

static void
sql(struct world *w, const char *text)
{
	fixture_sql(&w->f, text);
}

static uint64_t
size_of(const char *path)
{
	struct stat sb;

	assert_int_equal(stat(path, &sb), 0);
	return (uint64_t)sb.st_size;
}

static void
garble(const char *path, off_t at, size_t n)
{
	int fd = open(path, O_RDWR);
	char junk[4096];

	memset(junk, 0xa5, sizeof(junk));
	for (; n; n -= n < sizeof(junk) ? n : sizeof(junk))
		assert_true(
		    pwrite(fd, junk, n < sizeof(junk) ? n : sizeof(junk),
			at + (off_t)n -
			    (off_t)(n < sizeof(junk) ? n : sizeof(junk))) > 0);
	close(fd);
}

static bool
has(struct str text, const char *part)
{
	return str_find_str(text, str_from(part)) != SIZE_MAX;
}

static void
some_mail(struct world *w)
{
	for (int i = 0; i < 6; i++)
		fixture_append(&w->f, "INBOX",
		    "From: a@b\r\nSubject: hello\r\n\r\nbody\r\n", 0, "");
	assert_ok(fixture_folder(&w->f, CHANGE_CREATE, "Work", NULL));
	assert_ok(fixture_uids(&w->f, CHANGE_MOVE, "INBOX", "Work", 2, 3));
	assert_ok(fixture_uids(&w->f, CHANGE_COPY, "INBOX", "Work", 4, 4));
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, 6, 6));
	assert_ok(fixture_flags(&w->f, "Work", FLAGS_ADD, FLAG_SEEN, 1, 2));
	assert_str(fixture_show(&w->f, "INBOX"), "1: 4: 5:");
	assert_str(fixture_show(&w->f, "Work"), "1:\\Seen 2:\\Seen 3:");
	assert_str(check(w), "");
}

static void
test_rows(void **state)
{
	struct world *w = *state;

	some_mail(w);
	sql(w,
	    "UPDATE mailbox SET messages=99,unseen=1 WHERE name='INBOX';"
	    "UPDATE account SET bytes=1;DELETE FROM shared;"
	    "UPDATE mailbox SET uidnext=2 WHERE name='Work';");
	check(w);
	assert_true(
	    has(buf_str(&w->found), "messages of INBOX: 99, counted 3"));
	assert_true(has(buf_str(&w->found), "unseen of INBOX: 1, counted 3"));
	assert_true(has(buf_str(&w->found), "bytes of the account: 1,"));
	assert_true(has(buf_str(&w->found), "shown 2 times and counts 1"));
	assert_true(has(buf_str(&w->found), "given again: 3 in Work"));
	assert_false(has(repair(w), "lost"));
	assert_str(fixture_show(&w->f, "Work"), "1:\\Seen 2:\\Seen 3:");
	assert_int_equal(fixture_box(&w->f, "INBOX")->messages, 3);
	assert_true(fixture_box(&w->f, "Work")->uidnext > 1 << 24);
}

/* An entry whose message is gone; a mailbox that is. */
static void
test_orphans(void **state)
{
	struct world *w = *state;

	some_mail(w);
	sql(w,
	    "DELETE FROM message WHERE id=(SELECT message FROM entry WHERE"
	    " uid=5);DELETE FROM mailbox WHERE name='Work'");
	check(w);
	assert_true(has(buf_str(&w->found), "without its message: uid 5 in"));
	assert_true(has(buf_str(&w->found), "without its mailbox"));
	assert_true(has(repair(w), "lost 1 entries had no message any more"));
	assert_str(fixture_show(&w->f, "INBOX"), "1: 4:");
	assert_true(has(fixture_names(&w->f), "Recovered/"));
}

static void
make_file(struct world *w, const char *name, const char *text)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/accounts/an/anna/%s", w->f.root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Bytes that are damaged: named, and gone for good; the rest is not touched. */
static void
test_bytes(void **state)
{
	struct world *w = *state;
	struct account_usage u;

	fixture_append(&w->f, "INBOX", "Subject: one\r\n\r\nbody\r\n", 0, "");
	fixture_append(&w->f, "INBOX",
	    "From: Eve <eve@x>\r\nSubject: two\r\n\r\nbody two\r\n", 0, "");
	fixture_append(&w->f, "INBOX", "Subject: three\r\n\r\n", 0, "");
	assert_ok(fixture_uids(&w->f, CHANGE_COPY, "INBOX", "Archive", 2, 2));
	fixture_close(&w->f);
	{
		int fd = open(w->pack, O_RDWR);
		char bytes[8192], *p;
		ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

		assert_true(n > 0);
		p = memmem(bytes, (size_t)n, "body two", 8);
		assert_non_null(p);
		assert_int_equal(pwrite(fd, "B", 1, p - bytes), 1);
		close(fd);
	}
	make_file(w, "damaged-pack-000001", "message 8\n");
	fixture_open(&w->f);
	fixture_account(&w->f);
	check(w);
	assert_true(has(buf_str(&w->found), "damaged or missing (pack 1, at"));
	assert_true(has(buf_str(&w->found), "compaction met damage there"));
	repair(w);
	assert_true(has(buf_str(&w->said),
	    "lost the bytes of uid 2 in INBOX: \"two\" from "));
	assert_true(
	    has(buf_str(&w->said), "lost the bytes of uid 1 in Archive"));
	/* It is still told of what is in the pack there. */
	assert_int_equal(w->n_notes, 1);
	assert_str(fixture_show(&w->f, "INBOX"), "1: 3:");
	assert_str(fixture_show(&w->f, "Archive"), "");
	account_usage(w->f.a, &u);
	assert_int_equal(u.messages, 2);
	assert_int_equal(u.retained_bytes, 0);
	fixture_append(&w->f, "INBOX", "Subject: four\r\n\r\n", 0, "");
	fixture_reopen(&w->f);
	assert_str(fixture_show(&w->f, "INBOX"), "1: 3: 4:");
}

/* S3: readable only until it is repaired. */
static void
test_short_pack(void **state)
{
	struct world *w = *state;
	struct incoming *in = fixture_message("Subject: x\r\n\r\n");
	struct change c = {
	    .kind = CHANGE_DELIVER, .messages = &in, .n_messages = 1};

	for (int i = 0; i < 4; i++)
		fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0, "");
	fixture_close(&w->f);
	assert_int_equal(truncate(w->pack, (off_t)size_of(w->pack) - 5), 0);
	fixture_open(&w->f);
	fixture_account(&w->f);
	assert_int_equal(fixture_do(&w->f, &c), ST_READONLY);
	check(w);
	assert_true(has(buf_str(&w->found), "shorter than the database says"));
	assert_true(has(repair(w), "the account takes changes again"));
	assert_true(has(buf_str(&w->said), "lost the bytes of uid 4 in INBOX"));
	assert_ok(fixture_do(&w->f, &c));
	incoming_free(&in);
	fixture_reopen(&w->f);
	assert_str(fixture_show(&w->f, "INBOX"), "1: 2: 3: 5:");
}

/* The history is damaged, all else can be read: nothing moves. */
static void
test_database(void **state)
{
	struct world *w = *state;
	int64_t page = 0;
	sqlite3 *db;
	sqlite3_stmt *q;

	some_mail(w);
	fixture_close(&w->f);
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT rootpage FROM sqlite_schema WHERE name='history'", -1,
		&q, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	page = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	garble(w->db, (off_t)(page - 1) * 4096, 4096);
	check(w);
	assert_true(has(buf_str(&w->found), "mail.db: "));
	repair(w);
	assert_true(has(buf_str(&w->said), "did mail.db was rebuilt"));
	assert_true(has(buf_str(&w->said), "lost the history before"));
	assert_false(has(buf_str(&w->said), "could not be read"));
	assert_str(fixture_show(&w->f, "INBOX"), "1: 4: 5:");
	assert_str(fixture_show(&w->f, "Work"), "1:\\Seen 2:\\Seen 3:");
	assert_true(w->n_notes >= 1); /* the old one is kept */
	/* No UID twice: both may have been given since. */
	assert_true(fixture_append(&w->f, "Work", "Subject: x\r\n\r\n", 0, "") >
	    1 << 24);
}

/* Nothing of it can be read: what arrived is where it arrived. */
static void
test_garbage(void **state)
{
	struct world *w = *state;

	some_mail(w);
	fixture_close(&w->f);
	garble(w->db, 0, (size_t)size_of(w->db));
	check(w);
	assert_true(has(buf_str(&w->found), "mail.db cannot be opened"));
	repair(w);
	assert_true(has(buf_str(&w->said), "nothing of the old mail.db"));
	assert_str(fixture_show(&w->f, "INBOX"), "1: 2: 3: 4: 5: 6:");
}

/* Killed in the middle of a rebuild, and before the old rows were read. */
static void
index_all(struct world *w, uint64_t want)
{
	const struct text_indexer_config cfg = {
	    .root = str_from(w->f.root),
	    .account = S("anna"),
	    .clock = &w->f.clock,
	    .random = &w->f.random,
	};
	uint64_t n;

	assert_ok(text_indexer_run(&cfg, &n));
	assert_int_equal(n, want);
}

static void
test_text_index(void **state)
{
	struct world *w = *state;
	struct text_proof proof;
	char path[160];
	uint64_t size;

	for (int i = 0; i < 300; i++)
		fixture_append(
		    &w->f, "INBOX", "Subject: hello\r\n\r\nyou\r\n", 0, "");
	index_all(w, 300);
	assert_str(check(w), "");
	snprintf(
	    path, sizeof(path), "%s/accounts/an/anna/text-index", w->f.root);
	size = size_of(path);
	garble(path, (off_t)size - 100, 10);
	assert_true(has(check(w), "text-index: damaged at "));
	assert_str(
	    repair(w), "did the text index was made anew, of 300 messages\n");
	assert_ok(text_index_verify(w->f.a, &proof));
	assert_int_equal(proof.messages, 300);
	assert_int_equal(proof.at, size);
	index_all(w, 0);
}

static void
test_cut_short(void **state)
{
	struct world *w = *state;
	char lost_name[160];

	some_mail(w);
	fixture_close(&w->f);
	snprintf(lost_name, sizeof(lost_name),
	    "%s/accounts/an/anna/lost-1-mail.db", w->f.root);
	assert_int_equal(rename(w->db, lost_name), 0);
	make_file(w, "salvaging", "lost-1-mail.db");
	make_file(w, "rebuilding", "");
	make_file(w, "mail.db", "half of it");
	fixture_open(&w->f);
	fixture_account(&w->f);
	assert_str(fixture_show(&w->f, "INBOX"), "1: 2: 3: 4: 5: 6:");
	assert_str(check(w), "a repair was cut short\n");
	assert_true(has(repair(w), "taken over from the old mail.db"));
	assert_str(fixture_show(&w->f, "INBOX"), "1: 4: 5:");
	assert_str(fixture_show(&w->f, "Work"), "1:\\Seen 2:\\Seen 3:");
}

/* Cut in the middle: every message is somewhere, none twice. */
static void
test_truncated(void **state)
{
	struct world *w = *state;
	struct account_usage u;

	some_mail(w);
	for (int i = 0; i < 300; i++)
		fixture_append(&w->f, "INBOX",
		    "From: a@b\r\nSubject: hello\r\n\r\nbody\r\n", 0, "");
	fixture_close(&w->f);
	assert_int_equal(
	    truncate(w->db, (off_t)(size_of(w->db) / 2 / 4096 * 4096)), 0);
	check(w);
	assert_true(w->found.n > 0);
	repair(w);
	account_usage(w->f.a, &u);
	assert_true(u.messages >= 306);
	assert_true(u.messages <= 307); /* the copy and the expunged one */
	assert_int_equal(fixture_append(&w->f, "INBOX", "Subject: x\r\n\r\n", 0,
			     "") > 1 << 24,
	    true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_orphans, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bytes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_short_pack, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_database, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_garbage, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_text_index, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_cut_short, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_truncated, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

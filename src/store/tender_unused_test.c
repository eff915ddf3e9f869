/* Origins, threads and flag sets that nothing refers to go, and no others. */
#include <sqlite3.h>

#include "store/fixture_tend.h"
#include "store/proof.h"
#include "store/tender_int.h"

#define DAY INT64_C(86400000)

struct world {
	struct fixture f;
	struct timeline times;
};

static void
append(struct world *w, const char *id, const char *parent)
{
	char text[200];

	snprintf(text, sizeof(text),
	    "Message-ID: <%s@x>\r\n%s%s%s\r\nhello\r\n", id,
	    *parent ? "In-Reply-To: <" : "", parent, *parent ? "@x>\r\n" : "");
	fixture_append(&w->f, "INBOX", text, 0, "");
}

/* By somebody who does nothing else. */
static void
set_flags(struct world *w, const char *who, unsigned bits, uint32_t uid)
{
	const struct origin o = {
	    .person = str_from(who),
	    .protocol = S("imap"),
	};
	struct change c = {
	    .kind = CHANGE_FLAGS,
	    .origin = &o,
	    .mailbox = fixture_box(&w->f, "INBOX")->id,
	    .op = FLAGS_SET,
	    .flags = {.bits = bits},
	};

	uidset_add(&c.uids, uid, uid);
	assert_ok(fixture_do(&w->f, &c));
	uidset_release(&c.uids);
}

/* All rows of a query of one column, with a space between them. */
static struct str
rows(struct world *w, const char *sql)
{
	sqlite3_stmt *q;
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 16);
	assert_int_equal(
	    sqlite3_prepare_v2(w->f.a->db, sql, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW)
		buf_addf(&b, "%s%s", b.n ? " | " : "",
		    (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	s = arena_str(&w->f.arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static struct str
people(struct world *w)
{
	return rows(w,
	    "SELECT substr(CAST(data AS TEXT),2,1) FROM origin"
	    " WHERE length(data)=10 ORDER BY id");
}

static struct str
sets(struct world *w)
{
	return rows(w, "SELECT text FROM flagset ORDER BY id");
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
	assert_str(rows(w,
		       "SELECT origin FROM history WHERE origin<>0 AND origin"
		       " NOT IN (SELECT id FROM origin)"),
	    "");
}

static struct str
thread_of(struct world *w, const char *uid)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
	    "SELECT hex(threadid) FROM message JOIN entry ON message=id"
	    " WHERE uid=%s",
	    uid);
	return rows(w, sql);
}

/*
 * Message 1 is gone, 2 answers it and is there, 3 is gone, 4 has borne many
 * sets; of these, only the last changes can still be asked for.
 */
static void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	fixture_init(&w->f);
	fixture_pass(&w->f, &w->times, DAY);
	append(w, "a", "");
	append(w, "b", "a");
	append(w, "c", "");
	append(w, "d", "");
	set_flags(w, "A", FLAG_SEEN, 4);
	set_flags(w, "B", FLAG_FLAGGED, 4);
	set_flags(w, "C", FLAG_ANSWERED, 4);
	set_flags(w, "D", FLAG_DRAFT, 3);
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, 3, 3));
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, 1, 1));
	fixture_pass(&w->f, &w->times, 8 * DAY);
	set_flags(w, "E", FLAG_SEEN | FLAG_DRAFT, 4);
	set_flags(w, "F", FLAG_SEEN | FLAG_ANSWERED, 2);
	assert_str(sets(w),
	    "\\Seen | \\Flagged | \\Answered | \\Draft | \\Seen \\Draft | "
	    "\\Answered \\Seen");
	assert_str(people(w), "A | B | C | D | E | F");
	assert_str(rows(w, "SELECT count(*) FROM thread"), "4");
}

static void
tend(struct world *w, uint64_t unused)
{
	struct tender_report r = fixture_tend(&w->f, &w->times, 7 * DAY);

	assert_int_equal(r.unused, unused);
}

static void
what_nothing_refers_to_goes(void **state UNUSED)
{
	static struct world w;
	struct tender_config cfg;
	struct tender_report r;
	struct str thread;

	world_init(&w);
	thread = thread_of(&w, "2");
	cfg = fixture_tender(&w.f, &w.times, 7 * DAY);
	cfg.thorough = false;
	r = fixture_tend_with(&w.f, &cfg);
	assert_int_equal(r.messages, 2);
	assert_int_equal(r.unused, 0);
	tend(&w, 3 + 5 + 1);
	/* \Answered is what message 4 had before, and so it may return. */
	assert_str(sets(&w), "\\Answered | \\Seen \\Draft | \\Answered \\Seen");
	assert_str(people(&w), "E | F");
	assert_str(rows(&w, "SELECT count(*) FROM thread"), "3");
	check(&w);
	assert_str(fixture_show(&w.f, "INBOX"),
	    "2:\\Answered \\Seen 4:\\Seen \\Draft");
	/* Nothing is left to do, and the past has not moved. */
	tend(&w, 0);
	/* The same again, while the account remembers them. */
	set_flags(&w, "A", FLAG_FLAGGED, 4);
	assert_str(sets(&w),
	    "\\Flagged | \\Answered | \\Seen \\Draft | \\Answered \\Seen");
	assert_str(people(&w), "E | F | A");
	check(&w);
	fixture_reopen(&w.f);
	assert_str(
	    fixture_show(&w.f, "INBOX"), "2:\\Answered \\Seen 4:\\Flagged");
	/* And when it does not. */
	set_flags(&w, "B", FLAG_SEEN, 4);
	assert_str(
	    rows(&w, "SELECT max(id) FROM flagset WHERE text='\\Seen'"), "8");
	append(&w, "e", "a");
	append(&w, "f", "c");
	assert_true(str_eq(thread_of(&w, "5"), thread));
	assert_false(str_eq(thread_of(&w, "6"), thread));
	fixture_reopen(&w.f);
	assert_str(
	    fixture_show(&w.f, "INBOX"), "2:\\Answered \\Seen 4:\\Seen 5: 6:");
	check(&w);
	fixture_release(&w.f);
}

/* Between the keeper's look and the owner's deed. */
static void
what_is_referred_to_meanwhile_stays(void **state UNUSED)
{
	static struct world w;
	struct tender_config cfg;
	const struct tend *piece;
	struct tender *k;
	enum tender_next next;
	uint64_t n[TEND_KINDS] = {0};
	bool changed = false;

	world_init(&w);
	cfg = fixture_tender(&w.f, &w.times, 7 * DAY);
	assert_ok(tender_open(&cfg, &k));
	while ((next = tender_step(k, &piece)) != TENDER_DONE) {
		struct tended t = {0};

		if (next != TENDER_ASK)
			continue;
		if (piece->kind == TEND_FLAGSETS && !changed) {
			set_flags(&w, "B", FLAG_FLAGGED, 4);
			append(&w, "f", "c");
			changed = true;
		}
		tender_answered(
		    k, store_tend_do(w.f.store, w.f.a, piece, &t), &t);
		n[piece->kind] += t.count;
	}
	assert_ok(tender_status(k));
	tender_close(&k);
	assert_true(changed);
	assert_int_equal(n[TEND_FLAGSETS], 2);
	assert_int_equal(n[TEND_ORIGINS], 3);
	assert_int_equal(n[TEND_THREADS], 0);
	assert_str(sets(&w),
	    "\\Flagged | \\Answered | \\Seen \\Draft | \\Answered \\Seen");
	assert_str(people(&w), "B | E | F");
	assert_str(rows(&w, "SELECT count(*) FROM thread"), "5");
	check(&w);
	fixture_reopen(&w.f);
	assert_str(
	    fixture_show(&w.f, "INBOX"), "2:\\Answered \\Seen 4:\\Flagged 5:");
	fixture_release(&w.f);
}

/* What the keeper has seen was of before the account was opened. */
static void
a_look_of_long_ago_counts_for_nothing(void **state UNUSED)
{
	static struct world w;
	uint64_t ids[] = {2, 3};
	struct tend piece = {.kind = TEND_FLAGSETS,
	    .messages = ids,
	    .n_messages = ARRAY_LEN(ids)};
	struct tended t = {0};

	world_init(&w);
	piece.modseq = w.f.a->modseq;
	set_flags(&w, "A", FLAG_SEEN, 4);
	fixture_reopen(&w.f);
	assert_ok(store_tend_do(w.f.store, w.f.a, &piece, &t));
	assert_int_equal(t.count, 0);
	piece.modseq = w.f.a->modseq + 1;
	assert_int_equal(
	    store_tend_do(w.f.store, w.f.a, &piece, &t), ST_INVALID);
	check(&w);
	fixture_release(&w.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_nothing_refers_to_goes),
	    cmocka_unit_test(what_is_referred_to_meanwhile_stays),
	    cmocka_unit_test(a_look_of_long_ago_counts_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

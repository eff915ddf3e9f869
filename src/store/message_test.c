#include "store/fixture.h"

#include "store/account_int.h"

enum { MESSAGES = 12 };

struct walked {
	struct fixture *f;
	const uint64_t *ids;
	size_t n, most;
};

/* What the walk brings is what looking each one up brings. */
static bool
see(void *ctx, size_t i, const struct message *m, struct str summary)
{
	struct walked *w = ctx;
	struct arena arena = {0};
	struct message one;
	struct str whole;

	assert_int_equal(i, w->n++);
	assert_ok(message_get(w->f->a, w->ids[i], &one));
	assert_int_equal(m->id, w->ids[i]);
	assert_int_equal(m->size, one.size);
	assert_int_equal(m->header_size, one.header_size);
	assert_int_equal(m->internaldate_ms, one.internaldate_ms);
	assert_string_equal(m->emailid, one.emailid);
	assert_string_equal(m->threadid, one.threadid);
	assert_ok(message_summary(w->f->a, w->ids[i], &arena, &whole));
	assert_true(str_eq(summary, whole));
	arena_release(&arena);
	return w->n < w->most;
}

static void
walk(struct fixture *f, const uint64_t *ids, size_t n, size_t most)
{
	struct walked w = {f, ids, 0, most};

	assert_ok(message_walk(f->a, ids, n, see, &w));
	assert_int_equal(w.n, most < n ? most : n);
	account_assert_idle(f->a);
}

/* Messages of two mailboxes by turns, a gap, and an id that is a mailbox's. */
static void
deliver(struct fixture *f, uint64_t ids[MESSAGES])
{
	char text[100];
	struct entry e;
	struct view *v;

	for (int i = 0; i < MESSAGES; i++) {
		(void)snprintf(text, sizeof(text),
		    "Subject: number %d\r\n\r\n%.*s\r\n", i, i, "abcdefghijkl");
		fixture_append(f, "INBOX", text, 0, "");
		if (i == 8)
			assert_ok(
			    fixture_folder(f, CHANGE_CREATE, "New", NULL));
		for (int k = 0; k < (i == 5 ? 9 : i % 3); k++)
			fixture_append(f, "Sent", text, 0, "");
	}
	assert_ok(
	    view_open(f->a, &fixture_viewer, fixture_box(f, "INBOX")->id, &v));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		view_entry(v, i + 1, &e);
		ids[i] = e.message;
	}
	view_close(&v);
}

static void
a_walk_brings_what_was_asked_for(void **state UNUSED)
{
	uint64_t ids[MESSAGES], other[MESSAGES];
	struct fixture f;

	fixture_init(&f);
	deliver(&f, ids);
	walk(&f, ids, MESSAGES, MESSAGES);
	walk(&f, ids, MESSAGES, 4);
	walk(&f, ids, 1, MESSAGES);
	walk(&f, ids, 0, MESSAGES);
	for (size_t i = 0; i < MESSAGES; i++)
		other[i] = ids[MESSAGES - 1 - i];
	walk(&f, other, MESSAGES, MESSAGES);
	for (size_t i = 0; i < MESSAGES; i++)
		other[i] = ids[i / 2];
	walk(&f, other, MESSAGES, MESSAGES);
	fixture_release(&f);
}

static bool
count(void *ctx, size_t i UNUSED, const struct message *m UNUSED,
    struct str summary UNUSED)
{
	++*(int *)ctx;
	return true;
}

static void
a_message_that_is_not_there_ends_the_walk(void **state UNUSED)
{
	uint64_t ids[MESSAGES];
	struct fixture f;
	int n = 0;

	fixture_init(&f);
	deliver(&f, ids);
	ids[MESSAGES - 1] += 3; /* behind the last one */
	assert_int_equal(
	    message_walk(f.a, ids, MESSAGES, count, &n), ST_NOT_FOUND);
	assert_int_equal(n, MESSAGES - 1);
	ids[9] = ids[8] + 1; /* a mailbox */
	n = 0;
	assert_int_equal(
	    message_walk(f.a, ids, MESSAGES, count, &n), ST_NOT_FOUND);
	assert_int_equal(n, 9);
	account_assert_idle(f.a);
	fixture_release(&f);
}

/* RFC 4648 10, and bits that stand nowhere else. */
static void
ids_are_base32(void **state UNUSED)
{
	static const unsigned char foobar[] = "foobarfoobarfoo!";
	static const unsigned char none[ID_BYTES];
	unsigned char ones[ID_BYTES];
	char text[33];

	memset(ones, 0xff, sizeof(ones));
	id_text('M', foobar, text);
	assert_string_equal(text, "Mmzxw6ytbojtg633cmfzgm33pee");
	id_text('T', none, text);
	assert_string_equal(text, "Taaaaaaaaaaaaaaaaaaaaaaaaaa");
	id_text('T', ones, text);
	assert_string_equal(text, "T77777777777777777777777774");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_walk_brings_what_was_asked_for),
	    cmocka_unit_test(a_message_that_is_not_there_ends_the_walk),
	    cmocka_unit_test(ids_are_base32),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

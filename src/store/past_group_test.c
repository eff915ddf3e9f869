#include "store/past_group.h"

#include "store/fixture.h"

enum { INBOX = 1, KUNDEN, MUELLER, TRASH };

static const struct origin phone = {
    .person = STR_INIT("anna@example.org"),
    .credential = STR_INIT("iPhone"),
    .protocol = STR_INIT("imap"),
    .client = STR_INIT("iPhone Mail"),
    .peer = STR_INIT("192.0.2.1"),
};
static const struct origin laptop = {
    .person = STR_INIT("anna@example.org"),
    .credential = STR_INIT("laptop"),
    .protocol = STR_INIT("imap"),
    .client = STR_INIT("Thunderbird"),
    .peer = STR_INIT("192.0.2.2"),
};

struct story {
	struct past_groups groups;
	uint64_t modseq;
	int64_t now;
};

static struct past_event
event(struct story *s, enum change_kind kind, uint64_t mailbox,
    const char *name, int64_t after_ms)
{
	s->now += after_ms;
	return (struct past_event){.modseq = ++s->modseq,
	    .wall_ms = s->now,
	    .kind = kind,
	    .origin = phone,
	    .mailbox = mailbox,
	    .name = str_from(name),
	    .new_name = S(""),
	    .count = 1};
}

static void
move(struct story *s, uint64_t mailbox, const char *name, int64_t after_ms)
{
	struct past_event e = event(s, CHANGE_MOVE, mailbox, name, after_ms);

	e.target = TRASH;
	e.new_name = S("Trash");
	e.gone = 1;
	e.trash = true;
	past_groups_add(&s->groups, &e);
}

static void delete (
    struct story *s, uint64_t mailbox, const char *name, uint64_t n, int64_t ms)
{
	struct past_event e = event(s, CHANGE_DELETE, mailbox, name, ms);

	e.count = e.gone = n;
	past_groups_add(&s->groups, &e);
}

static void
plain(struct story *s, enum change_kind kind, uint64_t mailbox,
    const char *name, int64_t ms)
{
	struct past_event e = event(s, kind, mailbox, name, ms);

	e.gone = kind == CHANGE_EXPUNGE;
	past_groups_add(&s->groups, &e);
}

/* "mailbox.destroyed Kunden 214/4 #1-215 (215) loss" for each. */
static const char *
told(struct story *s)
{
	static char text[4000];
	size_t at = 0;

	past_groups_finish(&s->groups);
	for (size_t i = 0; i < s->groups.n_groups; i++) {
		const struct past_group *g = &s->groups.groups[i];

		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    STR_FMT " " STR_FMT "%s" STR_FMT
			    " %llu/%llu #%llu-%llu (%zu)%s\n",
		    STR_ARG(past_kind_name(g->kind)), STR_ARG(g->path),
		    g->path_after.n ? ">" : "", STR_ARG(g->path_after),
		    (unsigned long long)g->messages,
		    (unsigned long long)g->folders,
		    (unsigned long long)g->events[0],
		    (unsigned long long)g->events[g->n_events - 1], g->n_events,
		    g->loss ? " loss" : "");
		for (size_t j = 1; j < g->n_events; j++)
			assert_true(g->events[j - 1] < g->events[j]);
	}
	return text;
}

static void
many_moves_and_a_deletion_are_one_loss(void **state UNUSED)
{
	struct story s = {.now = 1000000};
	const struct past_group *g;

	for (int i = 0; i < 214; i++)
		move(&s, MUELLER, "Kunden/Müller", 1500);
	delete (&s, MUELLER, "Kunden/Müller", 0, 50 * 1000);
	assert_string_equal(told(&s),
	    "mailbox.destroyed Kunden/Müller 214/1 #1-215 (215) loss\n");
	g = s.groups.groups;
	assert_int_equal(g->to_ms - g->from_ms, 213 * 1500 + 50 * 1000);
	assert_str(g->origin.credential, "iPhone");
	assert_ptr_equal(past_groups_find(&s.groups, 100), g);
	assert_null(past_groups_find(&s.groups, 216));
	past_groups_release(&s.groups);
}

static void
a_tree_is_one_loss_named_by_its_top(void **state UNUSED)
{
	struct story s = {.now = 1000000};

	plain(&s, CHANGE_SUBSCRIBE, 0, "Kunden/A", 100);
	delete (&s, 10, "Kunden/A", 5, 100);
	delete (&s, 11, "Kunden/B", 7, 100);
	plain(&s, CHANGE_DELIVER, INBOX, "INBOX", 100);
	delete (&s, KUNDEN, "Kunden", 2, 100);
	plain(&s, CHANGE_SUBSCRIBE, 0, "Kunden", 100);
	delete (&s, 12, "Kundenliste", 1, 100);
	assert_string_equal(told(&s),
	    "mailbox.destroyed Kunden 14/3 #1-6 (5) loss\n"
	    "email.delivered INBOX 1/0 #4-4 (1)\n"
	    "mailbox.destroyed Kundenliste 1/1 #7-7 (1) loss\n");
	past_groups_release(&s.groups);
}

static void
gaps_and_devices_part_events(void **state UNUSED)
{
	struct story s = {.now = 1000000};
	struct past_event e;

	plain(&s, CHANGE_EXPUNGE, INBOX, "INBOX", 0);
	e = event(&s, CHANGE_EXPUNGE, INBOX, "INBOX", 0);
	e.origin = laptop;
	e.gone = 1;
	past_groups_add(&s.groups, &e);
	plain(&s, CHANGE_EXPUNGE, INBOX, "INBOX", PAST_GAP_MS);
	plain(&s, CHANGE_EXPUNGE, INBOX, "INBOX", PAST_GAP_MS + 1);
	plain(&s, CHANGE_EXPUNGE, KUNDEN, "Kunden", 1);
	/* The clock is set back by a year. */
	plain(&s, CHANGE_EXPUNGE, INBOX, "INBOX", INT64_C(-31536000000));
	assert_string_equal(told(&s),
	    "email.destroyed INBOX 2/0 #1-3 (2) loss\n"
	    "email.destroyed INBOX 1/0 #2-2 (1) loss\n"
	    "email.destroyed INBOX 1/0 #4-4 (1) loss\n"
	    "email.destroyed Kunden 1/0 #5-5 (1) loss\n"
	    "email.destroyed INBOX 1/0 #6-6 (1) loss\n");
	past_groups_release(&s.groups);
}

static void
a_burst_has_an_end(void **state UNUSED)
{
	struct story s = {.now = 1000000};

	for (int i = 0; i < 302; i++)
		plain(&s, CHANGE_FLAGS, INBOX, "INBOX", 1000);
	assert_string_equal(told(&s),
	    "email.keywords INBOX 301/0 #1-301 (301)\n"
	    "email.keywords INBOX 1/0 #302-302 (1)\n");
	past_groups_release(&s.groups);
}

static void
copy_mark_expunge_is_a_move(void **state UNUSED)
{
	struct story s = {.now = 1000000};
	struct past_event e = event(&s, CHANGE_COPY, INBOX, "INBOX", 0);

	e.target = TRASH;
	e.new_name = S("Trash");
	e.count = 3;
	e.trash = true;
	past_groups_add(&s.groups, &e);
	e = event(&s, CHANGE_FLAGS, INBOX, "INBOX", 10);
	e.count = 3;
	past_groups_add(&s.groups, &e);
	e = event(&s, CHANGE_EXPUNGE, INBOX, "INBOX", 10);
	e.count = e.gone = 3;
	past_groups_add(&s.groups, &e);
	assert_string_equal(
	    told(&s), "email.moved INBOX>Trash 3/0 #1-3 (3) loss\n");
	past_groups_release(&s.groups);
}

/* A command line that asks later finds the same names. */
static void
more_changes_leave_names_as_they_are(void **state UNUSED)
{
	struct story a = {.now = 1000000}, b = {.now = 1000000};

	move(&a, MUELLER, "Müller", 10);
	move(&b, MUELLER, "Müller", 10);
	plain(&a, CHANGE_EXPUNGE, INBOX, "INBOX", 10);
	plain(&b, CHANGE_EXPUNGE, INBOX, "INBOX", 10);
	assert_string_equal(told(&a),
	    "email.moved Müller>Trash 1/0 #1-1 (1) loss\n"
	    "email.destroyed INBOX 1/0 #2-2 (1) loss\n");
	move(&b, MUELLER, "Müller", 10);
	delete (&b, MUELLER, "Müller", 0, 10);
	assert_string_equal(told(&b),
	    "mailbox.destroyed Müller 2/1 #1-4 (3) loss\n"
	    "email.destroyed INBOX 1/0 #2-2 (1) loss\n");
	assert_ptr_equal(
	    past_groups_find(&b.groups, 3), past_groups_find(&b.groups, 1));
	past_groups_release(&a.groups);
	past_groups_release(&b.groups);
}

/* S40: what a turn cannot hold comes in several, and is one event. */
static void
pieces_of_a_restore_are_one_event(void **state UNUSED)
{
	static const uint64_t counts[] = {10000, 10000, 17, 5};
	struct story s = {.now = 1000000};

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		struct past_event e =
		    event(&s, CHANGE_RESTORE, KUNDEN, "Kunden", 100);

		e.count = counts[i];
		e.folders = i == 0 ? 2 : 0;
		past_groups_add(&s.groups, &e);
	}
	plain(&s, CHANGE_UNDO, KUNDEN, "Kunden", 100);
	assert_string_equal(told(&s),
	    "restore.done Kunden 20017/2 #1-3 (3)\n"
	    "restore.done Kunden 5/0 #4-4 (1)\n"
	    "restore.undone Kunden 1/0 #5-5 (1)\n");
	past_groups_release(&s.groups);
}

static void
ids_are_read_as_people_type_them(void **state UNUSED)
{
	static const uint64_t some[] = {1, 31, 32, 1234, UINT64_C(1) << 40,
	    (UINT64_C(1) << 40) + 77, UINT64_C(1) << 62};
	struct buf b;
	uint64_t got;

	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		buf_init(&b, 100);
		past_id_write(some[i], &b);
		assert_ok(past_id_parse(buf_str(&b), &got));
		assert_int_equal(got, some[i]);
		buf_release(&b);
	}
	buf_init(&b, 100);
	past_id_write(1234, &b);
	assert_str(buf_str(&b), "16jg");
	buf_release(&b);
	assert_ok(past_id_parse(S(" L6JG "), &got));
	assert_int_equal(got, 1234);
	assert_int_equal(past_id_parse(S("1j6g"), &got), ST_SYNTAX);
	assert_int_equal(past_id_parse(S("16kg"), &got), ST_SYNTAX);
	assert_int_equal(past_id_parse(S("16j"), &got), ST_SYNTAX);
	assert_int_equal(past_id_parse(S("g"), &got), ST_SYNTAX);
	assert_int_equal(past_id_parse(S(""), &got), ST_SYNTAX);
	assert_int_equal(past_id_parse(S("1u6g"), &got), ST_SYNTAX);
	assert_int_equal(past_id_parse(S("zzzzzzzzzzzzzz"), &got), ST_SYNTAX);
}

/* From the store: what the changes say of themselves is enough. */
static void
a_real_history_is_told(void **state UNUSED)
{
	struct story s = {0};
	struct past_event *e;
	struct fixture f;
	uint64_t before;
	int64_t wall;
	size_t n;

	fixture_init(&f);
	before = f.a->modseq;
	f.wall += 3600 * 1000;
	assert_ok(fixture_folder(&f, CHANGE_CREATE, "Kunden/Müller", NULL));
	for (int i = 0; i < 3; i++)
		fixture_append(&f, "Kunden/Müller", "a: b\r\n\r\n", 0, "");
	f.wall += 3600 * 1000;
	assert_ok(
	    fixture_uids(&f, CHANGE_MOVE, "Kunden/Müller", "Trash", 1, 1));
	assert_ok(
	    fixture_uids(&f, CHANGE_EXPUNGE, "Kunden/Müller", NULL, 2, 2));
	assert_ok(fixture_folder(&f, CHANGE_DELETE, "Kunden/Müller", NULL));
	f.wall += 3600 * 1000;
	assert_ok(fixture_folder(&f, CHANGE_RENAME, "Kunden", "Trash/Kunden"));
	assert_ok(past_events(f.a, before, 100, &f.arena, &e, &n));
	for (size_t i = 0; i < n; i++) {
		e[i].modseq -= before;
		past_groups_add(&s.groups, &e[i]);
	}
	assert_string_equal(told(&s),
	    "mailbox.created Kunden/Müller 0/1 #1-1 (1)\n"
	    "email.appended Kunden/Müller 3/0 #2-4 (3)\n"
	    "mailbox.destroyed Kunden/Müller 3/1 #5-7 (3) loss\n"
	    "mailbox.renamed Kunden>Trash/Kunden 0/1 #8-8 (1) loss\n");
	assert_ok(past_horizon(f.a, &wall));
	assert_int_equal(wall, f.wall - 3 * 3600 * 1000);
	past_groups_release(&s.groups);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_moves_and_a_deletion_are_one_loss),
	    cmocka_unit_test(a_tree_is_one_loss_named_by_its_top),
	    cmocka_unit_test(gaps_and_devices_part_events),
	    cmocka_unit_test(a_burst_has_an_end),
	    cmocka_unit_test(copy_mark_expunge_is_a_move),
	    cmocka_unit_test(more_changes_leave_names_as_they_are),
	    cmocka_unit_test(pieces_of_a_restore_are_one_event),
	    cmocka_unit_test(ids_are_read_as_people_type_them),
	    cmocka_unit_test(a_real_history_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * 10,000 random changes with restores and undos in between against the naive
 * model, looked at in 100 random moments (S30, S32).
 */
#include "store/model_back.h"

enum { CHANGES = 10000, MOMENTS = 100, BOXES_FULL = 60 };

static void
settle(struct model *m, uint64_t before)
{
	struct account_usage u;

	account_usage(m->f.a, &u);
	assert_int_equal(u.modseq, m->modseq);
	learn(m);
	if (m->modseq > before)
		snapshot(m);
}

/* Once more changes nothing (S32). */
static void
assert_nothing_left(struct model *m, const struct change *c)
{
	assert_ok(fixture_do(&m->f, c));
	assert_int_equal(m->f.done.modseq, 0);
	assert_false(m->f.done.more);
}

static void
restore_some(struct model *m)
{
	struct change c = {.kind = CHANGE_RESTORE,
	    .at = m->first_modseq + pick(m, (uint32_t)m->n_past),
	    .move_back = pick(m, 3) == 0,
	    .flags_back = pick(m, 3) == 0};
	struct state *s = state_at(m, c.at);
	struct mod_box *b = &s->b[pick(m, (uint32_t)s->n)];
	uint64_t before = m->modseq;
	struct restore_report r;

	if (m->s.n > BOXES_FULL)
		return;
	if (pick(m, 3) == 0) {
		c.mailbox = b->id;
		some_uids(m, b, &c.uids);
	} else if (pick(m, 10)) {
		c.name = str_from(b->name);
	}
	model_restore(m, &c);
	assert_ok(restore_report(m->f.a, &c, &m->f.arena, &r));
	assert_ok(fixture_do(&m->f, &c));
	assert_int_equal(m->f.done.modseq, m->modseq > before ? m->modseq : 0);
	assert_memory_equal(&m->f.done.brought, &r.total, sizeof(r.total));
	settle(m, before);
	assert_nothing_left(m, &c);
	uidset_release(&c.uids);
}

/* The model is told what the store shows: an undo's uids are its own. */
static void
relearn(struct model *m)
{
	struct state *s = &m->s;
	const struct mailbox *list;
	size_t n;

	while (s->n)
		drop_box(m, &s->b[0]);
	s->n_subs = 0;
	list = account_mailboxes(m->f.a, NULL, &n);
	for (size_t i = 0; i < n; i++) {
		char name[NAME];
		struct mod_box *b;
		struct view *v;

		snprintf(name, sizeof(name), STR_FMT, STR_ARG(list[i].name));
		b = add_box(m, name);
		b->id = list[i].id;
		b->selectable = list[i].selectable;
		b->use = list[i].special_use;
		b->uidvalidity = list[i].uidvalidity;
		b->uidnext = list[i].uidnext;
		assert_ok(view_open(m->f.a, &fixture_viewer, b->id, &v));
		for (uint32_t k = 1; k <= view_count(v); k++) {
			struct entry e;

			view_entry(v, k, &e);
			b->e[b->n++] = (struct ent){
			    .uid = e.uid,
			    .bits = bits_of(m->f.a, e.flagset),
			    .message = e.message,
			    .modseq = e.modseq,
			    .size = view_size(v, k),
			    .saved = e.saved_ms,
			};
		}
		view_close(&v);
	}
	for (size_t i = 0; i < m->f.a->n_subscriptions; i++)
		snprintf(s->subs[s->n_subs++], NAME, STR_FMT,
		    STR_ARG(m->f.a->subscriptions[i]));
}

static int
ents_by_message(const void *x, const void *y)
{
	const struct ent *a = x, *b = y;
	unsigned ab = a->bits & ~(unsigned)FLAG_DELETED;
	unsigned bb = b->bits & ~(unsigned)FLAG_DELETED;

	if (a->message != b->message)
		return a->message < b->message ? -1 : 1;
	return ab < bb ? -1 : ab > bb;
}

/* The same messages with the same flags; \Deleted of what was expunged and
 * the uids are the undo's own affair. */
static void
assert_same_messages(const struct mod_box *is, const struct mod_box *was)
{
	struct ent *a = malloc((is->n + 1) * sizeof(*a));
	struct ent *b = malloc((was->n + 1) * sizeof(*b));

	assert_int_equal(is->n, was->n);
	memcpy(a, is->e, is->n * sizeof(*a));
	memcpy(b, was->e, was->n * sizeof(*b));
	qsort(a, is->n, sizeof(*a), ents_by_message);
	qsort(b, was->n, sizeof(*b), ents_by_message);
	for (size_t i = 0; i < is->n; i++)
		assert_int_equal(ents_by_message(&a[i], &b[i]), 0);
	free(a);
	free(b);
}

static void
assert_as_before(struct model *m, struct state *was)
{
	assert_int_equal(m->s.n, was->n);
	for (size_t i = 0; i < was->n; i++) {
		struct mod_box *b = by_name(&m->s, was->b[i].name);

		assert_non_null(b);
		assert_int_equal(b->selectable, was->b[i].selectable);
		assert_int_equal(b->use & ~was->b[i].use, 0);
		assert_same_messages(b, &was->b[i]);
	}
	assert_int_equal(m->s.n_subs, was->n_subs);
	for (size_t i = 0; i < was->n_subs; i++)
		assert_true(model_subscribed(&m->s, was->subs[i]));
}

/* Every entry that was shown is, or the answer counts it. */
static void
assert_nothing_lost(struct model *m, struct state *was)
{
	const struct brought *b = &m->f.done.brought;
	size_t gone = 0;

	for (size_t i = 0; i < was->n; i++)
		for (size_t k = 0; k < was->b[i].n; k++)
			gone += !by_uid(
			    by_id(&m->s, was->b[i].id), was->b[i].e[k].uid);
	assert_int_equal(gone, b->removed + b->moved_back);
}

static bool
has_arrivals(struct model *m, uint64_t first, size_t n)
{
	struct past_event *events;
	size_t n_events;

	assert_ok(
	    past_events(m->f.a, first - 1, n, &m->f.arena, &events, &n_events));
	assert_int_equal(n_events, n);
	for (size_t i = 0; i < n; i++)
		if (events[i].kind == CHANGE_APPEND)
			return true;
	return false;
}

static void
undo_some(struct model *m)
{
	uint64_t before = m->modseq;
	uint32_t n = 1 + pick(m, 4), back = 0;
	struct change c = {.kind = CHANGE_UNDO};
	struct restore_report r;
	bool arrivals;
	enum status st;

	if (m->n_past < 50 || m->s.n > BOXES_FULL)
		return;
	if (pick(m, 3) == 0)
		back = pick(m, 40);
	c.last = m->modseq - back;
	c.first = c.last - n + 1;
	arrivals = has_arrivals(m, c.first, n);
	st = restore_report(m->f.a, &c, &m->f.arena, &r);
	assert_int_equal(fixture_do(&m->f, &c), st);
	if (st == ST_CANNOT) {
		assert_true(arrivals);
		return;
	}
	assert_ok(st);
	assert_memory_equal(&m->f.done.brought, &r.total, sizeof(r.total));
	if (m->f.done.modseq)
		m->modseq++;
	relearn(m);
	if (!arrivals && !back)
		assert_as_before(m, state_at(m, c.first - 1));
	assert_nothing_lost(m, state_at(m, before));
	settle(m, before);
	assert_nothing_left(m, &c);
}

static void
check_bytes(struct model *m)
{
	const struct mod_box *b = &m->s.b[pick(m, (uint32_t)m->s.n)];

	for (size_t i = 0; i < b->n; i++) {
		struct buf out;

		buf_init(&out, 1 << 20);
		assert_ok(message_read(
		    m->f.a, b->e[i].message, 0, b->e[i].size + 1, &out));
		assert_int_equal(out.n, b->e[i].size);
		assert_true(str_starts(buf_str(&out), S("Subject: x\r\n\r\n")));
		for (size_t k = 14; k < out.n; k++)
			assert_int_equal(out.p[k], 'x');
		buf_release(&out);
	}
}

static void
check_moment(struct model *m)
{
	uint64_t at = m->first_modseq + pick(m, (uint32_t)m->n_past);

	check_now(m);
	check_past(m, at);
	check_since(m, at);
	check_bytes(m);
}

static void
the_past_returns_as_the_model_says(void **state UNUSED)
{
	static struct model m;
	size_t moments = 0;

	model_init(&m);
	while (m.n_past < CHANGES) {
		uint32_t what = pick(&m, 24);

		m.f.wall += pick(&m, 5000);
		if (what < 6)
			append_some(&m);
		else if (what < 16)
			entry_changes(&m);
		else if (what < 20)
			folder_change(&m);
		else if (what < 22)
			restore_some(&m);
		else
			undo_some(&m);
		if (m.n_past * MOMENTS / CHANGES > moments) {
			moments = m.n_past * MOMENTS / CHANGES;
			check_moment(&m);
		}
		if (pick(&m, 300) == 0)
			fixture_reopen(&m.f);
		arena_reset(&m.f.arena);
	}
	assert_int_equal(moments, MOMENTS);
	model_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_past_returns_as_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

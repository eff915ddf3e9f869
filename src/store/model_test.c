/* Random changes against the model: now and any past point (S21). */
#include <sqlite3.h>

#include "store/model_change.h"

enum {
	BATCHES = 1500,
	RETENTION_MS = 600 * 1000, /* a fifth of the test's time */
};

static void
check_gone(struct model *m, uint64_t modseq)
{
	struct arena arena = ARENA_INIT;
	struct mailbox *list;
	struct past_state p;
	size_t n;

	assert_int_equal(
	    past_mailboxes(m->f.a, modseq, &arena, &list, &n), ST_NOT_FOUND);
	assert_int_equal(past_mailbox(m->f.a, m->s.b[0].id, modseq, &arena, &p),
	    ST_NOT_FOUND);
	arena_release(&arena);
}

static void
add_shown(struct map *shown, const struct state *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		for (size_t k = 0; k < s->b[i].n; k++)
			map_set_u64(shown, s->b[i].e[k].message, &s->b[i].e[k]);
}

/* Bytes live exactly as long as a state that can be asked for shows them. */
static void
check_messages(struct model *m)
{
	struct map shown = MAP_INIT, once = MAP_INIT;
	size_t pos = 0, n = 0;
	struct str key;
	void *value;

	for (uint64_t at = m->first_modseq; at <= m->modseq; at++)
		add_shown(at < m->horizon ? &once : &shown,
		    m->past[at - m->first_modseq]);
	add_shown(&shown, &m->s);
	while (map_next(&shown, &pos, NULL, &value)) {
		struct message msg;

		assert_ok(
		    message_get(m->f.a, ((struct ent *)value)->message, &msg));
	}
	pos = 0;
	while (map_next(&once, &pos, &key, &value)) {
		uint64_t id = ((struct ent *)value)->message;
		struct message msg;

		if (map_get_u64(&shown, id))
			continue;
		assert_int_equal(message_get(m->f.a, id, &msg), ST_NOT_FOUND);
		n++;
	}
	assert_true(m->horizon == 0 || n > 0);
	map_release(&shown);
	map_release(&once);
}

static void
assert_none(struct model *m, const char *sql)
{
	sqlite3_stmt *q;

	assert_int_equal(
	    sqlite3_prepare_v2(m->f.a->db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_DONE);
	sqlite3_finalize(q);
}

/* What is referred to is there; of what is not, the newest alone. */
static void
check_origins(struct model *m)
{
	assert_none(m,
	    "SELECT 1 FROM history WHERE origin<>0 AND origin NOT IN"
	    " (SELECT id FROM origin)");
	assert_none(m,
	    "SELECT 1 FROM entry WHERE flagset<>1 AND flagset NOT IN"
	    " (SELECT id FROM flagset)");
	if (m->horizon)
		assert_none(m,
		    "SELECT 1 FROM origin WHERE id NOT IN (SELECT origin FROM"
		    " history) AND id<(SELECT max(id) FROM origin)");
}

/* S25: exactly what is older than the retention goes. */
static void
tend(struct model *m)
{
	uint64_t want = m->horizon, at;

	fixture_tend(&m->f, &m->times, RETENTION_MS);
	for (size_t i = 0; i < m->n_walls; i++)
		if (m->walls[i] <= m->f.wall - RETENTION_MS)
			want = m->first_modseq + i;
	m->horizon = want;
	assert_int_equal(m->f.a->history_from, want);
	check_messages(m);
	check_origins(m);
	if (!want)
		return;
	check_gone(m, want - 1);
	check_past(m, want);
	/* Between that row and the next it looked like this. */
	assert_ok(
	    past_modseq_at(m->f.a, m->walls[want - m->first_modseq], &at));
	assert_int_equal(at, want);
	assert_int_equal(
	    past_modseq_at(m->f.a, m->walls[want - m->first_modseq] - 1, &at),
	    ST_NOT_FOUND);
}

static void
the_store_is_the_model_now_and_then(void **state UNUSED)
{
	static struct model m;
	struct account_usage u;

	model_init(&m);
	for (int i = 0; i < BATCHES; i++) {
		uint32_t what = pick(&m, 10);

		fixture_pass(&m.f, &m.times, pick(&m, 5000));
		if (what < 3)
			append_some(&m);
		else if (what < 9)
			entry_changes(&m);
		else
			folder_change(&m);
		account_usage(m.f.a, &u);
		assert_int_equal(u.modseq, m.modseq);
		if (i % 50 == 0)
			check_now(&m);
		if (i % 25 == 24) {
			uint64_t at =
			    m.first_modseq + pick(&m, (uint32_t)m.n_past);

			if (at < m.horizon) {
				check_gone(&m, at);
				at = m.horizon;
			}
			check_past(&m, at);
			check_since(&m, at);
		}
		if (i % 200 == 199)
			fixture_reopen(&m.f);
		if (i % 100 == 70)
			tend(&m);
		arena_reset(&m.f.arena);
	}
	check_now(&m);
	assert_true(m.horizon > m.first_modseq + BATCHES / 2);
	assert_true(m.n_past > BATCHES);
	model_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_store_is_the_model_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

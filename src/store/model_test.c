/*
 * Random changes against a naive model that copies its whole state at every
 * modseq: now and any past point must look the same in both (S21, S30, S32).
 */
#include "store/model.h"

static void
check_box(struct model *m, const struct mod_box *b, const struct mailbox *real)
{
	uint32_t unseen = 0, deleted = 0;
	uint64_t size = 0;

	for (size_t i = 0; i < b->n; i++) {
		unseen += !(b->e[i].bits & FLAG_SEEN);
		deleted += (b->e[i].bits & FLAG_DELETED) != 0;
		size += b->e[i].size;
	}
	(void)m;
	assert_str(real->name, b->name);
	assert_int_equal(real->id, b->id);
	assert_int_equal(real->selectable, b->selectable);
	assert_int_equal(real->special_use, b->use);
	assert_int_equal(real->uidvalidity, b->uidvalidity);
	assert_int_equal(real->messages, b->n);
	assert_int_equal(real->unseen, unseen);
	assert_int_equal(real->deleted, deleted);
	assert_int_equal(real->size, size);
}

static bool
model_subscribed(const struct state *s, const char *name)
{
	for (size_t i = 0; i < s->n_subs; i++)
		if (strcmp(s->subs[i], name) == 0)
			return true;
	return false;
}

static void
check_list(
    struct model *m, struct state *s, const struct mailbox *real, size_t n)
{
	assert_int_equal(n, s->n);
	for (size_t i = 0; i < n; i++) {
		char name[32];
		struct mod_box *b;

		snprintf(name, sizeof(name), STR_FMT, STR_ARG(real[i].name));
		b = by_name(s, name);
		assert_non_null(b);
		check_box(m, b, &real[i]);
		assert_int_equal(real[i].subscribed, model_subscribed(s, name));
	}
}

static void
check_entry(struct model *m, const struct ent *want, const struct entry *e)
{
	assert_int_equal(e->uid, want->uid);
	assert_int_equal(e->message, want->message);
	assert_int_equal(bits_of(m->f.a, e->flagset), want->bits);
}

static void
check_now(struct model *m)
{
	const struct mailbox *list;
	size_t n;

	list = account_mailboxes(m->f.a, NULL, &n);
	check_list(m, &m->s, list, n);
	for (size_t i = 0; i < m->s.n; i++) {
		struct mod_box *b = &m->s.b[i];
		struct view *v;

		assert_ok(view_open(m->f.a, &fixture_viewer, b->id, &v));
		assert_int_equal(view_count(v), b->n);
		for (uint32_t k = 0; k < b->n; k++) {
			struct entry e;

			view_entry(v, k + 1, &e);
			check_entry(m, &b->e[k], &e);
			assert_int_equal(e.modseq, b->e[k].modseq);
		}
		view_close(&v);
		assert_int_equal(
		    fixture_box(&m->f, b->name)->uidnext, b->uidnext);
	}
}

static void
check_past(struct model *m, uint64_t modseq)
{
	struct state *s = m->past[modseq - m->first_modseq];
	struct arena arena = ARENA_INIT;
	struct mailbox *list;
	size_t n;

	if (!s)
		return;
	assert_ok(past_mailboxes(m->f.a, modseq, &arena, &list, &n));
	check_list(m, s, list, n);
	for (size_t i = 0; i < s->n; i++) {
		struct past_state p;

		assert_ok(past_mailbox(m->f.a, s->b[i].id, modseq, &arena, &p));
		assert_int_equal(p.n, s->b[i].n);
		assert_str(p.name, s->b[i].name);
		for (size_t k = 0; k < p.n; k++)
			check_entry(m, &s->b[i].e[k], &p.entries[k]);
	}
	arena_release(&arena);
}

static void
check_since(struct model *m, uint64_t modseq)
{
	struct state *s = m->past[modseq - m->first_modseq];
	struct arena arena = ARENA_INIT;

	for (size_t i = 0; s && i < m->s.n; i++) {
		struct mod_box *b = &m->s.b[i], *was = NULL;
		struct uidset vanished, changed, want = UIDSET_INIT;

		for (size_t k = 0; k < s->n; k++)
			if (s->b[k].id == b->id)
				was = &s->b[k];
		assert_ok(past_changes_since(
		    m->f.a, b->id, modseq, &arena, &vanished, &changed));
		for (size_t k = 0; was && k < was->n; k++)
			uidset_add(&want, was->e[k].uid, was->e[k].uid);
		for (size_t k = 0; k < b->n; k++) {
			uidset_remove(&want, b->e[k].uid, b->e[k].uid);
			assert_int_equal(uidset_has(&changed, b->e[k].uid),
			    b->e[k].modseq > modseq);
		}
		assert_int_equal(uidset_count(&want), uidset_count(&vanished));
		for (size_t k = 0; k < want.n_ranges; k++)
			assert_true(
			    uidset_has(&vanished, want.ranges[k].first));
		uidset_release(&want);
	}
	arena_release(&arena);
}

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

/* What one change does to the model. Each returns whether it had an effect. */
static bool
do_flags(struct mod_box *b, const struct change *c, uint64_t modseq)
{
	unsigned bits = c->flags.bits;
	bool any = false;

	for (size_t i = 0; i < c->flags.n_keywords; i++)
		bits |= str_eq(c->flags.keywords[i], S("$A")) ? KEYWORD_A
							      : KEYWORD_B;
	for (size_t i = 0; i < b->n; i++) {
		struct ent *e = &b->e[i];
		unsigned new = c->op == FLAGS_SET ? bits
		    : c->op == FLAGS_ADD          ? e->bits | bits
						  : e->bits & ~bits;

		if (!uidset_has(&c->uids, e->uid) || new == e->bits ||
		    (c->conditional && e->modseq > c->unchanged_since))
			continue;
		e->bits = new;
		e->modseq = modseq;
		any = true;
	}
	return any;
}

static bool
do_gone(struct mod_box *b, const struct uidset *uids, bool forced)
{
	size_t kept = 0, had = b->n;

	for (size_t i = 0; i < had; i++)
		if (!uidset_has(uids, b->e[i].uid) ||
		    (!forced && !(b->e[i].bits & FLAG_DELETED)))
			b->e[kept++] = b->e[i];
	b->n = kept;
	return kept < had;
}

static bool
do_copy(struct mod_box *from, struct mod_box *to, const struct uidset *uids,
    uint64_t modseq)
{
	struct ent new[BOX_ENTRIES];
	size_t n = 0;

	for (size_t i = 0; i < from->n; i++)
		if (uidset_has(uids, from->e[i].uid))
			new[n++] = from->e[i];
	for (size_t i = 0; i < n; i++) {
		new[i].uid = to->uidnext++;
		new[i].modseq = modseq;
		to->e[to->n++] = new[i];
	}
	return n > 0;
}

static struct mod_box *
any_box(struct model *m)
{
	struct mod_box *b;

	do
		b = &m->s.b[pick(m, (uint32_t)m->s.n)];
	while (!b->selectable);
	return b;
}

static void
some_uids(struct model *m, struct mod_box *b, struct uidset *out)
{
	uint32_t n = 1 + pick(m, 3);

	while (n--) {
		uint32_t first = 1 + pick(m, b->uidnext);

		uidset_add(out, first, first + pick(m, 6));
	}
}

/*
 * A change to messages: fills `c`, does it to the model. False when the
 * mailboxes are too full for it. Messages of appends are learnt later.
 */
static bool
random_entry_change(struct model *m, struct change *c)
{
	static const struct str keywords[] = {STR_INIT("$A"), STR_INIT("$B")};
	struct mod_box *b = any_box(m), *to = any_box(m);
	uint32_t kind = pick(m, 10);
	bool effect;

	*c = (struct change){.mailbox = b->id, .target = to->id};
	some_uids(m, b, &c->uids);
	if (b->n > 60 && kind < 8)
		kind = 9;
	if (kind < 5) {
		c->kind = CHANGE_FLAGS;
		c->op = (enum flags_op)pick(m, 3);
		c->flags.bits = pick(m, FLAG_SYSTEM + 1);
		c->flags.keywords = keywords;
		c->flags.n_keywords = pick(m, 3);
		c->conditional = pick(m, 4) == 0;
		c->unchanged_since =
		    m->modseq - min_size(pick(m, 20), m->modseq);
		effect = do_flags(b, c, m->modseq + 1);
	} else if (kind < 7) {
		c->kind = kind == 5 ? CHANGE_COPY : CHANGE_MOVE;
		if (to->n > 60)
			return false;
		if (c->kind == CHANGE_MOVE && to == b) {
			return false;
		}
		effect = do_copy(b, to, &c->uids, m->modseq + 1);
		if (c->kind == CHANGE_MOVE)
			do_gone(b, &c->uids, true);
	} else if (kind == 7) {
		c->kind = CHANGE_POP3_QUIT;
		some_uids(m, b, &c->seen);
		effect = do_flags(b,
		    &(struct change){.op = FLAGS_ADD,
			.flags = {.bits = FLAG_SEEN},
			.uids = c->seen},
		    m->modseq + 1);
		effect = do_gone(b, &c->uids, true) || effect;
	} else {
		c->kind = CHANGE_EXPUNGE;
		c->forced = kind == 8;
		effect = do_gone(b, &c->uids, c->forced);
	}
	if (effect) {
		step(m);
		snapshot(m);
	}
	return true;
}

static void
entry_changes(struct model *m)
{
	struct change c[8];
	size_t n = 1 + pick(m, 8), asked = 0;

	for (size_t i = 0; i < n; i++)
		if (random_entry_change(m, &c[asked])) {
			store_submit(m->f.store, m->f.a, &c[asked], asked + 1);
			asked++;
		} else {
			uidset_release(&c[asked].uids);
		}
	m->f.n_answers = 0;
	fixture_run(&m->f);
	assert_int_equal(m->f.n_answers, asked);
	for (size_t i = 0; i < asked; i++) {
		uidset_release(&c[i].uids);
		uidset_release(&c[i].seen);
	}
}

static void
append_some(struct model *m)
{
	struct mod_box *b = any_box(m);
	struct incoming *in[3];
	size_t n = 1 + pick(m, 3);
	struct change c = {.kind = CHANGE_APPEND,
	    .mailbox = b->id,
	    .messages = in,
	    .n_messages = n};
	struct view *v;

	if (b->n > 60)
		return;
	step(m);
	for (size_t i = 0; i < n; i++) {
		struct flags flags = {.bits = pick(m, FLAG_SYSTEM + 1)};
		struct ent *e = &b->e[b->n++];

		in[i] = incoming_new(-1, 100000);
		assert_ok(incoming_write(in[i], S("Subject: x\r\n\r\n")));
		for (uint64_t k = ++m->counter % 997; k; k--)
			assert_ok(incoming_write(in[i], S("x")));
		assert_ok(incoming_finish(in[i]));
		incoming_set_flags(in[i], &flags);
		*e = (struct ent){.uid = b->uidnext++,
		    .bits = flags.bits,
		    .modseq = m->modseq,
		    .size = incoming_size(in[i])};
	}
	assert_ok(fixture_do(&m->f, &c));
	assert_int_equal(m->f.done.modseq, m->modseq);
	assert_ok(view_open(m->f.a, &fixture_viewer, b->id, &v));
	assert_int_equal(view_count(v), b->n);
	for (size_t i = b->n - n; i < b->n; i++) {
		struct entry e;
		struct message msg;

		view_entry(v, (uint32_t)i + 1, &e);
		b->e[i].message = e.message;
		assert_ok(message_get(m->f.a, e.message, &msg));
		assert_int_equal(msg.size, b->e[i].size);
	}
	view_close(&v);
	for (size_t i = 0; i < n; i++)
		incoming_free(&in[i]);
	snapshot(m);
}

static void
create(struct model *m, const char *name)
{
	struct mod_box *old = by_name(&m->s, name);
	enum status st = fixture_folder(&m->f, CHANGE_CREATE, name, NULL);

	if (old && old->selectable) {
		assert_int_equal(st, ST_EXISTS);
		return;
	}
	assert_ok(st);
	if (old)
		drop_box(m, old);
	add_parents(m, name);
	add_box(m, name);
	step(m);
}

static void delete (struct model *m, const char *name)
{
	struct mod_box *b = by_name(&m->s, name);
	bool children = has_children(&m->s, name);
	enum status st = fixture_folder(&m->f, CHANGE_DELETE, name, NULL);

	if (!b) {
		assert_int_equal(st, ST_NOT_FOUND);
	} else if (strcmp(name, "INBOX") == 0) {
		assert_int_equal(st, ST_CANNOT);
	} else if (children && !b->selectable) {
		assert_int_equal(st, ST_HAS_CHILDREN);
	} else {
		assert_ok(st);
		drop_box(m, b);
		if (children)
			add_box(m, name)->selectable = false;
		step(m);
	}
}

static void
rename_below(struct model *m, const char *from, const char *to)
{
	for (size_t i = 0; i < m->s.n; i++) {
		struct mod_box *b = &m->s.b[i];
		char name[64];

		if (strcmp(b->name, from) != 0 && !below(b->name, from))
			continue;
		snprintf(
		    name, sizeof(name), "%s%s", to, b->name + strlen(from));
		assert_true(strlen(name) < sizeof(b->name));
		memcpy(b->name, name, strlen(name) + 1);
	}
}

static void
rename_box(struct model *m, const char *from, const char *to)
{
	struct mod_box *b = by_name(&m->s, from), *new;
	enum status st;

	/* The names of the model are short. */
	for (size_t i = 0; i < m->s.n; i++)
		if (below(m->s.b[i].name, from) &&
		    strlen(m->s.b[i].name) + strlen(to) > 30)
			return;
	st = fixture_folder(&m->f, CHANGE_RENAME, from, to);
	if (!b) {
		assert_int_equal(st, ST_NOT_FOUND);
	} else if (strcmp(from, "INBOX") == 0 && !by_name(&m->s, to)) {
		assert_ok(st);
		step(m);
		add_parents(m, to);
		new = add_box(m, to);
		b = by_name(&m->s, from);
		for (size_t i = 0; i < b->n; i++) {
			new->e[new->n] = b->e[i];
			new->e[new->n].modseq = m->modseq;
			new->e[new->n++].uid = new->uidnext++;
		}
		b->n = 0;
	} else if (by_name(&m->s, to)) {
		assert_true(st == ST_EXISTS || st == ST_INVALID);
	} else if (below(to, from)) {
		assert_int_equal(st, ST_INVALID);
	} else {
		assert_ok(st);
		add_parents(m, to);
		rename_below(m, from, to);
		step(m);
	}
}

static void
subscribe(struct model *m, const char *name)
{
	struct change c = {
	    .kind = CHANGE_SUBSCRIBE, .name = str_from(name), .on = pick(m, 2)};
	bool was = model_subscribed(&m->s, name);
	enum status st = fixture_do(&m->f, &c);

	if (c.on && !was && !by_name(&m->s, name)) {
		assert_int_equal(st, ST_NOT_FOUND);
		return;
	}
	assert_ok(st);
	if (was == c.on)
		return;
	if (c.on) {
		snprintf(m->s.subs[m->s.n_subs++], 32, "%s", name);
	} else {
		for (size_t i = 0; i < m->s.n_subs; i++)
			if (strcmp(m->s.subs[i], name) == 0) {
				m->s.n_subs--;
				memmove(
				    m->s.subs[i], m->s.subs[m->s.n_subs], 32);
				break;
			}
	}
	step(m);
}

static void
special_use(struct model *m)
{
	struct mod_box *b = any_box(m);
	struct change c = {.kind = CHANGE_SPECIAL_USE,
	    .mailbox = b->id,
	    .special_use = 1u << pick(m, 7)};

	assert_ok(fixture_do(&m->f, &c));
	if (b->use != c.special_use)
		step(m);
	b->use = c.special_use;
}

static void
folder_change(struct model *m)
{
	const char *name = names[pick(m, ARRAY_LEN(names))];
	const char *to = names[pick(m, ARRAY_LEN(names))];
	uint64_t before = m->modseq;

	if (m->s.n > 30)
		delete (m, name);
	else if (pick(m, 3) == 0)
		create(m, name);
	else if (pick(m, 3) == 0)
		delete (m, name);
	else if (pick(m, 2) == 0)
		rename_box(m, name, to);
	else if (pick(m, 2) == 0)
		subscribe(m, name);
	else
		special_use(m);
	learn(m);
	if (m->modseq > before)
		snapshot(m);
}

static void
free_state(struct state *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		free(s->b[i].e);
	free(s);
}

static void
model_init(struct model *m)
{
	struct account_usage u;
	const struct mailbox *list;
	size_t n;

	memset(m, 0, sizeof(*m));
	fixture_init(&m->f);
	m->f.seed = 42;
	list = account_mailboxes(m->f.a, NULL, &n);
	for (size_t i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), STR_FMT, STR_ARG(list[i].name));
		add_box(m, name);
		snprintf(m->s.subs[m->s.n_subs++], 32, "%s", name);
	}
	learn(m);
	account_usage(m->f.a, &u);
	m->modseq = m->first_modseq = u.modseq;
	snapshot(m);
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
	for (size_t i = 0; i < m.n_past; i++)
		free_state(m.past[i]);
	for (size_t i = 0; i < m.s.n; i++)
		free(m.s.b[i].e);
	free(m.past);
	free(m.walls);
	fixture_release(&m.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_store_is_the_model_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

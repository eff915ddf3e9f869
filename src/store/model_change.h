/* For model tests: random changes, made to the store and to the model. */
#ifndef STORE_MODEL_CHANGE_H
#define STORE_MODEL_CHANGE_H

#include "store/model.h"

/* What one change does to the model. Each returns whether it had an effect. */
static inline bool
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

static inline bool
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

static inline bool
do_copy(struct mod_box *from, struct mod_box *to, const struct uidset *uids,
    uint64_t modseq, int64_t wall)
{
	struct ent new[BOX_ENTRIES];
	size_t n = 0;

	for (size_t i = 0; i < from->n; i++)
		if (uidset_has(uids, from->e[i].uid))
			new[n++] = from->e[i];
	for (size_t i = 0; i < n; i++) {
		new[i].uid = to->uidnext++;
		new[i].modseq = modseq;
		new[i].saved = wall;
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

static inline void
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
static inline bool
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
		effect = do_copy(b, to, &c->uids, m->modseq + 1, m->f.wall);
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

static inline void
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

static inline void
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
		    .saved = m->f.wall,
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

static inline void
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

static inline void delete (struct model *m, const char *name)
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

static inline void
rename_below(struct model *m, const char *from, const char *to)
{
	for (size_t i = 0; i < m->s.n; i++) {
		struct mod_box *b = &m->s.b[i];
		char name[NAME];

		if (strcmp(b->name, from) != 0 && !below(b->name, from))
			continue;
		snprintf(
		    name, sizeof(name), "%s%s", to, b->name + strlen(from));
		assert_true(strlen(name) < sizeof(b->name));
		memcpy(b->name, name, strlen(name) + 1);
	}
}

static inline void
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
			new->e[new->n].saved = m->f.wall;
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

static inline void
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
		snprintf(m->s.subs[m->s.n_subs++], NAME, "%s", name);
	} else {
		for (size_t i = 0; i < m->s.n_subs; i++)
			if (strcmp(m->s.subs[i], name) == 0) {
				m->s.n_subs--;
				memmove(
				    m->s.subs[i], m->s.subs[m->s.n_subs], NAME);
				break;
			}
	}
	step(m);
}

static inline void
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

static inline void
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

#endif

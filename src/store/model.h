/*
 * For model tests: a naive model of an account that copies its whole state at
 * every modseq. Now and any past point must look the same in both.
 */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

#include "base/vec.h"
#include "store/fixture_tend.h"
#include "store/message.h"

enum {
	BOX_ENTRIES = 4000,
	BOXES = 160,
	NAME = 96,
	KEYWORD_A = 1 << 5, /* model's bits for two keywords */
	KEYWORD_B = 1 << 6,
};

static const char *const names[] UNUSED = {"a", "a/b", "a/b/c", "b", "b/x", "c",
    "c/d", "INBOX", "Archive", "Junk", "Sent", "a/e", "d"};

struct ent {
	uint32_t uid;
	unsigned bits;
	uint64_t message, modseq;
	uint64_t size;
	int64_t saved;
};

struct mod_box {
	uint64_t id;
	char name[NAME];
	bool selectable;
	unsigned use;
	uint32_t uidvalidity, uidnext;
	size_t n;
	struct ent *e; /* BOX_ENTRIES of the state now, n of a past one */
};

struct state {
	size_t n;
	struct mod_box *b; /* BOXES of the state now */
	char (*subs)[NAME];
	size_t n_subs;
};

struct model {
	struct fixture f;
	struct state s;
	uint64_t modseq, first_modseq;
	struct state **past; /* [modseq - first_modseq] */
	size_t n_past, cap_past;
	int64_t *walls; /* likewise */
	size_t n_walls, cap_walls;
	struct timeline times;
	uint64_t horizon; /* states before this are gone */
	struct map seen;  /* mailbox and uid (0: the mailbox) -> modseq at
			   * which it was there last, for what is gone */
	uint64_t counter; /* makes each message's size its own */
};

static inline uint32_t
pick(struct model *m, uint32_t n)
{
	return (uint32_t)(fixture_next(&m->f) >> 32) % n;
}

static inline struct mod_box *
by_id(struct state *s, uint64_t id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->b[i].id == id)
			return &s->b[i];
	return NULL;
}

/* Uids ascend. */
static inline struct ent *
by_uid(const struct mod_box *b, uint32_t uid)
{
	size_t lo = 0, hi = b ? b->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->e[mid].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return b && lo < b->n && b->e[lo].uid == uid ? &b->e[lo] : NULL;
}

static inline struct str
seen_key(uint64_t id, uint32_t uid, char key[12])
{
	memcpy(key, &id, 8);
	memcpy(key + 8, &uid, 4);
	return str_of(key, 12);
}

/* What was there at the last modseq and is not any more. */
static inline void
note_gone(struct model *m, struct state *was)
{
	void *at = (void *)(uintptr_t)(m->modseq - 1);
	char key[12];

	for (size_t i = 0; was && i < was->n; i++) {
		const struct mod_box *b = &was->b[i];
		struct mod_box *is = by_id(&m->s, b->id);

		if (!is)
			map_set(&m->seen, seen_key(b->id, 0, key), at);
		for (size_t k = 0; k < b->n; k++)
			if (!by_uid(is, b->e[k].uid))
				map_set(&m->seen,
				    seen_key(b->id, b->e[k].uid, key), at);
	}
}

static inline void
snapshot(struct model *m)
{
	struct state *copy = malloc(sizeof(*copy));

	*copy = m->s;
	copy->b = malloc((copy->n + 1) * sizeof(*copy->b));
	memcpy(copy->b, m->s.b, copy->n * sizeof(*copy->b));
	copy->subs = malloc((copy->n_subs + 1) * sizeof(*copy->subs));
	memcpy(copy->subs, m->s.subs, copy->n_subs * sizeof(*copy->subs));
	for (size_t i = 0; i < copy->n; i++) {
		struct mod_box *b = &copy->b[i];

		b->e = malloc((b->n + 1) * sizeof(*b->e));
		memcpy(b->e, m->s.b[i].e, b->n * sizeof(*b->e));
	}
	while (m->n_past < m->modseq - m->first_modseq) {
		*VEC_ADD(m, past) = NULL;
		*VEC_ADD(m, walls) = m->f.wall;
	}
	assert_int_equal(m->n_past, m->modseq - m->first_modseq);
	note_gone(m, m->n_past ? m->past[m->n_past - 1] : NULL);
	*VEC_ADD(m, past) = copy;
	*VEC_ADD(m, walls) = m->f.wall;
}

static inline void
step(struct model *m)
{
	m->modseq++;
}

static struct mod_box *
by_name(struct state *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->b[i].name, name) == 0)
			return &s->b[i];
	return NULL;
}

static inline bool
below(const char *name, const char *parent)
{
	size_t n = strlen(parent);

	return strncmp(name, parent, n) == 0 && name[n] == '/';
}

static inline bool
has_children(struct state *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (below(s->b[i].name, name))
			return true;
	return false;
}

static struct mod_box *
add_box(struct model *m, const char *name)
{
	struct mod_box *b = &m->s.b[m->s.n++];

	assert_true(m->s.n < BOXES);
	memset(b, 0, sizeof(*b));
	snprintf(b->name, sizeof(b->name), "%s", name);
	b->selectable = true;
	b->uidnext = 1;
	b->e = calloc(BOX_ENTRIES, sizeof(*b->e));
	return b;
}

static inline void
drop_box(struct model *m, struct mod_box *b)
{
	free(b->e);
	*b = m->s.b[--m->s.n];
}

static inline void
add_parents(struct model *m, const char *name)
{
	char parent[NAME];

	for (size_t i = 1; name[i]; i++) {
		if (name[i] != '/')
			continue;
		snprintf(parent, sizeof(parent), "%.*s", (int)i, name);
		if (!by_name(&m->s, parent))
			add_box(m, parent);
	}
}

/* What the store alone decides: ids and UIDVALIDITY of new mailboxes. */
static inline void
learn(struct model *m)
{
	for (size_t i = 0; i < m->s.n; i++) {
		struct mod_box *b = &m->s.b[i];
		const struct mailbox *real;

		if (b->id)
			continue;
		real = fixture_box(&m->f, b->name);
		b->id = real->id;
		b->uidvalidity = real->uidvalidity;
		b->use = real->special_use;
	}
}

static inline unsigned
bits_of(struct account *a, uint32_t flagset)
{
	const struct flags *f = &account_flagset(a, flagset)->flags;
	unsigned bits = f->bits;

	for (size_t i = 0; i < f->n_keywords; i++)
		bits |= str_eq(f->keywords[i], S("$A")) ? KEYWORD_A : KEYWORD_B;
	return bits;
}

static inline void
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

static inline bool
model_subscribed(const struct state *s, const char *name)
{
	for (size_t i = 0; i < s->n_subs; i++)
		if (strcmp(s->subs[i], name) == 0)
			return true;
	return false;
}

static inline void
check_list(
    struct model *m, struct state *s, const struct mailbox *real, size_t n)
{
	assert_int_equal(n, s->n);
	for (size_t i = 0; i < n; i++) {
		char name[NAME];
		struct mod_box *b;

		snprintf(name, sizeof(name), STR_FMT, STR_ARG(real[i].name));
		b = by_name(s, name);
		assert_non_null(b);
		check_box(m, b, &real[i]);
		assert_int_equal(real[i].subscribed, model_subscribed(s, name));
	}
}

static inline void
check_entry(struct model *m, const struct ent *want, const struct entry *e)
{
	assert_int_equal(e->uid, want->uid);
	assert_int_equal(e->message, want->message);
	assert_int_equal(e->saved_ms, want->saved);
	assert_int_equal(bits_of(m->f.a, e->flagset), want->bits);
}

static inline void
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

static inline void
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

static inline void
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
		/* Of one that was deleted then, more may be told. */
		if (was)
			assert_int_equal(
			    uidset_count(&want), uidset_count(&vanished));
		for (size_t k = 0; k < want.n_ranges; k++)
			assert_true(
			    uidset_has(&vanished, want.ranges[k].first));
		uidset_release(&want);
	}
	arena_release(&arena);
}

static inline void
free_state(struct state *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		free(s->b[i].e);
	if (s) {
		free(s->b);
		free(s->subs);
	}
	free(s);
}

static inline void
model_init(struct model *m)
{
	const char *seed = getenv("MODEL_SEED");
	struct account_usage u;
	const struct mailbox *list;
	size_t n;

	memset(m, 0, sizeof(*m));
	fixture_init(&m->f);
	/* Another history: MODEL_SEED=5 build/model_back_test */
	m->f.seed = seed ? strtoull(seed, NULL, 10) : 42;
	m->s.b = calloc(BOXES, sizeof(*m->s.b));
	m->s.subs = calloc(BOXES, sizeof(*m->s.subs));
	list = account_mailboxes(m->f.a, NULL, &n);
	for (size_t i = 0; i < n; i++) {
		char name[NAME];

		snprintf(name, sizeof(name), STR_FMT, STR_ARG(list[i].name));
		add_box(m, name);
		snprintf(m->s.subs[m->s.n_subs++], NAME, "%s", name);
	}
	learn(m);
	account_usage(m->f.a, &u);
	m->modseq = m->first_modseq = u.modseq;
	snapshot(m);
}

static inline void
model_release(struct model *m)
{
	for (size_t i = 0; i < m->n_past; i++)
		free_state(m->past[i]);
	for (size_t i = 0; i < m->s.n; i++)
		free(m->s.b[i].e);
	free(m->s.b);
	free(m->s.subs);
	free(m->past);
	free(m->walls);
	map_release(&m->seen);
	fixture_release(&m->f);
}

#endif

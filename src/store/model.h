/*
 * The naive model of model_test.c: mailboxes as arrays, and a copy of all of
 * them at each modseq.
 */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

#include "base/vec.h"
#include "store/fixture_tend.h"
#include "store/message.h"

enum {
	BOX_ENTRIES = 120,
	BOXES = 48,
	KEYWORD_A = 1 << 5, /* model's bits for two keywords */
	KEYWORD_B = 1 << 6,
	BATCHES = 1500,
	RETENTION_MS = 600 * 1000, /* a fifth of the test's time */
};

static const char *const names[] = {"a", "a/b", "a/b/c", "b", "b/x", "c", "c/d",
    "INBOX", "Archive", "Junk", "Sent", "a/e", "d"};

struct ent {
	uint32_t uid;
	unsigned bits;
	uint64_t message, modseq;
	uint64_t size;
};

struct mod_box {
	uint64_t id;
	char name[32];
	bool selectable;
	unsigned use;
	uint32_t uidvalidity, uidnext;
	size_t n;
	struct ent *e; /* BOX_ENTRIES of the state now, n of a past one */
};

struct state {
	size_t n;
	struct mod_box b[BOXES];
	char subs[64][32];
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
	uint64_t counter; /* makes each message's size its own */
};

static inline uint32_t
pick(struct model *m, uint32_t n)
{
	return (uint32_t)(fixture_next(&m->f) >> 32) % n;
}

static inline void
snapshot(struct model *m)
{
	struct state *copy = malloc(sizeof(*copy));

	memcpy(copy, &m->s, sizeof(*copy));
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
	*VEC_ADD(m, past) = copy;
	*VEC_ADD(m, walls) = m->f.wall;
}

static inline void
step(struct model *m)
{
	m->modseq++;
}

static inline struct mod_box *
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

static inline struct mod_box *
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
	char parent[32];

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

#endif

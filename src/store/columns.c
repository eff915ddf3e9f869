#include "store/columns.h"

#include "base/vec.h"

struct tombstone {
	struct entry e;
	uint64_t gone; /* modseq of the expunge */
	uint64_t size;
};

/* What an entry has besides its uid, which stands in the shared list. */
struct columns {
	unsigned refs;
	struct uidlist *uids;
	uint32_t *flagset;
	uint64_t *modseq;
	uint64_t *message;
	int64_t *saved;
	uint32_t *size;
	size_t cap;
	uint64_t newest;
	bool dead;
	unsigned behind;          /* views whose list is not `uids` */
	struct tombstone *graves; /* ascending uid */
	size_t n_graves, cap_graves;
};

struct uidlist *
uidlist_ref(struct uidlist *l)
{
	l->refs++;
	return l;
}

void
uidlist_unref(struct uidlist **l)
{
	if (*l && --(*l)->refs == 0) {
		free((*l)->uids);
		free(*l);
	}
	*l = NULL;
}

static struct uidlist *
uidlist_new(void)
{
	struct uidlist *l = mem_zalloc(sizeof(*l));

	l->refs = 1;
	return l;
}

struct columns *
columns_new(void)
{
	struct columns *c = mem_zalloc(sizeof(*c));

	c->refs = 1;
	c->uids = uidlist_new();
	return c;
}

struct columns *
columns_ref(struct columns *c)
{
	c->refs++;
	return c;
}

void
columns_unref(struct columns **c)
{
	struct columns *p = *c;

	*c = NULL;
	if (!p || --p->refs)
		return;
	uidlist_unref(&p->uids);
	free(p->flagset);
	free(p->modseq);
	free(p->message);
	free(p->saved);
	free(p->size);
	free(p->graves);
	free(p);
}

size_t
columns_count(const struct columns *c)
{
	return c->uids->n_uids;
}

static size_t
lower(const uint32_t *uids, size_t n, uint32_t uid)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (uids[mid] < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t
columns_lower(const struct columns *c, uint32_t uid)
{
	return lower(c->uids->uids, c->uids->n_uids, uid);
}

void
columns_at(
    const struct columns *c, size_t i, struct entry *out, uint64_t *size_out)
{
	ASSERT(i < c->uids->n_uids);
	*out = (struct entry){
	    .uid = c->uids->uids[i],
	    .flagset = c->flagset[i],
	    .modseq = c->modseq[i],
	    .message = c->message[i],
	    .saved_ms = c->saved[i],
	};
	if (size_out)
		*size_out = c->size[i];
}

static size_t
grave_of(const struct columns *c, uint32_t uid)
{
	size_t lo = 0, hi = c->n_graves;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->graves[mid].e.uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
columns_find(const struct columns *c, uint32_t uid, struct entry *out,
    uint64_t *size_out)
{
	size_t i = columns_lower(c, uid);

	if (i < c->uids->n_uids && c->uids->uids[i] == uid) {
		columns_at(c, i, out, size_out);
		return true;
	}
	i = grave_of(c, uid);
	if (i == c->n_graves || c->graves[i].e.uid != uid)
		return false;
	*out = c->graves[i].e;
	if (size_out)
		*size_out = c->graves[i].size;
	return true;
}

static void
newest(struct columns *c, uint64_t modseq)
{
	if (modseq > c->newest)
		c->newest = modseq;
}

static void
grow(struct columns *c, size_t need)
{
	size_t cap = c->cap ? c->cap : 16;

	if (need <= c->cap)
		return;
	while (cap < need)
		cap *= 2;
	c->flagset = mem_resize(c->flagset, cap * sizeof(*c->flagset));
	c->modseq = mem_resize(c->modseq, cap * sizeof(*c->modseq));
	c->message = mem_resize(c->message, cap * sizeof(*c->message));
	c->saved = mem_resize(c->saved, cap * sizeof(*c->saved));
	c->size = mem_resize(c->size, cap * sizeof(*c->size));
	c->cap = cap;
}

void
columns_add(struct columns *c, const struct entry *e, uint64_t size)
{
	struct uidlist *l = c->uids;
	size_t i = l->n_uids;

	ASSERT(i == 0 || l->uids[i - 1] < e->uid);
	ASSERT(size <= UINT32_MAX);
	grow(c, i + 1);
	*VEC_ADD(l, uids) = e->uid;
	c->flagset[i] = e->flagset;
	c->modseq[i] = e->modseq;
	c->message[i] = e->message;
	c->saved[i] = e->saved_ms;
	c->size[i] = (uint32_t)size;
	newest(c, e->modseq);
}

void
columns_set_flags(
    struct columns *c, size_t i, uint32_t flagset, uint64_t modseq)
{
	ASSERT(i < c->uids->n_uids);
	c->flagset[i] = flagset;
	c->modseq[i] = modseq;
	newest(c, modseq);
}

static void
bury(struct columns *c, size_t i, uint64_t modseq)
{
	struct tombstone t = {.gone = modseq};
	size_t at;

	columns_at(c, i, &t.e, &t.size);
	t.e.expunged = true;
	at = grave_of(c, t.e.uid);
	(void)VEC_ADD(c, graves);
	memmove(c->graves + at + 1, c->graves + at,
	    (c->n_graves - 1 - at) * sizeof(*c->graves));
	c->graves[at] = t;
}

static void
move_row(struct columns *c, size_t to, size_t from)
{
	c->flagset[to] = c->flagset[from];
	c->modseq[to] = c->modseq[from];
	c->message[to] = c->message[from];
	c->saved[to] = c->saved[from];
	c->size[to] = c->size[from];
}

void
columns_expunge(struct columns *c, const struct uidset *uids, uint64_t modseq)
{
	struct uidlist *old = c->uids, *fresh = uidlist_new();
	size_t keep = 0;

	/* All views that share the list fall behind; one reference is ours. */
	c->behind += old->refs - 1;
	mem_grow(&fresh->uids, &fresh->cap_uids, old->n_uids + 1,
	    sizeof(*fresh->uids));
	for (size_t i = 0; i < old->n_uids; i++) {
		if (uidset_has(uids, old->uids[i])) {
			if (c->behind)
				bury(c, i, modseq);
			continue;
		}
		move_row(c, keep, i);
		fresh->uids[keep++] = old->uids[i];
	}
	fresh->n_uids = keep;
	c->uids = fresh;
	uidlist_unref(&old);
	newest(c, modseq);
}

void
columns_kill(struct columns *c, uint64_t modseq)
{
	c->dead = true;
	newest(c, modseq);
}

bool
columns_dead(const struct columns *c)
{
	return c->dead;
}

uint64_t
columns_modseq(const struct columns *c)
{
	return c->newest;
}

uint64_t
columns_gone(const struct columns *c, uint32_t uid)
{
	size_t i = grave_of(c, uid);

	return i < c->n_graves && c->graves[i].e.uid == uid ? c->graves[i].gone
							    : 0;
}

struct uidlist *
columns_uids(const struct columns *c)
{
	return c->uids;
}

size_t
columns_next_newer(const struct columns *c, size_t from, uint64_t modseq)
{
	const uint64_t *modseqs = c->modseq;
	size_t n = c->uids->n_uids;

	while (from < n && modseqs[from] <= modseq)
		from++;
	return from;
}

void
columns_let_go(struct columns *c)
{
	ASSERT(c->behind > 0);
	if (--c->behind == 0)
		c->n_graves = 0;
}

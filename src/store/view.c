#include "store/view.h"

#include "base/vec.h"
#include "store/account_int.h"
#include "store/columns.h"
#include "store/flagset.h"

struct view {
	struct account *account;
	uint64_t mailbox;
	struct columns *columns;
	/* What was told: the first n of the list. While expunges are held back
	 * the list is the view's own. */
	struct uidlist *list;
	size_t n;
	uint64_t told;
	uint64_t *hidden; /* modseqs whose flags were told by the session */
	size_t n_hidden, cap_hidden;
	struct expectation *expected; /* ascending uid */
	size_t n_expected, cap_expected;
};

/* What the client makes of its own .SILENT change. */
struct expectation {
	uint32_t uid, flagset;
};

struct view *
view_of_columns(struct account *a, uint64_t mailbox, struct columns *c)
{
	struct view *v = mem_zalloc(sizeof(*v));

	v->account = a;
	v->mailbox = mailbox;
	v->columns = columns_ref(c);
	v->list = uidlist_ref(columns_uids(c));
	v->n = v->list->n_uids;
	v->told = columns_modseq(c);
	return v;
}

enum status
view_open(struct account *a, const struct viewer *viewer, uint64_t mailbox,
    struct view **out)
{
	struct mbox *box;
	enum status st;

	if (!(viewer->rights & RIGHT_READ))
		return ST_DENIED;
	if ((st = mbox_columns(a, mailbox, &box)) != ST_OK)
		return st;
	*out = view_of_columns(a, mailbox, box->columns);
	return ST_OK;
}

static bool
is_behind(const struct view *v)
{
	return v->list != columns_uids(v->columns);
}

void
view_close(struct view **out)
{
	struct view *v = *out;

	*out = NULL;
	if (!v)
		return;
	if (is_behind(v))
		columns_let_go(v->columns);
	uidlist_unref(&v->list);
	columns_unref(&v->columns);
	free(v->hidden);
	free(v->expected);
	free(v);
}

uint64_t
view_mailbox(const struct view *v)
{
	return v->mailbox;
}

uint32_t
view_count(const struct view *v)
{
	return (uint32_t)v->n;
}

uint32_t
view_uid(const struct view *v, uint32_t msn)
{
	ASSERT(msn >= 1 && msn <= v->n);
	return v->list->uids[msn - 1];
}

uint32_t
view_lower(const struct view *v, uint32_t uid)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->list->uids[mid] < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (uint32_t)lo + 1;
}

uint32_t
view_msn(const struct view *v, uint32_t uid)
{
	uint32_t msn = view_lower(v, uid);

	return msn <= v->n && v->list->uids[msn - 1] == uid ? msn : 0;
}

void
view_entry(struct view *v, uint32_t msn, struct entry *out)
{
	ASSERT(msn >= 1 && msn <= v->n);
	if (!is_behind(v))
		columns_at(v->columns, msn - 1, out, NULL);
	else
		ASSERT(columns_find(
		    v->columns, v->list->uids[msn - 1], out, NULL));
}

uint64_t
view_size(const struct view *v, uint32_t msn)
{
	uint64_t size = 0;
	struct entry e;

	ASSERT(msn >= 1 && msn <= v->n);
	if (!is_behind(v))
		columns_at(v->columns, msn - 1, &e, &size);
	else
		ASSERT(columns_find(
		    v->columns, v->list->uids[msn - 1], &e, &size));
	return size;
}

uint64_t
view_modseq(const struct view *v)
{
	return v->told;
}

/* RFC 7162 3.2: not past an expunge that the client does not know of. */
uint64_t
view_highest_told(const struct view *v)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; is_behind(v) && i < v->n; i++) {
		uint64_t gone = columns_gone(v->columns, v->list->uids[i]);

		if (gone && gone < first)
			first = gone;
	}
	return first <= v->told ? first - 1 : v->told;
}

const struct flagset *
account_flagset(struct account *a, uint32_t id)
{
	return flagset_get(a->flagsets, id);
}

uint32_t
account_flagsets(const struct account *a)
{
	return flagsets_count(a->flagsets);
}

bool
view_stale(const struct view *v)
{
	return is_behind(v) || v->n != v->list->n_uids ||
	    v->told != columns_modseq(v->columns) || columns_dead(v->columns);
}

bool
view_gone(const struct view *v)
{
	return columns_dead(v->columns);
}

/* Messages behind the last one told, as they stand in the columns. */
static size_t
count_new(const struct view *v, size_t *first_out)
{
	uint32_t last = v->n ? v->list->uids[v->n - 1] : 0;

	*first_out = last == UINT32_MAX ? columns_count(v->columns)
					: columns_lower(v->columns, last + 1);
	return columns_count(v->columns) - *first_out;
}

static void
tell_expunged(struct view *v, struct arena *a, struct view_news *out)
{
	struct uidlist *now = columns_uids(v->columns);
	size_t j = 0;

	out->expunged = ARENA_ARRAY(a, uint32_t, v->n);
	for (size_t i = 0; i < v->n; i++) {
		uint32_t uid = v->list->uids[i];

		if (j < now->n_uids && now->uids[j] == uid) {
			j++;
			continue;
		}
		/* Each EXPUNGE renumbers what follows: j are before it. */
		out->expunged[out->n_expunged++] = (uint32_t)j + 1;
		uidset_add(&out->vanished, uid, uid);
	}
}

/* The expunged stay: the old list and the new messages, for us alone. */
static void
keep_expunged(struct view *v, size_t first, size_t n)
{
	struct uidlist *now = columns_uids(v->columns), *own = v->list;

	if (n == 0)
		return;
	if (own->refs > 1 || own->n_uids != v->n) {
		own = mem_zalloc(sizeof(*own));
		own->refs = 1;
		mem_grow(
		    &own->uids, &own->cap_uids, v->n + n, sizeof(*own->uids));
		memcpy(own->uids, v->list->uids, v->n * sizeof(*own->uids));
		own->n_uids = v->n;
		uidlist_unref(&v->list);
		v->list = own;
	}
	for (size_t i = 0; i < n; i++)
		*VEC_ADD(own, uids) = now->uids[first + i];
}

static bool
is_known(const struct view *v, const struct entry *e, size_t *next_expected)
{
	size_t *k = next_expected;

	for (size_t i = 0; i < v->n_hidden; i++)
		if (v->hidden[i] == e->modseq)
			return true;
	while (*k < v->n_expected && v->expected[*k].uid < e->uid)
		++*k;
	return *k < v->n_expected && v->expected[*k].uid == e->uid &&
	    v->expected[*k].flagset == e->flagset;
}

static void
tell_flags(struct view *v, size_t known, struct arena *a, struct view_news *out)
{
	size_t count = columns_count(v->columns), next_expected = 0;
	uint32_t last = known ? v->list->uids[known - 1] : 0;
	struct entry e;

	if (v->told == columns_modseq(v->columns))
		return;
	for (size_t i = columns_next_newer(v->columns, 0, v->told); i < count;
	     i = columns_next_newer(v->columns, i + 1, v->told)) {
		columns_at(v->columns, i, &e, NULL);
		if (e.uid > last)
			break;
		if (is_known(v, &e, &next_expected))
			continue;
		if (!out->changed)
			out->changed = ARENA_ARRAY(a, uint32_t, count - i);
		out->changed[out->n_changed++] =
		    is_behind(v) ? view_msn(v, e.uid) : (uint32_t)i + 1;
	}
}

static void
vanished_to_arena(struct uidset *set, struct arena *a)
{
	struct uidset in_arena = {
	    ARENA_ARRAY(a, struct uidrange, set->n_ranges), set->n_ranges, 0};

	if (set->n_ranges)
		memcpy(in_arena.ranges, set->ranges,
		    set->n_ranges * sizeof(*set->ranges));
	uidset_release(set);
	*set = in_arena;
}

void
view_sync(struct view *v, bool expunges, struct arena *a, struct view_news *out)
{
	size_t first, n, known = v->n;

	*out = (struct view_news){0};
	if (!view_stale(v))
		return;
	n = count_new(v, &first);
	if (!is_behind(v)) {
		v->n += n;
	} else if (expunges) {
		tell_expunged(v, a, out);
		vanished_to_arena(&out->vanished, a);
		known -= out->n_expunged;
		uidlist_unref(&v->list);
		v->list = uidlist_ref(columns_uids(v->columns));
		v->n = v->list->n_uids;
		columns_let_go(v->columns);
	} else {
		keep_expunged(v, first, n);
		v->n += n;
	}
	out->exists = n > 0;
	out->first_new = n ? (uint32_t)known + 1 : 0;
	tell_flags(v, known, a, out);
	v->told = columns_modseq(v->columns);
	v->n_hidden = v->n_expected = 0;
}

void
view_hide(struct view *v, uint64_t modseq)
{
	*VEC_ADD(v, hidden) = modseq;
}

void
view_expect(struct view *v, const struct uidset *uids, enum flags_op op,
    const struct flags *flags)
{
	size_t pos = 0;
	uint32_t uid = 0;
	struct entry e;

	while (uidset_next(uids, &pos, &uid)) {
		struct expectation x = {.uid = uid};

		/* A change not told yet makes any belief wrong: tell it. */
		if (!columns_find(v->columns, uid, &e, NULL) ||
		    e.modseq > v->told ||
		    flagset_apply(v->account->flagsets, e.flagset, op, flags,
			&x.flagset) != ST_OK)
			continue;
		*VEC_ADD(v, expected) = x;
	}
}

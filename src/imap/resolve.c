/*
 * Message sets against the selected view.
 */
#include "imap/session.h"

static void
swap_if_back(uint32_t *first, uint32_t *last)
{
	uint32_t keep = *first;

	if (*first > *last) {
		*first = *last;
		*last = keep;
	}
}

/* msn first..last of the view: their UIDs, as runs where they are runs. */
static void
add_msns(
    const struct view *v, uint32_t first, uint32_t last, struct uidset *out)
{
	uint32_t msn, uid, begin = 0, end = 0;

	for (msn = first; msn <= last; msn++) {
		uid = view_uid(v, msn);
		if (begin != 0 && uid == end + 1) {
			end = uid;
			continue;
		}
		if (begin != 0)
			uidset_add(out, begin, end);
		begin = end = uid;
	}
	if (begin != 0)
		uidset_add(out, begin, end);
}

/* UIDs first..last: those that are in the view. */
static void
add_uids(
    const struct view *v, uint32_t first, uint32_t last, struct uidset *out)
{
	uint32_t from = view_lower(v, first);
	uint32_t to =
	    last == UINT32_MAX ? view_count(v) + 1 : view_lower(v, last + 1);

	if (from < to)
		add_msns(v, from, to - 1, out);
}

enum status
imap_resolve(
    struct imap_call *call, const struct imap_set *set, struct uidset *uids_out)
{
	const struct view *v = imap_view(call);
	const struct imap_selected *sel = &call->s->selected;
	uint32_t n = view_count(v), star, first, last;
	size_t i;

	if (set->saved) {
		for (i = 0; i < sel->saved.n_ranges; i++)
			add_uids(v, sel->saved.ranges[i].first,
			    sel->saved.ranges[i].last, uids_out);
		return ST_OK;
	}
	star = call->uid && n > 0 ? view_uid(v, n) : n;
	for (i = 0; i < set->n; i++) {
		first = set->ranges[i].first ? set->ranges[i].first : star;
		last = set->ranges[i].last ? set->ranges[i].last : star;
		swap_if_back(&first, &last);
		if (call->uid) {
			if (n > 0)
				add_uids(v, first, last, uids_out);
			continue;
		}
		/* RFC 9051 seq-number: beyond the last, or "*" of none. */
		if (first == 0 || last > n)
			return ST_SYNTAX;
		add_msns(v, first, last, uids_out);
	}
	return ST_OK;
}

enum status
imap_resolve_live(struct imap_call *call, const struct imap_set *set,
    struct uidset *uids_out, bool *gone_out)
{
	struct uidset all = UIDSET_INIT;
	struct entry e;
	size_t pos = 0;
	uint32_t uid = 0;
	enum status st = imap_resolve(call, set, &all);

	*gone_out = false;
	while (st == ST_OK && uidset_next(&all, &pos, &uid)) {
		view_entry(imap_view(call), view_msn(imap_view(call), uid), &e);
		if (e.expunged)
			*gone_out = true;
		else
			uidset_add(uids_out, uid, uid);
	}
	uidset_release(&all);
	return st;
}

void
imap_next_turn(struct uidset *rest, struct uidset *turn)
{
	uint32_t left = IMAP_TURN, n;
	size_t i;

	uidset_clear(turn);
	for (i = 0; i < rest->n_ranges && left > 0; i++) {
		const struct uidrange *r = &rest->ranges[i];

		n = r->last - r->first;
		if (n >= left)
			n = left - 1;
		uidset_add(turn, r->first, r->first + n);
		left -= n + 1;
	}
	/* It is the front of `rest`: one removal, not one for each range. */
	if (turn->n_ranges > 0)
		uidset_remove(rest, turn->ranges[0].first,
		    turn->ranges[turn->n_ranges - 1].last);
}

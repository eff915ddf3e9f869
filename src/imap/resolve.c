/*
 * Message sets against the selected view.
 */
#include "imap/msgset.h"
#include "imap/session.h"

enum status
imap_resolve(
    struct imap_call *call, const struct imap_set *set, struct uidset *uids_out)
{
	struct uidset msns = UIDSET_INIT;
	bool all = msgset_resolve(
	    imap_view(call), set, call->uid, &call->s->selected.saved, &msns);

	if (all)
		msgset_uids(imap_view(call), &msns, uids_out);
	uidset_release(&msns);
	/* RFC 9051 seq-number: beyond the last, or "*" of none. */
	return all ? ST_OK : ST_SYNTAX;
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

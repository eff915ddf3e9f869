#include "imap/msgset.h"

/* UIDs first..last that are in the view, as message numbers. */
static void
add_uids(const struct view *view, uint32_t first, uint32_t last,
    struct uidset *msns_out)
{
	uint32_t from = view_lower(view, first);
	uint32_t behind = last == UINT32_MAX ? view_count(view) + 1
					     : view_lower(view, last + 1);

	if (from < behind)
		uidset_add(msns_out, from, behind - 1);
}

/* Message numbers first..last; false when some of them are not there. */
static bool
add_numbers(
    uint32_t count, uint32_t first, uint32_t last, struct uidset *msns_out)
{
	if (first == 0 || first > count)
		return false;
	uidset_add(msns_out, first, last < count ? last : count);
	return last <= count;
}

bool
msgset_resolve(const struct view *view, const struct imap_set *set, bool uid,
    const struct uidset *saved, struct uidset *msns_out)
{
	uint32_t count = view_count(view);
	uint32_t star = uid && count > 0 ? view_uid(view, count) : count;
	bool all = true;
	size_t i;

	if (set->saved) {
		for (i = 0; i < saved->n_ranges; i++)
			add_uids(view, saved->ranges[i].first,
			    saved->ranges[i].last, msns_out);
		return true;
	}
	for (i = 0; i < set->n; i++) {
		uint32_t first = set->ranges[i].first;
		uint32_t last = set->ranges[i].last;

		first = first ? first : star;
		last = last ? last : star;
		if (first > last) {
			uint32_t swap = first;

			first = last;
			last = swap;
		}
		if (!uid)
			all = add_numbers(count, first, last, msns_out) && all;
		else if (count > 0)
			add_uids(view, first, last, msns_out);
	}
	return all;
}

void
msgset_uids(
    const struct view *view, const struct uidset *msns, struct uidset *uids_out)
{
	uint32_t msn = 0, first = 0, last = 0;
	size_t pos = 0;

	while (uidset_next(msns, &pos, &msn)) {
		uint32_t uid = view_uid(view, msn);

		if (first != 0 && uid == last + 1) {
			last = uid;
			continue;
		}
		if (first != 0)
			uidset_add(uids_out, first, last);
		first = last = uid;
	}
	if (first != 0)
		uidset_add(uids_out, first, last);
}

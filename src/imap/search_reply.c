#include "imap/search_reply.h"

#include "imap/msgset.h"
#include "imap/write.h"

static uint32_t
lowest(const struct uidset *set)
{
	return set->ranges[0].first;
}

static uint32_t
highest(const struct uidset *set)
{
	return set->ranges[set->n_ranges - 1].last;
}

/* RFC 5182 2.1: MIN and MAX alone save only what they answer. */
static void
save_result(struct imap_call *call, const struct uidset *uids)
{
	const struct search_args *a = call->args;
	struct uidset *saved = &call->s->selected.saved;

	uidset_release(saved);
	if (uids->n_ranges == 0)
		return;
	if (a->all || a->count || (!a->min && !a->max)) {
		uidset_copy(saved, uids);
		return;
	}
	if (a->min)
		uidset_add(saved, lowest(uids), lowest(uids));
	if (a->max)
		uidset_add(saved, highest(uids), highest(uids));
}

void
search_reply_begin(struct imap_call *call, struct search_reply *r)
{
	const struct search_args *a = call->args;
	struct uidset uids = UIDSET_INIT;

	if (call->uid || a->save)
		msgset_uids(imap_view(call), &r->found, &uids);
	if (a->save)
		save_result(call, &uids);
	if (call->uid) {
		uidset_release(&r->found);
		r->found = uids;
	} else {
		uidset_release(&uids);
	}
}

/* "* SEARCH 2 84 882" */
static bool
reply_numbers(struct search_reply *r, struct buf *out)
{
	size_t begin = out->n;

	if (!r->begun)
		buf_adds(out, S("* SEARCH"));
	r->begun = true;
	while (uidset_next(&r->found, &r->pos, &r->at)) {
		buf_addc(out, ' ');
		buf_addu(out, r->at);
		if (out->n - begin >= PROTO_OUT_SLICE)
			return false;
	}
	buf_adds(out, S("\r\n"));
	return true;
}

/* '* ESEARCH (TAG "a1") UID COUNT 3 MIN 2 MAX 9' */
static void
begin_esearch(
    struct imap_call *call, const struct search_reply *r, struct buf *out)
{
	const struct search_args *a = call->args;

	buf_adds(out, S("* ESEARCH (TAG "));
	imap_write_string(out, call->tag);
	buf_addc(out, ')');
	if (call->uid)
		buf_adds(out, S(" UID"));
	if (a->count) {
		buf_adds(out, S(" COUNT "));
		buf_addu(out, uidset_count(&r->found));
	}
	if (r->found.n_ranges == 0)
		return;
	if (a->min) {
		buf_adds(out, S(" MIN "));
		buf_addu(out, lowest(&r->found));
	}
	if (a->max) {
		buf_adds(out, S(" MAX "));
		buf_addu(out, highest(&r->found));
	}
	if (a->all)
		buf_adds(out, S(" ALL "));
}

static bool
reply_esearch(struct imap_call *call, struct search_reply *r, struct buf *out)
{
	const struct search_args *a = call->args;
	size_t begin = out->n;

	if (!r->begun)
		begin_esearch(call, r, out);
	r->begun = true;
	while (a->all && r->pos < r->found.n_ranges) {
		struct uidset one = {
		    .ranges = &r->found.ranges[r->pos], .n_ranges = 1};

		if (r->pos++ > 0)
			buf_addc(out, ',');
		uidset_write(&one, out);
		if (out->n - begin >= PROTO_OUT_SLICE)
			return false;
	}
	buf_adds(out, S("\r\n"));
	return true;
}

bool
search_reply(struct imap_call *call, struct search_reply *r)
{
	const struct search_args *a = call->args;

	if (r->old_form)
		return reply_numbers(r, call->out);
	/* RFC 5182 2.1: with SAVE alone there is nothing to say. */
	if (a->save && !a->all && !a->count && !a->min && !a->max)
		return true;
	return reply_esearch(call, r, call->out);
}

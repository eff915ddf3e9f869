#include "imap/copyuid.h"

#include "imap/past.h"

struct str
imap_copyuid(struct imap_call *call, const struct changed *done)
{
	struct buf b;
	struct str code = S("");
	size_t ranges = done->from.n_ranges + done->to.n_ranges;

	if (done->from.n_ranges == 0)
		return code;
	/* Two numbers of ten digits and two separators each. */
	buf_init(&b, 40 + ranges * 22);
	buf_addf(&b, "COPYUID %u ", done->uidvalidity);
	uidset_write(&done->from, &b);
	buf_addc(&b, ' ');
	uidset_write(&done->to, &b);
	code = arena_str(call->arena, buf_str(&b));
	buf_release(&b);
	return code;
}

enum status
imap_target(struct imap_call *call, struct str name, const struct mailbox **out)
{
	const struct mailbox *box;
	enum status st = imap_past_refuse(call, name);

	if (st == ST_OK)
		st = mailbox_find(
		    imap_account(call), &call->s->viewer, name, &box);
	if (st != ST_OK)
		return st;
	if (!box->selectable)
		return ST_NOT_FOUND;
	*out = box;
	return ST_OK;
}

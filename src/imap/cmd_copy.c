/* RFC 9051 6.4.7:  copy = "COPY" SP sequence-set SP mailbox */
#include "imap/copyuid.h"

struct copy_args {
	struct imap_set set;
	struct str mailbox;
};

static bool
copy_parse(struct imap_parse *p, void *args)
{
	struct copy_args *a = args;

	return parse_sp(p) && parse_sequence_set(p, &a->set) && parse_sp(p) &&
	    parse_mailbox_name(p, &a->mailbox) && parse_crlf(p);
}

/* What the account's home worker is asked to do in its next turn. */
static enum status
copy_ask(struct imap_call *call, struct change *ask_out)
{
	const struct copy_args *a = call->args;
	const struct mailbox *to;
	enum status st;
	bool gone;

	st = imap_resolve_live(call, &a->set, &call->uids, &gone);
	if (st == ST_OK)
		st = imap_target(call, a->mailbox, &to);
	if (st != ST_OK)
		return st; /* imap/status.c adds [TRYCREATE] */
	/* All or nothing (RFC 9051 6.4.7), but a UID that is not there is
	 * no error. */
	if (gone && !call->uid)
		return ST_EXPUNGED;
	imap_change_init(call, ask_out,
	    call->uids.n_ranges > 0 ? CHANGE_COPY : IMAP_NOTHING);
	ask_out->mailbox = call->s->selected.mailbox;
	if (call->s->selected.past_modseq) { /* what was there comes back */
		ask_out->mailbox = call->s->selected.past_mailbox;
		ask_out->at = call->s->selected.past_modseq;
	}
	ask_out->target = to->id;
	ask_out->uids = call->uids;
	return ST_OK;
}

static void
copy_answer(struct imap_call *call, const struct changed *done)
{
	call->code = imap_copyuid(call, done);
}

const struct imap_cmd imap_cmd_copy = {
    .name = "COPY",
    .rfc = "RFC 9051 6.4.7",
    .states = IMAP_SELECTED,
    .flags = IMAP_HAS_UID_FORM | IMAP_TRYCREATE,
    .args_size = sizeof(struct copy_args),
    .parse = copy_parse,
    .ask = copy_ask,
    .answer = copy_answer,
};

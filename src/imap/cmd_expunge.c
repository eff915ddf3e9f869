/* RFC 9051 6.4.3:  expunge = "EXPUNGE"
 * RFC 9051 6.4.9:  uid-expunge = "UID" SP "EXPUNGE" SP sequence-set */
#include "imap/expunge.h"

struct expunge_args {
	struct imap_set set;
	struct uidset only;
	uint32_t msn;
	bool resolved;
};

bool
imap_next_deleted(
    struct imap_call *call, const struct uidset *only, uint32_t *msn)
{
	struct view *v = imap_view(call);
	uint32_t count = view_count(v), n = 0;
	const struct flagset *set;
	const struct mailbox *box;
	struct entry e;

	uidset_clear(&call->uids);
	/* Most of the time there is nothing, and a count says so. */
	if (mailbox_by_id(imap_account(call), &call->s->viewer,
		call->s->selected.mailbox, &box) != ST_OK ||
	    box->deleted == 0)
		return false;
	for (*msn = *msn ? *msn : 1; *msn <= count && n < IMAP_TURN; ++*msn) {
		view_entry(v, *msn, &e);
		set = account_flagset(imap_account(call), e.flagset);
		if (e.expunged || !(set->flags.bits & FLAG_DELETED) ||
		    (only && !uidset_has(only, e.uid)))
			continue;
		uidset_add(&call->uids, e.uid, e.uid);
		n++;
	}
	if (n == 0)
		return false;
	imap_change_init(call, &call->change, CHANGE_EXPUNGE);
	call->change.mailbox = call->s->selected.mailbox;
	call->change.uids = call->uids;
	return true;
}

static bool
expunge_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
expunge_run(struct imap_call *call)
{
	struct expunge_args *a = call->args;

	return imap_next_deleted(call, NULL, &a->msn) ? IMAP_ASK : IMAP_DONE;
}

static bool
uid_expunge_parse(struct imap_parse *p, void *args)
{
	struct expunge_args *a = args;

	return parse_sp(p) && parse_sequence_set(p, &a->set) && parse_crlf(p);
}

static enum imap_step
uid_expunge_run(struct imap_call *call)
{
	struct expunge_args *a = call->args;

	if (!a->resolved) {
		call->status = imap_resolve(call, &a->set, &a->only);
		a->resolved = true;
	}
	if (call->status != ST_OK ||
	    !imap_next_deleted(call, &a->only, &a->msn))
		return IMAP_DONE;
	return IMAP_ASK;
}

static void
uid_expunge_end(struct imap_call *call)
{
	struct expunge_args *a = call->args;

	uidset_release(&a->only);
}

const struct imap_cmd imap_cmd_expunge = {
    .name = "EXPUNGE",
    .rfc = "RFC 9051 6.4.3",
    .states = IMAP_SELECTED,
    .flags = IMAP_NEEDS_WRITE,
    .args_size = sizeof(struct expunge_args),
    .parse = expunge_parse,
    .run = expunge_run,
};

const struct imap_cmd imap_cmd_uid_expunge = {
    .name = "EXPUNGE",
    .rfc = "RFC 9051 6.4.9",
    .capability = "UIDPLUS",
    .states = IMAP_SELECTED,
    .flags = IMAP_NEEDS_WRITE | IMAP_ONLY_UID_FORM,
    .args_size = sizeof(struct expunge_args),
    .parse = uid_expunge_parse,
    .run = uid_expunge_run,
    .end = uid_expunge_end,
};

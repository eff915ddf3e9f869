/* RFC 9051 6.3.5:  delete = "DELETE" SP mailbox */
#include "imap/past.h"

struct delete_args {
	struct str name, given;
};

static bool
delete_parse(struct imap_parse *p, void *args)
{
	struct delete_args *a = args;

	return parse_sp(p) && parse_mailbox_given(p, &a->name, &a->given) &&
	    parse_crlf(p);
}

static enum status
delete_ask(struct imap_call *call, struct change *ask_out)
{
	const struct delete_args *a = call->args;
	const struct mailbox *box;
	enum status st;

	if (str_eq(a->name, S("INBOX")))
		return ST_CANNOT;
	if ((st = imap_past_refuse(call, a->name)) != ST_OK)
		return st;
	st = mailbox_find(imap_account(call), &call->s->viewer, a->name, &box);
	if (st != ST_OK)
		return st;
	imap_change_init(call, ask_out, CHANGE_DELETE);
	ask_out->mailbox = box->id;
	return ST_OK;
}

/* Who deletes the mailbox that is selected has none selected then. */
static void
delete_answer(struct imap_call *call, const struct changed *done)
{
	const struct delete_args *a = call->args;
	struct imap *s = call->s;

	(void)done;
	imap_tell_kept_name(call, a->name, a->given);
	if (!s->selected.view || s->selected.mailbox != call->change.mailbox)
		return;
	imap_deselect(s);
	buf_addz(call->out, "* OK [CLOSED] The selected mailbox is gone\r\n");
}

const struct imap_cmd imap_cmd_delete = {
    .name = "DELETE",
    .rfc = "RFC 9051 6.3.5",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct delete_args),
    .parse = delete_parse,
    .ask = delete_ask,
    .answer = delete_answer,
};

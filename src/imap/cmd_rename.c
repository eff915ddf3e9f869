/* RFC 9051 6.3.6:  rename = "RENAME" SP mailbox SP mailbox */
#include "imap/past.h"

struct rename_args {
	struct str from, given, to;
};

static bool
rename_parse(struct imap_parse *p, void *args)
{
	struct rename_args *a = args;

	return parse_sp(p) && parse_mailbox_given(p, &a->from, &a->given) &&
	    parse_sp(p) && parse_mailbox_name(p, &a->to) && parse_crlf(p);
}

static enum status
rename_ask(struct imap_call *call, struct change *ask_out)
{
	struct rename_args *a = call->args;
	const struct mailbox *box;
	enum status st;

	if (a->to.n > 1 && a->to.p[a->to.n - 1] == '/')
		a->to.n--;
	if ((st = imap_past_refuse(call, a->from)) != ST_OK ||
	    (st = imap_past_refuse(call, a->to)) != ST_OK)
		return st;
	st = mailbox_find(imap_account(call), &call->s->viewer, a->from, &box);
	if (st == ST_OK)
		st = mailbox_name_check(a->to);
	if (st != ST_OK)
		return st;
	imap_change_init(call, ask_out, CHANGE_RENAME);
	ask_out->mailbox = box->id;
	ask_out->name = a->to;
	return ST_OK;
}

static void
rename_answer(struct imap_call *call, const struct changed *done)
{
	const struct rename_args *a = call->args;

	(void)done;
	/* INBOX is not renamed: its messages move (RFC 9051 6.3.6). */
	if (call->s->rev2 && !str_eq(a->from, S("INBOX")))
		imap_write_listed(
		    call, a->to, a->given.n > 0 ? a->given : a->from);
}

const struct imap_cmd imap_cmd_rename = {
    .name = "RENAME",
    .rfc = "RFC 9051 6.3.6",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct rename_args),
    .parse = rename_parse,
    .ask = rename_ask,
    .answer = rename_answer,
};

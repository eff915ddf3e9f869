/* RFC 9051 6.3.4:  create = "CREATE" SP mailbox [create-params]
 * RFC 6154:        create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")" */
#include "imap/past.h"
#include "imap/special_use.h"

struct create_args {
	struct str name, given;
	unsigned uses;
	bool unknown_use;
};

static bool
parse_use(struct imap_parse *p, struct create_args *a)
{
	unsigned use;

	if (!parse_keyword(p, S("USE")) || !parse_sp(p) || !parse_char(p, '('))
		return false;
	if (parse_char(p, ')'))
		return true;
	do {
		if (!parse_special_use(p, &use))
			return false;
		a->unknown_use |= use == 0;
		a->uses |= use;
	} while (parse_sp(p));
	return parse_char(p, ')');
}

static bool
create_parse(struct imap_parse *p, void *args)
{
	struct create_args *a = args;

	if (!parse_sp(p) || !parse_mailbox_given(p, &a->name, &a->given))
		return false;
	if (parse_crlf(p))
		return true;
	return parse_sp(p) && parse_char(p, '(') && parse_use(p, a) &&
	    parse_char(p, ')') && parse_crlf(p);
}

static enum status
create_ask(struct imap_call *call, struct change *ask_out)
{
	struct create_args *a = call->args;
	enum status st;

	/* A '/' at the end says that names below it will follow. */
	if (a->name.n > 1 && a->name.p[a->name.n - 1] == '/')
		a->name.n--;
	if ((st = mailbox_name_check(a->name)) != ST_OK ||
	    (st = imap_past_refuse(call, a->name)) != ST_OK)
		return st;
	/* \All and \Flagged would be views over other mailboxes. */
	if (a->unknown_use || (a->uses & (USE_ALL | USE_FLAGGED))) {
		call->code = S("USEATTR");
		call->text = S("A mailbox cannot have that use");
		return ST_CANNOT;
	}
	imap_change_init(call, ask_out, CHANGE_CREATE);
	ask_out->name = a->name;
	ask_out->special_use = a->uses;
	return ST_OK;
}

static void
create_answer(struct imap_call *call, const struct changed *done)
{
	const struct create_args *a = call->args;

	(void)done;
	imap_tell_kept_name(call, a->name, a->given);
}

const struct imap_cmd imap_cmd_create = {
    .name = "CREATE",
    .rfc = "RFC 9051 6.3.4",
    .capability = "CREATE-SPECIAL-USE",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct create_args),
    .parse = create_parse,
    .ask = create_ask,
    .answer = create_answer,
};

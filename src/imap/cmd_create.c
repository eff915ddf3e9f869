/* RFC 9051 6.3.4:  create = "CREATE" SP mailbox [create-params]
 * RFC 6154:        create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")" */
#include "imap/session.h"
#include "imap/special_use.h"

struct create_args {
	struct str name;
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

	if (!parse_sp(p) || !parse_mailbox_name(p, &a->name))
		return false;
	if (parse_crlf(p))
		return true;
	return parse_sp(p) && parse_char(p, '(') && parse_use(p, a) &&
	    parse_char(p, ')') && parse_crlf(p);
}

static enum status
create_ask(struct imap_call *call, struct change *ask_out)
{
	const struct create_args *a = call->args;
	struct str name = a->name;
	enum status st;

	/* A '/' at the end says that names below it will follow. */
	if (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	if ((st = mailbox_name_check(name)) != ST_OK)
		return st;
	/* \All and \Flagged would be views over other mailboxes. */
	if (a->unknown_use || (a->uses & (USE_ALL | USE_FLAGGED))) {
		call->code = S("USEATTR");
		call->text = S("A mailbox cannot have that use");
		return ST_CANNOT;
	}
	imap_change_init(call, ask_out, CHANGE_CREATE);
	ask_out->name = name;
	ask_out->special_use = a->uses;
	return ST_OK;
}

const struct imap_cmd imap_cmd_create = {
    .name = "CREATE",
    .rfc = "RFC 9051 6.3.4",
    .capability = "CREATE-SPECIAL-USE",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct create_args),
    .parse = create_parse,
    .ask = create_ask,
};

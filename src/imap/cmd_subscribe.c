/* RFC 9051 6.3.7, 6.3.8:  subscribe = "SUBSCRIBE" SP mailbox, and the
 * opposite */
#include "imap/past.h"

struct subscribe_args {
	struct str name;
};

static bool
subscribe_parse(struct imap_parse *p, void *args)
{
	struct subscribe_args *a = args;

	return parse_sp(p) && parse_mailbox_name(p, &a->name) && parse_crlf(p);
}

/* A subscription outlives its mailbox, so UNSUBSCRIBE takes any name. */
static enum status
subscribe_ask(struct imap_call *call, struct change *ask_out)
{
	const struct subscribe_args *a = call->args;
	enum status st;

	if ((st = mailbox_name_check(a->name)) != ST_OK ||
	    (st = imap_past_refuse(call, a->name)) != ST_OK)
		return st;
	imap_change_init(call, ask_out, CHANGE_SUBSCRIBE);
	ask_out->name = a->name;
	ask_out->on = call->cmd->name[0] == 'S';
	return ST_OK;
}

const struct imap_cmd imap_cmd_subscribe = {
    .name = "SUBSCRIBE",
    .rfc = "RFC 9051 6.3.7",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct subscribe_args),
    .parse = subscribe_parse,
    .ask = subscribe_ask,
};

const struct imap_cmd imap_cmd_unsubscribe = {
    .name = "UNSUBSCRIBE",
    .rfc = "RFC 9051 6.3.8",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct subscribe_args),
    .parse = subscribe_parse,
    .ask = subscribe_ask,
};

/* RFC 9051 6.3.11:  status = "STATUS" SP mailbox SP
 *                           "(" status-att *(SP status-att) ")" */
#include "imap/past.h"
#include "imap/status_item.h"

struct status_args {
	struct str mailbox;
	unsigned items;
};

static bool
status_parse(struct imap_parse *p, void *args)
{
	struct status_args *a = args;

	return parse_sp(p) && parse_mailbox_name(p, &a->mailbox) &&
	    parse_sp(p) && parse_status_items(p, &a->items) && parse_crlf(p);
}

static enum imap_step
status_run(struct imap_call *call)
{
	const struct status_args *a = call->args;
	const struct mailbox *box;
	struct imap_past past;

	call->status = mailbox_find(
	    imap_account(call), &call->s->viewer, a->mailbox, &box);
	if (call->status == ST_NOT_FOUND) {
		call->status = imap_past_find(call, a->mailbox, &past);
		box = &past.box;
	}
	if (call->status == ST_OK && !box->selectable)
		call->status = ST_NOT_FOUND;
	if (call->status == ST_OK)
		imap_write_status(call->s, call->out, box, a->items);
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_status = {
    .name = "STATUS",
    .rfc = "RFC 9051 6.3.11",
    .capability = "STATUS=SIZE",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct status_args),
    .parse = status_parse,
    .run = status_run,
};

/* RFC 9051 6.4.2:  unselect = "UNSELECT" */
#include "imap/session.h"

static bool
unselect_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
unselect_run(struct imap_call *call)
{
	imap_deselect(call->s);
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_unselect = {
    .name = "UNSELECT",
    .rfc = "RFC 9051 6.4.2",
    .capability = "UNSELECT",
    .states = IMAP_SELECTED,
    .parse = unselect_parse,
    .run = unselect_run,
};

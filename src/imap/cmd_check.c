/* RFC 3501 6.4.1:  check = "CHECK". A checkpoint is nothing here: what was
 * answered is as durable as it must be. */
#include "imap/session.h"

static bool
check_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
check_run(struct imap_call *call)
{
	(void)call;
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_check = {
    .name = "CHECK",
    .rfc = "RFC 3501 6.4.1",
    .states = IMAP_SELECTED,
    .parse = check_parse,
    .run = check_run,
};

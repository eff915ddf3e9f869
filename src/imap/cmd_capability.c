/* RFC 9051 6.1.1:  capability = "CAPABILITY" */
#include "imap/capability.h"

static bool
capability_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
capability_run(struct imap_call *call)
{
	buf_addz(call->out, "* CAPABILITY ");
	imap_write_capabilities(call->s, call->out);
	buf_addz(call->out, "\r\n");
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_capability = {
    .name = "CAPABILITY",
    .rfc = "RFC 9051 6.1.1",
    .states = IMAP_ANY,
    .parse = capability_parse,
    .run = capability_run,
};

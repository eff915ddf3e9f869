/* RFC 9051 6.1.3:  logout = "LOGOUT" */
#include "imap/session.h"

static bool
logout_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
logout_run(struct imap_call *call)
{
	buf_addz(call->out, "* BYE Goodbye\r\n");
	call->bye = true;
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_logout = {
    .name = "LOGOUT",
    .rfc = "RFC 9051 6.1.3",
    .states = IMAP_ANY,
    .flags = IMAP_NO_NEWS,
    .parse = logout_parse,
    .run = logout_run,
};

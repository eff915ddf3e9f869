/* RFC 9051 6.3.10:  namespace = "NAMESPACE" */
#include "imap/session.h"

static bool
namespace_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

/* Personal mailboxes only. */
static enum imap_step
namespace_run(struct imap_call *call)
{
	buf_addz(call->out, "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_namespace = {
    .name = "NAMESPACE",
    .rfc = "RFC 9051 6.3.10",
    .capability = "NAMESPACE",
    .states = IMAP_LOGGED_IN,
    .parse = namespace_parse,
    .run = namespace_run,
};

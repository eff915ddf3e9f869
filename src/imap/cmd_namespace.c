/* RFC 9051 6.3.10:  namespace = "NAMESPACE" */
#include "imap/past.h"

static bool
namespace_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
namespace_run(struct imap_call *call)
{
	/* The past is nobody's alone, and nobody's to change. */
	buf_addz(call->out, "* NAMESPACE ((\"\" \"/\")) NIL ");
	buf_addz(call->out,
	    imap_past_on(call->s) ? "((\"Past/\" \"/\"))\r\n" : "NIL\r\n");
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

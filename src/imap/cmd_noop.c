/* RFC 9051 6.1.2:  noop = "NOOP". What is new comes with its reply. */
#include "imap/session.h"

static bool
noop_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
noop_run(struct imap_call *call)
{
	(void)call;
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_noop = {
    .name = "NOOP",
    .rfc = "RFC 9051 6.1.2",
    .states = IMAP_ANY,
    .parse = noop_parse,
    .run = noop_run,
};

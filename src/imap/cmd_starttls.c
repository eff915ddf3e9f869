/* RFC 9051 6.2.1:  starttls = "STARTTLS" */
#include "imap/capability.h"

static bool
starttls_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
starttls_run(struct imap_call *call)
{
	if (!imap_may_starttls(call->s)) {
		call->status = ST_STATE;
		call->text = S("TLS cannot begin here");
		return IMAP_DONE;
	}
	call->starttls = true;
	call->text = S("Begin TLS now");
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_starttls = {
    .name = "STARTTLS",
    .rfc = "RFC 9051 6.2.1",
    .states = IMAP_NONAUTH,
    .parse = starttls_parse,
    .run = starttls_run,
};

/* RFC 8437:  unauthenticate = "UNAUTHENTICATE" */
#include "imap/session.h"

static bool
unauthenticate_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

/*
 * Nothing is expunged. All else of this session ends with it: a new one
 * begins before the login, on the same connection (WANT_RETURN).
 */
static enum imap_step
unauthenticate_run(struct imap_call *call)
{
	if (call->s->compressed) {
		/* The layer cannot be taken off again (RFC 4978). */
		call->status = ST_CANNOT;
		call->text = S("Not on a compressed connection");
		return IMAP_DONE;
	}
	imap_deselect(call->s);
	call->unauthenticate = true;
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_unauthenticate = {
    .name = "UNAUTHENTICATE",
    .rfc = "RFC 8437",
    .capability = "UNAUTHENTICATE",
    .states = IMAP_LOGGED_IN,
    .flags = IMAP_NO_NEWS,
    .parse = unauthenticate_parse,
    .run = unauthenticate_run,
};

/* RFC 9051 6.4.1:  close = "CLOSE". Expunges without saying so; a mailbox
 * opened by EXAMINE is only left. */
#include "imap/expunge.h"

struct close_args {
	uint32_t msn;
};

static bool
close_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

static enum imap_step
close_run(struct imap_call *call)
{
	struct close_args *a = call->args;

	if (!call->s->selected.read_only &&
	    imap_next_deleted(call, NULL, &a->msn))
		return IMAP_ASK;
	imap_deselect(call->s);
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_close = {
    .name = "CLOSE",
    .rfc = "RFC 9051 6.4.1",
    .states = IMAP_SELECTED,
    .args_size = sizeof(struct close_args),
    .parse = close_parse,
    .run = close_run,
};

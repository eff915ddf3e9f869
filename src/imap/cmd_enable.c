/* RFC 9051 6.3.1:  enable = "ENABLE" 1*(SP capability) */
#include "imap/session.h"

struct enable_args {
	bool rev2;
};

static bool
enable_parse(struct imap_parse *p, void *args)
{
	struct enable_args *a = args;
	struct str name;

	do {
		if (!parse_sp(p) || !parse_atom(p, &name))
			return false;
		/* Others are ignored: nothing of theirs is turned on. */
		if (str_eqi(name, S("IMAP4rev2")))
			a->rev2 = true;
	} while (!parse_crlf(p));
	return true;
}

static enum imap_step
enable_run(struct imap_call *call)
{
	const struct enable_args *a = call->args;
	struct imap *s = call->s;

	buf_addz(call->out, "* ENABLED");
	if (a->rev2 && !s->rev2) {
		s->rev2 = s->utf8 = true;
		buf_addz(call->out, " IMAP4rev2");
	}
	buf_addz(call->out, "\r\n");
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_enable = {
    .name = "ENABLE",
    .rfc = "RFC 9051 6.3.1",
    .capability = "ENABLE",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct enable_args),
    .parse = enable_parse,
    .run = enable_run,
};

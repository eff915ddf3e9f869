/* RFC 9051 6.2.3:  login = "LOGIN" SP userid SP password */
#include "imap/capability.h"
#include "imap/login.h"
#include "proto/login_common.h"

struct login_args {
	struct str name, password;
};

static bool
login_parse(struct imap_parse *p, void *args)
{
	struct login_args *a = args;

	return parse_sp(p) && parse_astring(p, &a->name) && parse_sp(p) &&
	    parse_astring(p, &a->password) && parse_crlf(p);
}

static enum imap_step
login_run(struct imap_call *call)
{
	const struct login_args *a = call->args;
	struct auth_step step = {.mechanism = S("PLAIN"), .has_response = true};

	if (call->state)
		return call->s->handed_over ? IMAP_WAIT : IMAP_DONE;
	if (!imap_may_login(call->s)) {
		call->status = ST_DENIED;
		call->code = S("PRIVACYREQUIRED");
		call->text = S("Begin TLS first");
		return IMAP_DONE;
	}
	step.response = login_plain(call->arena, a->name, a->password);
	call->state = call->args;
	imap_login_ask(call, &step);
	return IMAP_WAIT;
}

static void
login_auth(
    struct imap_call *call, enum status st, const struct auth_reply *reply)
{
	if (reply && reply->outcome == AUTH_SUCCESS)
		imap_login_handover(call, false);
	else
		imap_login_failed(call, st, reply);
}

const struct imap_cmd imap_cmd_login = {
    .name = "LOGIN",
    .rfc = "RFC 9051 6.2.3",
    .states = IMAP_NONAUTH,
    .flags = IMAP_SECRET,
    .args_size = sizeof(struct login_args),
    .parse = login_parse,
    .run = login_run,
    .auth = login_auth,
};

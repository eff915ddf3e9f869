/*
 * RFC 9051 6.2.2:  authenticate = "AUTHENTICATE" SP auth-type
 *     [SP initial-resp] *(CRLF base64)
 *
 *   run: ask the first step -> auth says CHALLENGE -> "+ data", wait
 *        ^                                                |
 *        +------------- a line of the client -------------+
 *   SUCCESS -> handover, after "+ data" and an empty line if there is data
 */
#include "base/base64.h"
#include "imap/capability.h"
#include "imap/login.h"
#include "proto/login_common.h"

struct auth_args {
	struct str mechanism;
	struct str initial; /* base64, or "=" for empty; p NULL: none */
};

struct exchange {
	enum {
		EX_BEGIN,
		EX_ASK,       /* `step` is to be asked */
		EX_ASKED,     /* its answer is awaited */
		EX_CHALLENGE, /* `data` is to be sent */
		EX_LINE,      /* the client's line is awaited */
		EX_USER,      /* LOGIN: the name is awaited */
		EX_PASSWORD,  /* LOGIN: the password is awaited */
		EX_FINAL, /* success, when the client has confirmed `data` */
		EX_HANDOVER,
		EX_CANCELLED,
		EX_OVER,
	} at,
	    then;
	struct auth_step step;
	struct str data;
	struct str name; /* LOGIN */
};

static bool
auth_parse(struct imap_parse *p, void *args)
{
	struct auth_args *a = args;
	const char *at;

	if (!parse_sp(p) || !parse_atom(p, &a->mechanism))
		return false;
	if (parse_crlf(p))
		return true;
	if (!parse_sp(p))
		return false;
	at = p->p;
	while (p->p < p->end && *p->p != '\r' && *p->p != '\n')
		p->p++;
	a->initial = str_of(at, (size_t)(p->p - at));
	return parse_crlf(p);
}

/* RFC 9051 6.2.2: "=" is an empty one. */
static bool
decode(struct imap_call *call, struct str line, struct str *out)
{
	return login_decode(
	    call->arena, str_eq(line, S("=")) ? S("") : line, out);
}

static void
fail(struct imap_call *call, struct exchange *ex, enum status st,
    struct str code, struct str text)
{
	call->status = st;
	call->code = code;
	call->text = text;
	ex->at = EX_OVER;
}

/* Is the mechanism one that may be used here? */
static bool
mechanism_ok(struct imap_call *call, struct exchange *ex, struct str name)
{
	const struct imap *s = call->s;

	if (str_eqi(name, S("PLAIN")) || str_eqi(name, S("LOGIN"))) {
		if (imap_may_login(s))
			return true;
		fail(call, ex, ST_DENIED, S("PRIVACYREQUIRED"),
		    S("Begin TLS first"));
		return false;
	}
	if (s->host->config->scram &&
	    (str_eqi(name, S("SCRAM-SHA-256")) ||
		(str_eqi(name, S("SCRAM-SHA-256-PLUS")) && imap_may_bind(s))))
		return true;
	fail(call, ex, ST_DENIED, S("CANNOT"), S("There is no such mechanism"));
	return false;
}

static void
begin(struct imap_call *call, struct exchange *ex)
{
	const struct auth_args *a = call->args;
	char *upper;
	size_t i;

	if (!mechanism_ok(call, ex, a->mechanism))
		return;
	upper = arena_z(call->arena, a->mechanism);
	for (i = 0; i < a->mechanism.n; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)(upper[i] - 'a' + 'A');
	ex->step.mechanism = str_of(upper, a->mechanism.n);
	ex->step.has_response = a->initial.p != NULL;
	if (ex->step.has_response &&
	    !decode(call, a->initial, &ex->step.response)) {
		fail(call, ex, ST_SYNTAX, S(""), S("Not base64"));
		return;
	}
	ex->at = EX_ASK;
	if (!str_eq(ex->step.mechanism, S("LOGIN")))
		return;
	/* An initial response is the name (not standard, but in use). */
	ex->at = EX_CHALLENGE;
	ex->name = ex->step.response;
	ex->then = ex->step.has_response ? EX_PASSWORD : EX_USER;
	ex->data = ex->step.has_response ? S("Password:") : S("Username:");
}

static void
send_challenge(struct imap_call *call, struct exchange *ex)
{
	buf_addz(call->out, "+ ");
	base64_encode(ex->data, call->out);
	buf_addz(call->out, "\r\n");
	ex->at = ex->then;
}

static enum imap_step
auth_run(struct imap_call *call)
{
	struct exchange *ex = call->state;

	if (!ex)
		ex = call->state = ARENA_NEW(call->arena, struct exchange);
	if (ex->at == EX_BEGIN)
		begin(call, ex);
	if (ex->at == EX_CHALLENGE)
		send_challenge(call, ex);
	if (ex->at == EX_ASK || ex->at == EX_CANCELLED) {
		imap_login_ask(call, &ex->step);
		if (ex->at == EX_ASK)
			ex->at = EX_ASKED;
	}
	if (ex->at == EX_HANDOVER && !call->s->handed_over)
		imap_login_handover(call, true);
	return ex->at == EX_OVER ? IMAP_DONE : IMAP_WAIT;
}

static void
cancel(struct imap_call *call, struct exchange *ex)
{
	/* LOGIN asks nothing before it has both parts. */
	if (ex->at != EX_LINE) {
		fail(call, ex, ST_SYNTAX, S(""), S("Cancelled"));
		return;
	}
	ex->step = (struct auth_step){.cancel = true};
	ex->at = EX_CANCELLED;
}

static void
auth_line(struct imap_call *call, struct str line)
{
	struct exchange *ex = call->state;
	struct str response = S("");

	if (!line.p || str_eq(line, S("*")) ||
	    (line.n > 0 && !decode(call, line, &response))) {
		cancel(call, ex);
		return;
	}
	switch (ex->at) {
	case EX_USER:
		ex->name = response;
		ex->data = S("Password:");
		ex->at = EX_CHALLENGE;
		ex->then = EX_PASSWORD;
		break;
	case EX_PASSWORD:
		ex->step = (struct auth_step){.mechanism = S("PLAIN"),
		    .has_response = true,
		    .response = login_plain(call->arena, ex->name, response)};
		ex->at = EX_ASK;
		break;
	case EX_FINAL:
		ex->at = EX_HANDOVER;
		break;
	default:
		ex->step = (struct auth_step){
		    .has_response = true, .response = response};
		ex->at = EX_ASK;
		break;
	}
}

static void
auth_auth(
    struct imap_call *call, enum status st, const struct auth_reply *reply)
{
	struct exchange *ex = call->state;

	if (ex->at == EX_CANCELLED) {
		fail(call, ex, ST_SYNTAX, S(""), S("Cancelled"));
		return;
	}
	if (reply &&
	    (reply->outcome == AUTH_CHALLENGE ||
		(reply->outcome == AUTH_SUCCESS && reply->data.n > 0))) {
		ex->data = arena_str(call->arena, reply->data);
		ex->at = EX_CHALLENGE;
		ex->then = reply->outcome == AUTH_SUCCESS ? EX_FINAL : EX_LINE;
	} else if (reply && reply->outcome == AUTH_SUCCESS) {
		ex->at = EX_HANDOVER;
	} else {
		imap_login_failed(call, st, reply);
		ex->at = EX_OVER;
	}
}

const struct imap_cmd imap_cmd_authenticate = {
    .name = "AUTHENTICATE",
    .rfc = "RFC 9051 6.2.2",
    .states = IMAP_NONAUTH,
    .flags = IMAP_SECRET | IMAP_READS_LINES,
    .args_size = sizeof(struct auth_args),
    .parse = auth_parse,
    .run = auth_run,
    .line = auth_line,
    .auth = auth_auth,
};

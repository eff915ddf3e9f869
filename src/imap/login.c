#include "imap/login.h"

#include "proto/login_common.h"

void
imap_login_ask(struct imap_call *call, const struct auth_step *step)
{
	ASSERT(call->s->question == 0);
	call->s->question = login_ask(call->s->host, step);
	call->s->question_is_news = false;
}

void
imap_login_handover(struct imap_call *call, bool sasl)
{
	struct imap *s = call->s;
	struct handover *h = s->host->handover;

	/* The call is not ended: its tag lives until the session is closed. */
	h->tag = call->tag;
	h->client = buf_str(&s->client);
	h->sasl_final = sasl;
	s->handed_over = true;
	s->want |= WANT_HANDOVER;
}

void
imap_login_failed(
    struct imap_call *call, enum status st, const struct auth_reply *reply)
{
	enum auth_outcome outcome = reply ? reply->outcome : AUTH_UNAVAILABLE;

	(void)st;
	call->status = ST_DENIED;
	switch (outcome) {
	case AUTH_CHALLENGE:
	case AUTH_SUCCESS:
	case AUTH_FAILED:
		call->s->login_failures++;
		call->code = S("AUTHENTICATIONFAILED");
		call->text = S("The name or the password is wrong");
		break;
	case AUTH_UNAVAILABLE:
		call->code = S("UNAVAILABLE");
		call->text = S("Logins are not possible now, try again");
		break;
	case AUTH_DISABLED:
		call->code = S("CONTACTADMIN");
		call->text = S("IMAP is switched off for this account");
		break;
	case AUTH_EXPIRED:
		call->s->login_failures++;
		call->code = S("EXPIRED");
		call->text = S("The password has expired");
		break;
	case AUTH_BAD:
		call->status = ST_SYNTAX;
		call->text = S("The exchange is malformed");
		break;
	case AUTH_NO_MECHANISM:
		call->code = S("CANNOT");
		call->text = S("There is no such mechanism");
		break;
	}
}

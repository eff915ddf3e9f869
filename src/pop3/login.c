/* RFC 1939 7: USER and PASS; and how a login ends, for AUTH, too. */
#include "pop3/cmd_table.h"
#include "proto/login_common.h"
#include "proto/secure.h"

enum pop3_step
pop3_user(struct pop3 *s, struct buf *out)
{
	if (!secure_may_plain(s->host, s->tls))
		return pop3_err(out, NULL, "Begin TLS first");
	buf_clear(&s->user);
	buf_adds(&s->user, s->args[0]);
	s->has_user = !buf_full(&s->user);
	if (!s->has_user)
		return pop3_err(out, NULL, "The name is too long");
	/* Whether it is known is not told. */
	pop3_ok(out, "Now the password");
	return POP3_DONE;
}

enum pop3_step
pop3_pass(struct pop3 *s, struct buf *out)
{
	struct auth_step step = {.mechanism = S("PLAIN"), .has_response = true};

	if (s->phase == 1)
		return pop3_login_result(s, out);
	if (!secure_may_plain(s->host, s->tls))
		return pop3_err(out, NULL, "Begin TLS first");
	if (!s->has_user)
		return pop3_err(out, NULL, "First the name: USER");
	s->has_user = false;
	step.response = login_plain(&s->arena, buf_str(&s->user), s->args[0]);
	s->phase = 1;
	return pop3_ask_auth(s, &step);
}

enum pop3_step
pop3_login_result(struct pop3 *s, struct buf *out)
{
	switch (s->answer == ST_OK ? s->reply.outcome : AUTH_UNAVAILABLE) {
	case AUTH_SUCCESS:
		/* The next machine says +OK. */
		s->host->handover->utf8 = s->utf8;
		s->handed_over = true;
		s->want |= WANT_HANDOVER;
		return POP3_WAIT;
	case AUTH_UNAVAILABLE:
		return pop3_err(
		    out, "SYS/TEMP", "Logins are not possible now, try again");
	case AUTH_DISABLED:
		return pop3_err(
		    out, "SYS/PERM", "POP3 is switched off for this account");
	case AUTH_EXPIRED:
		s->failures++;
		return pop3_err(out, "AUTH", "The password has expired");
	case AUTH_BAD:
		return pop3_err(out, NULL, "The exchange is malformed");
	case AUTH_NO_MECHANISM:
		return pop3_err(out, NULL, "There is no such mechanism");
	case AUTH_CHALLENGE:
	case AUTH_FAILED:
		break;
	}
	s->failures++;
	return pop3_err(out, "AUTH", "The name or the password is wrong");
}

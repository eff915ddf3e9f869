/*
 * RFC 5034 4:  AUTH mechanism [initial-response]
 *
 *   BEGIN -> ASKED --CHALLENGE--> LINE --the client's line--> ASKED ...
 *              |  \--SUCCESS with data--> FINAL --an empty line--> over
 *              +--SUCCESS, failure--> over
 */
#include "base/base64.h"
#include "pop3/cmd_table.h"
#include "proto/login_common.h"
#include "proto/secure.h"

enum { EX_BEGIN, EX_ASKED, EX_LINE, EX_FINAL, EX_CANCELLED };

static const struct mechanism {
	struct str name;
	bool plain, binds;
} mechanisms[] = {
    {STR_INIT("SCRAM-SHA-256-PLUS"), false, true},
    {STR_INIT("SCRAM-SHA-256"), false, false},
    {STR_INIT("PLAIN"), true, false},
};

static bool
offered(const struct pop3 *s, const struct mechanism *m)
{
	if (m->plain)
		return secure_may_plain(s->host, s->tls);
	return s->host->config->scram &&
	    (!m->binds || secure_may_bind(s->host, s->tls));
}

void
pop3_write_mechanisms(const struct pop3 *s, struct buf *out, const char *before,
    const char *after)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (offered(s, &mechanisms[i]))
			buf_addf(out, "%s" STR_FMT "%s", before,
			    STR_ARG(mechanisms[i].name), after);
}

static enum pop3_step
begin(struct pop3 *s, struct buf *out)
{
	struct auth_step step = {.has_response = s->n_args == 2};
	size_t i;

	if (s->n_args == 0) {
		/* Not in RFC 5034, but clients older than CAPA ask so. */
		pop3_ok(out, "Mechanisms follow");
		pop3_write_mechanisms(s, out, "", "\r\n");
		buf_addz(out, ".\r\n");
		return POP3_DONE;
	}
	for (i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (str_eqi(mechanisms[i].name, s->args[0]))
			break;
	if (i == ARRAY_LEN(mechanisms))
		return pop3_err(out, NULL, "There is no such mechanism");
	if (!offered(s, &mechanisms[i]))
		return pop3_err(out, NULL,
		    mechanisms[i].plain ? "Begin TLS first"
					: "There is no such mechanism");
	step.mechanism = mechanisms[i].name;
	/* RFC 5034 4: "=" is an empty initial response. */
	if (step.has_response && !str_eq(s->args[1], S("=")) &&
	    !login_decode(&s->arena, s->args[1], &step.response))
		return pop3_err(out, NULL, "Not base64");
	s->phase = EX_ASKED;
	return pop3_ask_auth(s, &step);
}

static enum pop3_step
answered(struct pop3 *s, struct buf *out)
{
	bool ok = s->answer == ST_OK;

	if (!ok ||
	    (s->reply.outcome != AUTH_CHALLENGE &&
		(s->reply.outcome != AUTH_SUCCESS || !s->reply.data.n)))
		return pop3_login_result(s, out);
	buf_addz(out, "+ ");
	base64_encode(s->reply.data, out);
	buf_addz(out, "\r\n");
	s->phase = s->reply.outcome == AUTH_SUCCESS ? EX_FINAL : EX_LINE;
	return POP3_LINE;
}

static enum pop3_step
take_line(struct pop3 *s)
{
	struct auth_step step = {.has_response = true};

	/* RFC 5034 4: "*" or what is not base64 cancels. */
	s->phase = EX_ASKED;
	if (s->got == LINE_TOO_LONG || str_eq(s->line, S("*")) ||
	    !login_decode(&s->arena, s->line, &step.response)) {
		step = (struct auth_step){.cancel = true};
		s->phase = EX_CANCELLED;
	}
	return pop3_ask_auth(s, &step);
}

enum pop3_step
pop3_auth(struct pop3 *s, struct buf *out)
{
	switch (s->phase) {
	case EX_ASKED:
		return answered(s, out);
	case EX_LINE:
		return take_line(s);
	case EX_FINAL:
		/* The client has seen the server's proof, or does not like it. */
		if (s->got == LINE_TOO_LONG || s->line.n > 0)
			return pop3_err(out, NULL, "Cancelled");
		return pop3_login_result(s, out);
	case EX_CANCELLED:
		return pop3_err(out, NULL, "Cancelled");
	default:
		return begin(s, out);
	}
}

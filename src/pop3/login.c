/*
 * POP3 before the login (RFC 1939 4): the AUTHORIZATION state.
 *
 *	LINE --USER, PASS, AUTH--> ASKED --challenge--> SASL --line--> ASKED
 *	                             |  \--success, data--> SASL_FINAL
 *	                             +--success--> handover
 *	LINE --STLS--> TLS --secured--> LINE
 */
#include "base/base64.h"
#include "pop3/session.h"

static void
ask(struct pop3 *s, const struct auth_step *step)
{
	struct question *q = outbox_ask(s->host->outbox, ASK_AUTH);

	ASSERT(q);
	q->auth = *step;
	s->question = q->id;
	s->state = POP3_ASKED;
}

static void
cmd_capa(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	pop3_capabilities(s, false, out);
}

static void
cmd_quit(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	buf_addz(out, "+OK Bye\r\n");
	s->state = POP3_CLOSING;
}

static void
cmd_stls(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	if (!s->host->config->starttls || (s->tls && s->tls->on)) {
		buf_addz(out, "-ERR TLS cannot begin here\r\n");
		return;
	}
	buf_addz(out, "+OK Begin TLS\r\n");
	/* RFC 2595 4: what was said before is forgotten. */
	buf_clear(&s->user);
	s->state = POP3_TLS;
	s->want |= WANT_STARTTLS;
}

static void
cmd_utf8(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	s->utf8 = true;
	buf_addz(out, "+OK UTF-8 it is\r\n");
}

static bool
refuse_cleartext(struct pop3 *s, struct buf *out)
{
	if (pop3_cleartext(s))
		return false;
	buf_addz(out, "-ERR [SYS/PERM] Begin TLS first\r\n");
	return true;
}

static void
cmd_user(struct pop3 *s, struct str args, struct buf *out)
{
	if (refuse_cleartext(s, out))
		return;
	if (args.n == 0) {
		buf_addz(out, "-ERR USER needs a name\r\n");
		return;
	}
	buf_clear(&s->user);
	buf_adds(&s->user, args);
	/* Says nothing about whether there is such a user. */
	buf_addz(out, "+OK Now the password\r\n");
}

static void
cmd_pass(struct pop3 *s, struct str args, struct buf *out)
{
	struct auth_step step = {.mechanism = S("PLAIN"), .has_response = true};
	struct buf plain;

	if (refuse_cleartext(s, out))
		return;
	if (s->user.n == 0) {
		buf_addz(out, "-ERR USER comes first\r\n");
		return;
	}
	/* RFC 1939 7: the argument may hold spaces; all of it is the password. */
	buf_init(&plain, 2 * LIMIT_LOGIN_LINE);
	buf_addc(&plain, '\0');
	buf_adds(&plain, buf_str(&s->user));
	buf_addc(&plain, '\0');
	buf_adds(&plain, args);
	step.response = arena_str(&s->exchange, buf_str(&plain));
	explicit_bzero(plain.p, plain.n);
	buf_release(&plain);
	buf_clear(&s->user);
	ask(s, &step);
}

static bool
decode(struct pop3 *s, struct str line, struct str *out)
{
	struct buf b;
	bool ok;

	buf_init(&b, LIMIT_LOGIN_LINE);
	ok = base64_decode(line, &b) == ST_OK;
	if (ok)
		*out = arena_str(&s->exchange, buf_str(&b));
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_release(&b);
	return ok;
}

static bool
mechanism_ok(const struct pop3 *s, struct str name)
{
	const struct tls_facts *tls = s->tls;

	if (str_eq(name, S("PLAIN")))
		return pop3_cleartext(s);
	if (str_eq(name, S("SCRAM-SHA-256")))
		return s->host->config->scram;
	return str_eq(name, S("SCRAM-SHA-256-PLUS")) &&
	    s->host->config->scram && tls && tls->on;
}

static void
list_mechanisms(const struct pop3 *s, struct buf *out)
{
	buf_addz(out, "+OK Mechanisms follow\r\n");
	if (s->host->config->scram)
		buf_addz(out, "SCRAM-SHA-256\r\n");
	if (pop3_cleartext(s))
		buf_addz(out, "PLAIN\r\n");
	buf_addz(out, ".\r\n");
}

/* RFC 5034 4:  "AUTH" SP mechanism [SP initial-response] */
static void
cmd_auth(struct pop3 *s, struct str args, struct buf *out)
{
	struct auth_step step = {0};
	struct str name = str_cut(&args, ' ');
	char *upper = arena_z(&s->exchange, name);

	if (name.n == 0) {
		list_mechanisms(s, out);
		return;
	}
	for (size_t i = 0; i < name.n; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)(upper[i] - 'a' + 'A');
	step.mechanism = str_of(upper, name.n);
	if (!mechanism_ok(s, step.mechanism)) {
		buf_addz(out,
		    pop3_cleartext(s) ? "-ERR There is no such mechanism\r\n"
				      : "-ERR [SYS/PERM] Begin TLS first\r\n");
		return;
	}
	step.has_response = args.n > 0;
	if (step.has_response && !str_eq(args, S("=")) &&
	    !decode(s, args, &step.response)) {
		buf_addz(out, "-ERR Not base64\r\n");
		return;
	}
	ask(s, &step);
}

static const struct pop3_cmd commands[] = {
    {STR_INIT("CAPA"), cmd_capa},
    {STR_INIT("STLS"), cmd_stls},
    {STR_INIT("USER"), cmd_user},
    {STR_INIT("PASS"), cmd_pass},
    {STR_INIT("AUTH"), cmd_auth},
    {STR_INIT("UTF8"), cmd_utf8},
    {STR_INIT("LANG"), pop3_lang},
    {STR_INIT("QUIT"), cmd_quit},
};

static void
failed(struct pop3 *s, const struct auth_reply *reply, struct buf *out)
{
	enum auth_outcome outcome = reply ? reply->outcome : AUTH_UNAVAILABLE;

	s->state = POP3_LINE;
	if (outcome == AUTH_UNAVAILABLE)
		buf_addz(out,
		    "-ERR [SYS/TEMP] Logins are not possible now, "
		    "try again\r\n");
	else if (outcome == AUTH_DISABLED)
		buf_addz(out,
		    "-ERR [AUTH] POP3 is switched off for this "
		    "account\r\n");
	else if (outcome == AUTH_EXPIRED)
		buf_addz(out, "-ERR [AUTH] The password has expired\r\n");
	else if (outcome == AUTH_BAD)
		buf_addz(out, "-ERR The exchange is malformed\r\n");
	else if (outcome == AUTH_NO_MECHANISM)
		buf_addz(out, "-ERR There is no such mechanism\r\n");
	else
		buf_addz(out,
		    "-ERR [AUTH] The name or the password is "
		    "wrong\r\n");
	if (outcome != AUTH_UNAVAILABLE)
		s->failures++;
	if (s->failures >= LIMIT_LOGIN_FAILURES)
		s->state = POP3_CLOSING;
}

static void
handover(struct pop3 *s)
{
	s->host->handover->utf8 = s->utf8;
	s->host->handover->lang = S("en");
	s->want |= WANT_HANDOVER;
	s->state = POP3_ASKED;
}

static void
challenge(struct str data, struct buf *out)
{
	buf_addz(out, "+ ");
	base64_encode(data, out);
	buf_addz(out, "\r\n");
}

static void
answered(struct pop3 *s, const struct answer *a, struct buf *out)
{
	const struct auth_reply *r = a->status == ST_OK ? &a->auth : NULL;

	if (a->id != s->question)
		return;
	s->question = 0;
	if (r && r->outcome == AUTH_CHALLENGE) {
		challenge(r->data, out);
		s->state = POP3_SASL;
	} else if (r && r->outcome == AUTH_SUCCESS && r->data.n) {
		challenge(r->data, out);
		s->state = POP3_SASL_FINAL;
	} else if (r && r->outcome == AUTH_SUCCESS) {
		handover(s);
	} else {
		failed(s, r, out);
	}
	if (s->state == POP3_LINE)
		arena_reset(&s->exchange);
}

static void
sasl_line(struct pop3 *s, struct str line, struct buf *out)
{
	struct auth_step step = {.has_response = true};

	if (s->state == POP3_SASL_FINAL) {
		handover(s);
		return;
	}
	if (str_eq(line, S("*")) || !decode(s, line, &step.response))
		step = (struct auth_step){.cancel = true};
	ask(s, &step);
	if (!step.cancel)
		return;
	/* The answer to this is nobody's business. */
	s->question = 0;
	s->state = POP3_LINE;
	buf_addz(out, "-ERR Cancelled\r\n");
}

static void
command(struct pop3 *s, struct str line, struct buf *out)
{
	if (++s->commands > LIMIT_LOGIN_COMMANDS) {
		buf_addz(out, "-ERR Too many commands without a login\r\n");
		s->state = POP3_CLOSING;
	} else if (!pop3_dispatch(
		       s, commands, ARRAY_LEN(commands), line, out)) {
		buf_addz(out, "-ERR There is no such command here\r\n");
		if (++s->bad >= LIMIT_LOGIN_BAD)
			s->state = POP3_CLOSING;
	}
}

static void
input(struct pop3 *s, struct buf *in, struct buf *out)
{
	while (s->state == POP3_LINE || s->state == POP3_SASL ||
	    s->state == POP3_SASL_FINAL) {
		struct str line;
		enum line_result got = line_take(&s->lines, in, &line);

		if (got == LINE_NONE)
			return;
		if (got == LINE_TOO_LONG) {
			buf_addz(out, "-ERR The line is too long\r\n");
			s->state = POP3_CLOSING;
		} else if (s->state == POP3_LINE) {
			command(s, line, out);
		} else {
			sasl_line(s, line, out);
		}
	}
}

static void *
login_open(const struct host *h)
{
	return pop3_new(h, LIMIT_LOGIN_LINE);
}

/* Events write into `said`, which run() hands out. */
static void
login_event(void *v, const struct event *e)
{
	struct pop3 *s = v;

	switch (e->kind) {
	case EVENT_INPUT:
		input(s, e->input, &s->said);
		break;
	case EVENT_ANSWER:
		answered(s, e->answer, &s->said);
		break;
	case EVENT_SECURED:
		s->tls = e->tls;
		s->want &= ~(unsigned)WANT_STARTTLS;
		s->state = POP3_LINE;
		break;
	case EVENT_TIMER:
		if (clock_mono(s->host->clock) - s->active_ms < LIMIT_LOGIN_MS)
			break;
		buf_addz(&s->said, "-ERR Too slow\r\n");
		s->state = POP3_CLOSING;
		break;
	case EVENT_DRAIN:
		buf_addz(&s->said, "-ERR [SYS/TEMP] The server restarts\r\n");
		s->state = POP3_CLOSING;
		break;
	case EVENT_EOF:
	case EVENT_REVOKED:
		s->state = POP3_CLOSING;
		break;
	case EVENT_CHANGED:
		break;
	}
}

static struct wants
login_run(void *v, struct buf *out)
{
	struct pop3 *s = v;
	struct wants w = {s->want, s->active_ms + LIMIT_LOGIN_MS};

	if (!s->greeted) {
		buf_addf(out, "+OK " STR_FMT " POP3 ready\r\n",
		    STR_ARG(s->host->config->hostname));
		s->greeted = true;
	}
	buf_adds(out, buf_str(&s->said));
	buf_clear(&s->said);
	if (s->state == POP3_CLOSING)
		w.bits |= WANT_CLOSE;
	else if (s->state == POP3_LINE || s->state == POP3_SASL ||
	    s->state == POP3_SASL_FINAL)
		w.bits |= WANT_INPUT;
	return w;
}

static void
login_close(void *v)
{
	pop3_free(v);
}

const struct proto pop3_login_proto = {
    "pop3", login_open, login_event, login_run, login_close};

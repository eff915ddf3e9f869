#include "pop3/pop3.h"

#include "pop3/session.h"
#include "proto/login_common.h"

/* RFC 2449 4 has 255 bytes; RFC 5034 4 wants more for AUTH. */
enum { POP3_LINE_MAX = 1024, USER_MAX = 1024 };

static struct pop3 *
open_session(const struct host *h, size_t line)
{
	struct pop3 *s = mem_zalloc(sizeof(*s));

	s->host = h;
	s->tls = h->tls;
	s->opened_ms = s->active_ms = clock_mono(h->clock);
	line_init(&s->reader, line);
	buf_init(&s->user, USER_MAX);
	return s;
}

static void *
open_login(const struct host *h)
{
	struct pop3 *s = open_session(h, LIMIT_LOGIN_LINE);

	s->state = POP3_AUTHORIZATION;
	s->arena.secret = s->reader.held.secret = true;
	return s;
}

static void *
open_user(const struct host *h)
{
	struct pop3 *s = open_session(h, POP3_LINE_MAX);
	const struct grant *g = h->grant;

	s->state = POP3_TRANSACTION;
	s->utf8 = h->handover->utf8;
	s->viewer = (struct viewer){g->person, g->rights};
	s->origin = login_origin(h, S("pop3"), S(""));
	return s;
}

static void
close_session(void *v)
{
	struct pop3 *s = v;

	pop3_drop_release(s);
	uidset_release(&s->change.uids);
	uidset_release(&s->change.seen);
	line_release(&s->reader);
	buf_release(&s->user);
	buf_release(&s->sending.head);
	arena_release(&s->arena);
	free(s);
}

enum pop3_step
pop3_ask_auth(struct pop3 *s, const struct auth_step *step)
{
	ASSERT(s->question == 0);
	s->question = login_ask(s->host, step);
	return POP3_WAIT;
}

/* The client has the next word. */
static bool
client_is_next(const struct pop3 *s)
{
	if (s->closing || s->securing || s->handed_over)
		return false;
	return !s->cmd || s->step == POP3_LINE;
}

static void
take_answer(struct pop3 *s, const struct answer *a)
{
	if (s->question == 0 || a->id != s->question)
		return;
	s->question = 0;
	s->answer = a->status;
	if (s->state == POP3_AUTHORIZATION && a->status == ST_OK) {
		s->reply = a->auth;
		s->reply.data = arena_str(&s->arena, a->auth.data);
	}
}

static void
on_event(void *v, const struct event *e)
{
	struct pop3 *s = v;

	switch (e->kind) {
	case EVENT_INPUT:
		/* A host that gives what is not wanted keeps it. */
		if (!client_is_next(s) || s->got != LINE_NONE)
			break;
		if (e->input->n > 0)
			s->active_ms = clock_mono(s->host->clock);
		s->got = line_take(&s->reader, e->input, &s->line);
		break;
	case EVENT_EOF:
		s->eof = true;
		break;
	case EVENT_ANSWER:
		take_answer(s, e->answer);
		break;
	case EVENT_SECURED:
		/* RFC 2595 4: what was said in the clear does not count. */
		s->tls = e->tls;
		s->securing = false;
		s->has_user = s->utf8 = false;
		line_wipe(&s->reader);
		s->got = LINE_NONE;
		break;
	case EVENT_REVOKED:
		s->revoked = true;
		break;
	case EVENT_DRAIN:
		s->drain = true;
		break;
	case EVENT_TIMER:   /* run compares with the deadline */
	case EVENT_CHANGED: /* the maildrop is as it was at the login */
		break;
	}
}

static int64_t
deadline(const struct pop3 *s)
{
	if (s->handed_over || s->securing || client_is_next(s))
		return s->state == POP3_AUTHORIZATION
		    ? s->opened_ms + proto_login_ms(s->host->config)
		    : s->active_ms + LIMIT_POP3_IDLE_MS;
	return INT64_MAX;
}

static void
refuse(struct pop3 *s, struct buf *out, const char *code, const char *text)
{
	(void)pop3_err(out, code, text);
	s->closing = true;
}

static void
check_end(struct pop3 *s, struct buf *out)
{
	bool login = s->state == POP3_AUTHORIZATION;

	if (s->revoked) {
		/* In the middle of a message nothing can be said. */
		s->closing = true;
		if (!s->cmd)
			refuse(s, out, "AUTH", "The login is no longer valid");
	} else if (!client_is_next(s))
		return;
	else if (s->drain)
		refuse(s, out, "SYS/TEMP", "The server is going down");
	else if (login && s->bad_commands >= LIMIT_LOGIN_BAD)
		refuse(s, out, NULL, "Too many bad commands");
	else if (login && s->failures >= LIMIT_LOGIN_FAILURES)
		refuse(s, out, "AUTH", "Too many failed logins");
	else if (login && s->commands >= LIMIT_LOGIN_COMMANDS)
		refuse(s, out, NULL, "Too many commands without a login");
	else if (s->bad_commands >= LIMIT_BAD_COMMANDS)
		refuse(s, out, NULL, "Too many bad commands");
	else if (clock_mono(s->host->clock) >= deadline(s) ||
	    (s->eof && s->got == LINE_NONE))
		s->closing = true; /* RFC 1939 3: without a response */
}

static void
bad(struct pop3 *s, struct buf *out, const char *text)
{
	s->bad_commands++;
	(void)pop3_err(out, NULL, text);
}

static void
split(struct pop3 *s, const struct pop3_cmd *cmd, struct str rest)
{
	s->n_args = 0;
	while (rest.n > 0 && s->n_args < ARRAY_LEN(s->args)) {
		bool all = cmd->rest || s->n_args + 1 == ARRAY_LEN(s->args);

		s->args[s->n_args++] = all ? rest : str_cut(&rest, ' ');
		if (all)
			break;
	}
}

/* A line that begins a command. */
static void
begin_command(struct pop3 *s, struct buf *out)
{
	struct str rest = s->line;
	const struct pop3_cmd *cmd;

	s->commands++;
	if (s->got == LINE_TOO_LONG) {
		bad(s, out, "The line is too long");
		return;
	}
	/* A client's trailing space is no argument. */
	cmd = pop3_cmd_find(str_cut(&rest, ' '));
	if (cmd && !cmd->rest)
		rest = str_trim(rest);
	if (!cmd) {
		bad(s, out, "There is no such command");
	} else if (!(cmd->states & s->state)) {
		bad(s, out, "Not in this state");
	} else {
		split(s, cmd, rest);
		if (s->n_args < cmd->least || s->n_args > cmd->most) {
			bad(s, out, "The arguments are not valid");
			return;
		}
		s->bad_commands = 0;
		if (s->host->doing)
			s->host->doing(s->host->ctx, cmd->name.p);
		s->cmd = cmd;
		s->phase = 0;
		s->step = POP3_AGAIN;
	}
}

static void
run_command(struct pop3 *s, struct buf *out)
{
	s->step = s->cmd->run(s, out);
	if (s->step == POP3_DONE) {
		s->cmd = NULL;
		arena_reset(&s->arena);
	}
}

static void
take_line(struct pop3 *s, struct buf *out)
{
	if (!s->cmd)
		begin_command(s, out);
	if (s->cmd)
		run_command(s, out);
	s->got = LINE_NONE;
	s->line = S("");
	if (s->state == POP3_AUTHORIZATION)
		line_wipe(&s->reader);
}

/* The first words: of the login, or of the maildrop. */
static void
greet(struct pop3 *s, struct buf *out)
{
	enum status st;

	if (s->state == POP3_AUTHORIZATION) {
		buf_addf(out, "+OK " STR_FMT " Mailstead ready\r\n",
		    STR_ARG(s->host->config->hostname));
		s->greeted = true;
		return;
	}
	st = pop3_drop_open(s);
	s->greeted = true;
	if (st == ST_OK) {
		buf_addf(out, "+OK %u messages (%llu octets)\r\n",
		    (unsigned)s->drop.n, (unsigned long long)s->drop.size);
		return;
	}
	s->closing = true;
	(void)pop3_err_status(out, st);
}

static struct wants
wants(struct pop3 *s)
{
	struct wants w = {s->want, deadline(s)};

	s->want = 0;
	if (s->closing)
		/* A change that was asked borrows from us until answered. */
		w.bits |= s->question && s->state == POP3_TRANSACTION
		    ? 0
		    : WANT_CLOSE;
	else if (client_is_next(s))
		w.bits |= WANT_INPUT;
	else if (s->cmd && s->step == POP3_AGAIN)
		w.bits |= WANT_AGAIN | WANT_FLUSH;
	return w;
}

static struct wants
run(void *v, struct buf *out)
{
	struct pop3 *s = v;

	if (!s->greeted)
		greet(s, out);
	if (s->closing || s->securing || s->handed_over)
		return wants(s);
	check_end(s, out);
	if (!s->closing) {
		if (s->got != LINE_NONE)
			take_line(s, out);
		else if (s->cmd && !s->question && s->step != POP3_LINE)
			run_command(s, out);
	}
	if (!s->closing)
		check_end(s, out);
	return wants(s);
}

const struct proto pop3_login_proto = {
    "pop3-login", open_login, on_event, run, close_session};
const struct proto pop3_proto = {
    "pop3", open_user, on_event, run, close_session};

#include "imap/imap.h"

#include "imap/call.h"
#include "imap/capability.h"
#include "imap/updates.h"
#include "proto/login_common.h"

enum { CLIENT_MAX = 200, SAID_MAX = 8 * 1024 * 1024 };

static struct imap *
open_session(const struct host *h, const struct imap_reader_limits *limits)
{
	struct imap *s = mem_zalloc(sizeof(*s));

	s->host = h;
	s->tls = h->tls;
	s->opened_ms = s->active_ms = clock_mono(h->clock);
	imap_reader_init(&s->reader, limits);
	buf_init(&s->said, SAID_MAX);
	buf_init(&s->client, CLIENT_MAX);
	return s;
}

static void *
open_login(const struct host *h)
{
	static const struct imap_reader_limits limits = {
	    LIMIT_LOGIN_LINE, LIMIT_LOGIN_LITERAL, 4 * LIMIT_LOGIN_LINE};
	struct imap *s = open_session(h, &limits);

	s->state = IMAP_NONAUTH;
	/* After UNAUTHENTICATE the client has been greeted. */
	s->greeted = h->handover->returned;
	/* Names and passwords pass through these. */
	s->arena.secret = s->reader.text.secret = true;
	return s;
}

static void *
open_user(const struct host *h)
{
	static const struct imap_reader_limits limits = {
	    LIMIT_LINE, LIMIT_LITERAL, LIMIT_COMMAND};
	struct imap *s = open_session(h, &limits);
	const struct grant *g = h->grant;

	s->state = IMAP_AUTHED;
	s->viewer = (struct viewer){g->person, g->rights};
	buf_adds(&s->client, str_first(h->handover->client, CLIENT_MAX));
	s->origin = login_origin(h, S("imap"), buf_str(&s->client));
	return s;
}

static void
close_session(void *v)
{
	struct imap *s = v;

	imap_call_end(s);
	imap_deselect(s);
	imap_reader_release(&s->reader);
	arena_release(&s->arena);
	arena_release(&s->news.arena);
	buf_release(&s->said);
	buf_release(&s->client);
	free(s);
}

void
imap_deselect(struct imap *s)
{
	struct imap_selected *sel = &s->selected;

	imap_news_drop(s);
	if (sel->view)
		view_close(&sel->view);
	uidset_release(&sel->saved);
	uidset_release(&sel->recent);
	*sel = (struct imap_selected){0};
	if (s->state == IMAP_SELECTED)
		s->state = IMAP_AUTHED;
}

/* The client has the next word: no command, or one that waits for a line. */
static bool
client_is_next(const struct imap *s)
{
	const struct imap_call *call = s->call;

	return !call || call->phase == CALL_READING ||
	    (call->phase == CALL_RUNNING && call->step == IMAP_WAIT &&
		!s->question && (call->cmd->flags & IMAP_READS_LINES));
}

/* Nothing but a line is read while a call waits for one. */
static void
take_input(struct imap *s, struct buf *in)
{
	struct imap_call *call;

	if (in->n > 0)
		s->active_ms = clock_mono(s->host->clock);
	while (s->got == READ_MORE) {
		s->got = imap_reader_feed(&s->reader, in);
		if (s->got != READ_BYTES) {
			if (s->got == READ_MORE)
				break;
			continue;
		}
		call = s->call;
		call->cmd->bytes(call, s->reader.bytes);
		buf_consume(in, s->reader.bytes.n);
		s->got = READ_MORE;
	}
}

static void
on_event(void *v, const struct event *e)
{
	struct imap *s = v;

	switch (e->kind) {
	case EVENT_INPUT:
		/* A host that gives what is not wanted keeps it. */
		if (!s->closing && !s->securing && !s->handed_over &&
		    client_is_next(s))
			take_input(s, e->input);
		break;
	case EVENT_EOF:
		s->eof = true;
		break;
	case EVENT_ANSWER:
		imap_answered(s, e->answer);
		break;
	case EVENT_SECURED:
		s->tls = e->tls;
		s->securing = false;
		/* RFC 9051 6.2.1: what was said in the clear does not count. */
		buf_clear(&s->client);
		break;
	case EVENT_REVOKED:
		s->revoked = true;
		break;
	case EVENT_DRAIN:
		s->drain = true;
		break;
	case EVENT_TIMER:   /* run compares with the deadline */
	case EVENT_CHANGED: /* run asks the view */
		break;
	}
}

static void
greet(struct imap *s, struct buf *out)
{
	s->greeted = true;
	if (s->state == IMAP_NONAUTH) {
		buf_addz(out, "* OK [CAPABILITY ");
		imap_write_capabilities(s, out);
		buf_addf(out, "] " STR_FMT " Mailstead ready\r\n",
		    STR_ARG(s->host->config->hostname));
		return;
	}
	buf_adds(out, s->host->handover->tag);
	buf_addz(out, " OK [CAPABILITY ");
	imap_write_capabilities(s, out);
	buf_addz(out, "] Logged in\r\n");
}

static int64_t
deadline(const struct imap *s)
{
	if (!client_is_next(s))
		return INT64_MAX;
	if (s->state == IMAP_NONAUTH)
		return s->opened_ms + proto_login_ms(s->host->config);
	return s->active_ms + LIMIT_IDLE_MS;
}

static void
bye(struct imap *s, struct buf *out, const char *text)
{
	buf_addf(out, "* BYE %s\r\n", text);
	s->closing = true;
}

/* Reasons to end the session that are not a command's. */
static void
check_end(struct imap *s, struct buf *out)
{
	bool login = s->state == IMAP_NONAUTH;

	if (s->revoked)
		bye(s, out, "The login is no longer valid");
	else if (!client_is_next(s))
		return;
	else if (s->drain)
		bye(s, out, "The server is going down; come back soon");
	else if (s->selected.view && view_gone(s->selected.view))
		bye(s, out,
		    "The selected mailbox was deleted, or has new UIDs");
	else if (clock_mono(s->host->clock) >= deadline(s))
		bye(s, out, login ? "No login in time" : "Idle for too long");
	else if (s->bad_commands >=
	    (unsigned)(login ? LIMIT_LOGIN_BAD : LIMIT_BAD_COMMANDS))
		bye(s, out, "Too many bad commands");
	else if (login && s->login_failures >= LIMIT_LOGIN_FAILURES)
		bye(s, out, "Too many failed logins");
	else if (login && s->commands >= LIMIT_LOGIN_COMMANDS && !s->call)
		bye(s, out, "Too many commands without a login");
	else if (s->eof && s->got == READ_MORE)
		s->closing = true;
}

static struct wants
wants(struct imap *s)
{
	struct wants w = {0, deadline(s)};
	const struct imap_call *call = s->call;

	w.bits = s->want;
	s->want = 0;
	/* A change that was asked borrows from us until it is answered. */
	if (s->closing)
		w.bits |= s->question_is_change ? 0 : WANT_CLOSE;
	else if (w.bits & WANT_COMPRESS)
		return w; /* what comes next is compressed */
	else if (s->securing || s->handed_over)
		w.deadline = s->opened_ms + proto_login_ms(s->host->config);
	else if (client_is_next(s))
		w.bits |= WANT_INPUT;
	else if (!s->question && call->step == IMAP_FLUSH)
		w.bits |= WANT_FLUSH | WANT_AGAIN;
	else if (!s->question && call->step != IMAP_WAIT)
		w.bits |= WANT_AGAIN;
	return w;
}

static struct wants
run(void *v, struct buf *out)
{
	struct imap *s = v;

	if (!s->greeted)
		greet(s, out);
	buf_adds(out, buf_str(&s->said));
	if (s->said.n > 0) {
		buf_clear(&s->said);
		buf_shrink(&s->said);
	}
	if (s->closing || s->securing || s->handed_over)
		return wants(s);
	if (s->got == READ_MORE)
		check_end(s, out);
	if (!s->closing) {
		imap_take(s, out);
		imap_slice(s, out);
	}
	if (!s->closing)
		check_end(s, out);
	return wants(s);
}

const struct proto imap_login_proto = {
    "imap-login", open_login, on_event, run, close_session};
const struct proto imap_proto = {
    "imap", open_user, on_event, run, close_session};

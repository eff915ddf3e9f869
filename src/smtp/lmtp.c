/*
 * The LMTP session:
 *
 *	COMMAND --RCPT--> RECIPIENT --answer--> COMMAND
 *	COMMAND --DATA--> DATA --CRLF.CRLF--> DELIVERING --all answered--> COMMAND
 *	COMMAND --BDAT--> CHUNK --its end--> COMMAND, or DELIVERING after LAST
 *	COMMAND --STARTTLS--> TLS --secured--> COMMAND
 */
#include "smtp/lmtp.h"

#include "smtp/session.h"

void
lmtp_say(struct lmtp *s, const char *line)
{
	buf_addz(&s->said, line);
	buf_addz(&s->said, "\r\n");
}

static void
input(struct lmtp *s, struct buf *in)
{
	s->active_ms = clock_mono(s->host->clock);
	for (;;) {
		struct str line;
		enum line_result got;

		if (s->state == LMTP_DATA && in->n) {
			lmtp_receive_data(s, in);
			continue;
		}
		/* A chunk of no bytes is over at once. */
		if (s->state == LMTP_CHUNK && (in->n || !s->chunk_left)) {
			lmtp_receive_chunk(s, in);
			continue;
		}
		if (s->state != LMTP_COMMAND)
			return;
		got = line_take(&s->lines, in, &line);
		if (got == LINE_NONE)
			return;
		if (got == LINE_TOO_LONG)
			lmtp_say(s, "500 5.5.2 The line is too long");
		else
			lmtp_command(s, line);
		if (s->said.n >= PROTO_OUT_SLICE)
			return;
	}
}

static void *
lmtp_open(const struct host *h)
{
	struct lmtp *s = mem_zalloc(sizeof(*s));

	s->host = h;
	s->tls = h->tls;
	s->opened_ms = s->active_ms = clock_mono(h->clock);
	line_init(&s->lines, LIMIT_SMTP_LINE);
	buf_init(&s->said, PROTO_OUT_HIGH + LIMIT_RECIPIENTS * 1024);
	buf_init(&s->helo, 256);
	buf_init(&s->header_line, 64);
	return s;
}

static void
lmtp_close(void *v)
{
	struct lmtp *s = v;

	lmtp_reset(s);
	arena_release(&s->arena);
	line_release(&s->lines);
	buf_release(&s->said);
	buf_release(&s->helo);
	buf_release(&s->header_line);
	free(s);
}

void
lmtp_leave(struct lmtp *s, const char *why)
{
	/* What is on its way to a worker will be answered first. */
	if (s->state == LMTP_DELIVERING)
		return;
	lmtp_say(s, why);
	s->state = LMTP_CLOSING;
}

/* Who has not said LHLO is nobody yet, as one who has not logged in. */
static int64_t
deadline(const struct lmtp *s)
{
	return s->helo.n ? s->active_ms + LIMIT_LMTP_IDLE_MS
			 : s->opened_ms + proto_login_ms(s->host->config);
}

static void
lmtp_event(void *v, const struct event *e)
{
	struct lmtp *s = v;

	switch (e->kind) {
	case EVENT_INPUT:
		input(s, e->input);
		break;
	case EVENT_ANSWER:
		if (s->question && e->answer->id == s->question)
			lmtp_recipient_is(s, e->answer);
		else
			lmtp_delivered(s, e->answer);
		break;
	case EVENT_SECURED:
		s->tls = e->tls;
		s->want &= ~(unsigned)WANT_STARTTLS;
		s->state = LMTP_COMMAND;
		break;
	case EVENT_TIMER:
		if (clock_mono(s->host->clock) >= deadline(s))
			lmtp_leave(s, "421 4.4.2 Too slow");
		break;
	case EVENT_DRAIN:
		s->draining = true;
		lmtp_leave(s, "421 4.3.2 The server restarts");
		break;
	case EVENT_EOF:
	case EVENT_REVOKED:
		s->state = LMTP_CLOSING;
		break;
	case EVENT_CHANGED:
		break;
	}
}

static struct wants
lmtp_run(void *v, struct buf *out)
{
	struct lmtp *s = v;
	struct wants w = {s->want, INT64_MAX};

	if (!s->greeted) {
		buf_addf(out, "220 " STR_FMT " LMTP ready\r\n",
		    STR_ARG(s->host->config->hostname));
		s->greeted = true;
	}
	if (s->state == LMTP_DELIVERING)
		lmtp_deliver_more(s);
	buf_adds(out, buf_str(&s->said));
	buf_clear(&s->said);
	if (s->state == LMTP_CLOSING)
		w.bits |= WANT_CLOSE;
	else if (s->state == LMTP_COMMAND || s->state == LMTP_DATA ||
	    s->state == LMTP_CHUNK)
		w.bits |= WANT_INPUT;
	/* Only who is to say something can be too slow. */
	if ((w.bits & WANT_INPUT) || s->state == LMTP_TLS)
		w.deadline = deadline(s);
	return w;
}

const struct proto lmtp_proto = {
    "lmtp", lmtp_open, lmtp_event, lmtp_run, lmtp_close};

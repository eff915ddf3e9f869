/*
 * POP3 after the login (RFC 1939 5, 6): a snapshot of INBOX that locks nobody
 * out; QUIT is one durable change (V5).
 */
#include "pop3/session.h"

static void
cmd_capa(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	pop3_capabilities(s, true, out);
}

static void
cmd_noop(struct pop3 *s UNUSED, struct str args UNUSED, struct buf *out)
{
	buf_addz(out, "+OK\r\n");
}

static void
cmd_stat(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	buf_addf(out, "+OK %u %llu\r\n", s->n - s->n_deleted,
	    (unsigned long long)(s->total - s->deleted_bytes));
}

static void
cmd_dele(struct pop3 *s, struct str args, struct buf *out)
{
	uint32_t msn;

	if (!pop3_msn(s, args, &msn, out))
		return;
	s->deleted[msn - 1] = true;
	s->n_deleted++;
	s->deleted_bytes += s->sizes[msn - 1];
	buf_addf(out, "+OK Message %u will be deleted\r\n", msn);
}

static void
cmd_rset(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	memset(s->deleted, 0, s->n * sizeof(*s->deleted));
	s->n_deleted = 0;
	s->deleted_bytes = 0;
	buf_addf(out, "+OK %u messages are there\r\n", s->n);
}

static void
cmd_utf8(struct pop3 *s UNUSED, struct str args UNUSED, struct buf *out)
{
	/* RFC 6856 2.1: in the AUTHORIZATION state only. */
	buf_addz(out, "-ERR UTF8 comes before the login\r\n");
}

/* RFC 1939 6: the UPDATE state. Mail already gone counts as deleted. */
static void
cmd_quit(struct pop3 *s, struct str args UNUSED, struct buf *out)
{
	struct change *c = &s->change;
	struct question *q;

	for (uint32_t i = 0; i < s->n; i++)
		if (s->deleted[i]) {
			uint32_t uid = view_uid(s->view, i + 1);

			uidset_add(&s->gone, uid, uid);
			uidset_remove(&s->seen, uid, uid);
		}
	if (s->gone.n_ranges == 0 && s->seen.n_ranges == 0) {
		buf_addz(out, "+OK Bye\r\n");
		s->state = POP3_CLOSING;
		return;
	}
	*c = (struct change){.kind = CHANGE_POP3_QUIT,
	    .viewer = &s->viewer,
	    .origin = &s->origin,
	    .mailbox = view_mailbox(s->view),
	    .uids = s->gone,
	    .seen = s->seen};
	q = outbox_ask(s->host->outbox, ASK_CHANGE);
	ASSERT(q);
	q->change = c;
	s->question = q->id;
	s->state = POP3_ASKED;
}

static const struct pop3_cmd commands[] = {
    {STR_INIT("STAT"), cmd_stat},
    {STR_INIT("LIST"), pop3_list},
    {STR_INIT("UIDL"), pop3_uidl},
    {STR_INIT("RETR"), pop3_retr},
    {STR_INIT("TOP"), pop3_top},
    {STR_INIT("DELE"), cmd_dele},
    {STR_INIT("NOOP"), cmd_noop},
    {STR_INIT("RSET"), cmd_rset},
    {STR_INIT("CAPA"), cmd_capa},
    {STR_INIT("LANG"), pop3_lang},
    {STR_INIT("UTF8"), cmd_utf8},
    {STR_INIT("QUIT"), cmd_quit},
};

static void
input(struct pop3 *s, struct buf *in, struct buf *out)
{
	while (s->state == POP3_LINE) {
		struct str line;
		enum line_result got = line_take(&s->lines, in, &line);

		if (got == LINE_NONE)
			return;
		s->active_ms = clock_mono(s->host->clock);
		arena_reset(&s->arena);
		if (got == LINE_TOO_LONG) {
			buf_addz(out, "-ERR The line is too long\r\n");
		} else if (pop3_dispatch(
			       s, commands, ARRAY_LEN(commands), line, out)) {
			s->bad = 0;
		} else {
			buf_addz(out, "-ERR There is no such command\r\n");
			if (++s->bad >= LIMIT_BAD_COMMANDS)
				s->state = POP3_CLOSING;
		}
		/* Pipelined commands wait when much is to be sent. */
		if (out->n >= PROTO_OUT_SLICE)
			return;
	}
}

static enum status
take_snapshot(struct pop3 *s)
{
	struct account *a = s->host->account;
	const struct mailbox *inbox;
	enum status st;

	if ((st = mailbox_find(a, &s->viewer, S("INBOX"), &inbox)) != ST_OK ||
	    (st = view_open(a, &s->viewer, inbox->id, &s->view)) != ST_OK)
		return st;
	s->n = view_count(s->view);
	s->messages = mem_zalloc(s->n * sizeof(*s->messages));
	s->sizes = mem_zalloc(s->n * sizeof(*s->sizes));
	s->deleted = mem_zalloc(s->n * sizeof(*s->deleted));
	for (uint32_t i = 0; i < s->n; i++) {
		struct entry e;

		view_entry(s->view, i + 1, &e);
		s->messages[i] = e.message;
		s->sizes[i] = view_size(s->view, i + 1);
		s->total += s->sizes[i];
	}
	return ST_OK;
}

static void
greet(struct pop3 *s, struct buf *out)
{
	enum status st = take_snapshot(s);

	s->greeted = true;
	if (st != ST_OK) {
		pop3_error(st, out);
		s->state = POP3_CLOSING;
		return;
	}
	buf_addf(out, "+OK Logged in, %u messages are there\r\n", s->n);
}

static void *
user_open(const struct host *h)
{
	struct pop3 *s = pop3_new(h, LIMIT_SMTP_LINE);
	const struct grant *g = h->grant;

	s->utf8 = h->handover->utf8;
	s->viewer = (struct viewer){g->person, g->rights};
	s->origin = (struct origin){.person = g->person,
	    .credential = g->device.n ? g->device : g->credential,
	    .protocol = S("pop3"),
	    .peer = h->peer->address};
	return s;
}

static void
answered(struct pop3 *s, const struct answer *a)
{
	if (a->id != s->question)
		return;
	if (a->status == ST_OK)
		buf_addz(&s->said, "+OK Bye\r\n");
	/* Unknown whether it is done (V7): the client asks again next time. */
	else if (a->status != ST_UNKNOWN)
		pop3_error(a->status, &s->said);
	s->state = POP3_CLOSING;
}

static void
user_event(void *v, const struct event *e)
{
	struct pop3 *s = v;

	switch (e->kind) {
	case EVENT_INPUT:
		if (s->greeted)
			input(s, e->input, &s->said);
		break;
	case EVENT_ANSWER:
		answered(s, e->answer);
		break;
	case EVENT_TIMER:
		/* RFC 1939 3: closes without the UPDATE state. */
		if (clock_mono(s->host->clock) - s->active_ms >=
		    LIMIT_POP3_IDLE_MS)
			s->state = POP3_CLOSING;
		break;
	case EVENT_DRAIN:
		if (s->state == POP3_ASKED || s->state == POP3_SENDING)
			break;
		buf_addz(&s->said, "-ERR [SYS/TEMP] The server restarts\r\n");
		s->state = POP3_CLOSING;
		break;
	case EVENT_REVOKED:
	case EVENT_EOF:
		if (s->state != POP3_ASKED)
			s->state = POP3_CLOSING;
		break;
	case EVENT_SECURED:
	case EVENT_CHANGED: /* The snapshot stands until QUIT. */
		break;
	}
}

static struct wants
user_run(void *v, struct buf *out)
{
	struct pop3 *s = v;
	struct wants w = {0, s->active_ms + LIMIT_POP3_IDLE_MS};

	if (!s->greeted)
		greet(s, out);
	buf_adds(out, buf_str(&s->said));
	buf_clear(&s->said);
	if (s->state == POP3_SENDING) {
		s->sending.slice(s, out);
		s->active_ms = clock_mono(s->host->clock);
		w.bits |= WANT_FLUSH | WANT_AGAIN;
	}
	if (s->state == POP3_LINE)
		w.bits = WANT_INPUT;
	else if (s->state == POP3_CLOSING)
		w.bits = WANT_CLOSE;
	return w;
}

static void
user_close(void *v)
{
	pop3_free(v);
}

const struct proto pop3_proto = {
    "pop3", user_open, user_event, user_run, user_close};

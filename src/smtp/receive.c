/* A message comes in, and goes out to its recipients' workers. */
#include "base/date.h"
#include "base/vec.h"
#include "smtp/session.h"
#include "smtp/status.h"

enum { PROBE = 12 }; /* bytes of a header line that tell what it is */

void
lmtp_reset(struct lmtp *s)
{
	incoming_free(&s->message);
	free(s->recipients);
	s->recipients = NULL;
	s->n_recipients = s->cap_recipients = 0;
	arena_reset(&s->arena);
	s->mail = s->utf8 = s->chunked = s->last_chunk = false;
	s->return_path = S("");
	s->st = ST_OK;
	s->next = 0;
	s->question = 0;
}

void
lmtp_receive_begin(struct lmtp *s)
{
	int fd = s->host->spool ? s->host->spool(s->host->ctx) : -1;

	s->message = incoming_new(fd, s->host->config->max_message);
	s->st = ST_OK;
	s->at = DATA_START;
	s->received = 0;
	s->in_header = true;
	buf_clear(&s->header_line);
}

/* RFC 5321 6.3: many Received lines are a loop. */
static void
count_hops(struct lmtp *s, struct str bytes)
{
	for (size_t i = 0; i < bytes.n && s->in_header; i++) {
		char c = bytes.p[i];

		if (c != '\n') {
			if (s->header_line.n < PROBE)
				buf_addc(&s->header_line, c);
			continue;
		}
		if (str_startsi(buf_str(&s->header_line), S("Received:")))
			s->received++;
		if (s->header_line.n == 0 ||
		    str_eq(buf_str(&s->header_line), S("\r")))
			s->in_header = false;
		buf_clear(&s->header_line);
	}
}

static void
take(struct lmtp *s, struct str bytes)
{
	if (s->st != ST_OK || bytes.n == 0)
		return;
	count_hops(s, bytes);
	s->st = s->received > LIMIT_RECEIVED
	    ? ST_CANNOT
	    : incoming_write(s->message, bytes);
}

/*
 * Only CRLF . CRLF ends a message; a bare LF or CR is content. So two servers
 * cannot disagree about where a message ends (SMTP smuggling).
 */
static size_t
data_run(struct lmtp *s, struct str in, bool *end)
{
	size_t i = 0, from = 0;

	while (i < in.n) {
		char c = in.p[i];

		switch (s->at) {
		case DATA_LINE: {
			struct str rest = str_from_pos(in, i);
			size_t cr = str_find(rest, '\r');

			i += cr == SIZE_MAX ? rest.n : cr + 1;
			if (cr != SIZE_MAX)
				s->at = DATA_CR;
			continue;
		}
		case DATA_CR:
			s->at = c == '\n' ? DATA_START
			    : c == '\r'   ? DATA_CR
					  : DATA_LINE;
			break;
		case DATA_START:
			if (c == '.') {
				/* The dot goes, whatever follows. */
				take(s, str_from_pos(str_first(in, i), from));
				from = i + 1;
				s->at = DATA_DOT;
			} else {
				s->at = c == '\r' ? DATA_CR : DATA_LINE;
			}
			break;
		case DATA_DOT:
			if (c == '\r') {
				s->at = DATA_DOT_CR;
				from = i + 1;
			} else {
				s->at = DATA_LINE;
			}
			break;
		case DATA_DOT_CR:
			if (c == '\n') {
				*end = true;
				return i + 1;
			}
			take(s, S("\r"));
			from = i;
			s->at = c == '\r' ? DATA_CR : DATA_LINE;
			break;
		}
		i++;
	}
	take(s, str_from_pos(in, from));
	return in.n;
}

void
lmtp_receive_data(struct lmtp *s, struct buf *in)
{
	bool end = false;
	size_t n = data_run(s, buf_str(in), &end);

	buf_consume(in, n);
	if (end)
		lmtp_deliver(s);
}

void
lmtp_receive_chunk(struct lmtp *s, struct buf *in)
{
	size_t n = s->chunk_left < in->n ? (size_t)s->chunk_left : in->n;

	if (s->message)
		take(s, str_first(buf_str(in), n));
	buf_consume(in, n);
	s->chunk_left -= n;
	if (s->chunk_left)
		return;
	if (!s->message) {
		buf_addz(&s->said, "503 5.5.1 No recipient was accepted\r\n");
		s->state = LMTP_COMMAND;
		return;
	}
	if (s->last_chunk) {
		lmtp_deliver(s);
		return;
	}
	buf_addz(&s->said, "250 2.0.0 Chunk taken\r\n");
	s->state = LMTP_COMMAND;
}

/* TCP-info (RFC 5321 4.4); a Unix socket has no address to tell. */
static void
write_peer(const struct peer *peer, struct buf *out)
{
	bool ipv6 = str_find(peer->address, ':') != SIZE_MAX;

	if (!str_eq(peer->address, S("unix")))
		buf_addf(out, " ([%s" STR_FMT "])", ipv6 ? "IPv6:" : "",
		    STR_ARG(peer->address));
}

/* Return-Path and Received (RFC 5321 4.4), for one recipient. */
static struct str
trace_of(struct lmtp *s, const struct lmtp_recipient *r)
{
	const struct host *h = s->host;
	struct buf b;
	struct str trace;

	buf_init(&b, 8192);
	buf_addf(&b, "Return-Path: <" STR_FMT ">\r\n", STR_ARG(s->return_path));
	buf_addf(&b, "Delivered-To: " STR_FMT "\r\n", STR_ARG(r->to.address));
	buf_addf(&b, "Received: from " STR_FMT, STR_ARG(buf_str(&s->helo)));
	write_peer(h->peer, &b);
	buf_addf(&b,
	    "\r\n\tby " STR_FMT " (Mailstead) with %sLMTP%s\r\n\tfor <" STR_FMT
	    ">; ",
	    STR_ARG(h->config->hostname), s->utf8 ? "UTF8" : "",
	    s->tls->on ? "S" : "", STR_ARG(r->given));
	date_write_rfc5322((struct date){clock_wall(h->clock), 0}, &b);
	buf_addz(&b, "\r\n");
	trace = arena_str(&s->arena, buf_str(&b));
	buf_release(&b);
	return trace;
}

static void
finish(struct lmtp *s)
{
	for (size_t i = 0; i < s->n_recipients; i++) {
		const struct lmtp_recipient *r = &s->recipients[i];

		if (r->st == ST_CANNOT)
			buf_addz(&s->said,
			    "554 5.4.6 Too many hops: a mail loop\r\n");
		else
			smtp_delivery_reply(r->st, r->given, &s->said);
	}
	lmtp_reset(s);
	s->state = LMTP_COMMAND;
	s->active_ms = clock_mono(s->host->clock);
	if (s->draining)
		lmtp_leave(s, "421 4.3.2 The server restarts");
}

void
lmtp_deliver_more(struct lmtp *s)
{
	bool open = false;

	for (; s->next < s->n_recipients; s->next++) {
		struct lmtp_recipient *r = &s->recipients[s->next];
		struct question *q;

		q = outbox_ask(s->host->outbox, ASK_DELIVER);
		if (!q)
			break; /* goes on when some are answered */
		r->trace = trace_of(s, r);
		q->deliver = (struct deliver_ask){
		    &r->to, s->message, s->return_path, r->trace};
		r->question = q->id;
		r->asked = true;
	}
	for (size_t i = 0; i < s->n_recipients; i++)
		open = open || !s->recipients[i].done;
	if (!open)
		finish(s);
}

void
lmtp_deliver(struct lmtp *s)
{
	if (s->st == ST_OK)
		s->st = incoming_finish(s->message);
	s->state = LMTP_DELIVERING;
	s->next = 0;
	if (s->st == ST_OK) {
		lmtp_deliver_more(s);
		return;
	}
	for (size_t i = 0; i < s->n_recipients; i++)
		s->recipients[i].st = s->st;
	finish(s);
}

void
lmtp_delivered(struct lmtp *s, const struct answer *a)
{
	for (size_t i = 0; i < s->n_recipients; i++) {
		struct lmtp_recipient *r = &s->recipients[i];

		if (!r->asked || r->done || r->question != a->id)
			continue;
		r->done = true;
		r->st = a->status;
		lmtp_deliver_more(s);
		return;
	}
}

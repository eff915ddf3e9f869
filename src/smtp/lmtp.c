/*
 * The LMTP session:
 *
 *	COMMAND --RCPT--> RECIPIENT --answer--> COMMAND
 *	COMMAND --DATA--> DATA --CRLF.CRLF--> DELIVERING --all answered--> COMMAND
 *	COMMAND --BDAT--> CHUNK --its end--> COMMAND, or DELIVERING after LAST
 *	COMMAND --STARTTLS--> TLS --secured--> COMMAND
 */
#include "smtp/lmtp.h"

#include "base/vec.h"
#include "proto/secure.h"
#include "smtp/path.h"
#include "smtp/session.h"
#include "smtp/status.h"

struct lmtp_cmd {
	struct str name;
	void (*run)(struct lmtp *s, struct str args);
};

static void
say(struct lmtp *s, const char *line)
{
	buf_addz(&s->said, line);
	buf_addz(&s->said, "\r\n");
}

/* On one machine it would cost and give nothing (P4). */
static bool
may_start_tls(const struct lmtp *s)
{
	return !s->host->peer->loopback && secure_may_starttls(s->host, s->tls);
}

/* RFC 2033 4.1 */
static void
cmd_lhlo(struct lmtp *s, struct str args)
{
	const struct proto_config *c = s->host->config;

	args = str_trim(args);
	if (args.n == 0) {
		say(s, "501 5.5.4 LHLO needs a name");
		return;
	}
	for (size_t i = 0; i < args.n; i++)
		if (args.p[i] < 0x21 || args.p[i] > 0x7e) {
			say(s, "501 5.5.4 That is not a name");
			return;
		}
	lmtp_reset(s);
	buf_clear(&s->helo);
	buf_adds(&s->helo, args);
	buf_addf(&s->said, "250-" STR_FMT "\r\n", STR_ARG(c->hostname));
	if (may_start_tls(s))
		say(s, "250-STARTTLS");
	buf_addf(
	    &s->said, "250-SIZE %llu\r\n", (unsigned long long)c->max_message);
	say(s,
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n"
	    "250-CHUNKING\r\n250 ENHANCEDSTATUSCODES");
}

static void
cmd_helo(struct lmtp *s, struct str args UNUSED)
{
	say(s, "500 5.5.1 This is LMTP: say LHLO");
}

/* Sizes and forms that MAIL announces; false: it was answered. */
static bool
mail_parameters(struct lmtp *s, struct str rest)
{
	struct str key, value;
	uint64_t size;

	while (path_parameter(&rest, &key, &value)) {
		if (str_eqi(key, S("SIZE"))) {
			if (!str_to_u64(value, &size)) {
				say(s, "501 5.5.4 SIZE needs a number");
				return false;
			}
			if (size > s->host->config->max_message) {
				say(s, "552 5.3.4 The message is too large");
				return false;
			}
		} else if (str_eqi(key, S("BODY"))) {
			if (!str_eqi(value, S("7BIT")) &&
			    !str_eqi(value, S("8BITMIME"))) {
				say(s, "504 5.5.4 No such BODY here");
				return false;
			}
		} else if (!str_eqi(key, S("SMTPUTF8")) || value.n) {
			say(s, "555 5.5.4 No such parameter here");
			return false;
		}
	}
	if (str_trim(rest).n == 0)
		return true;
	say(s, "501 5.5.4 That does not parse");
	return false;
}

/* The path is parsed before SMTPUTF8, which stands behind it, is known. */
static bool
announces_utf8(struct str args)
{
	struct str last = str_trim(args);
	size_t at;

	while ((at = str_find(last, ' ')) != SIZE_MAX)
		last = str_from_pos(last, at + 1);
	return str_eqi(last, S("SMTPUTF8")) ||
	    str_find_stri(args, S(" SMTPUTF8 ")) != SIZE_MAX;
}

static void
cmd_mail(struct lmtp *s, struct str args)
{
	struct str path;
	bool utf8 = announces_utf8(args);

	if (s->helo.n == 0) {
		say(s, "503 5.5.1 LHLO comes first");
		return;
	}
	if (s->mail) {
		say(s, "503 5.5.1 A transaction is under way: RSET ends it");
		return;
	}
	if (!str_startsi(args, S("FROM:"))) {
		say(s, "501 5.5.4 MAIL needs FROM:<address>");
		return;
	}
	args = str_trim(str_from_pos(args, 5));
	if (!path_parse(&args, utf8, &path)) {
		say(s, "553 5.1.7 That is not an address");
		return;
	}
	if (!mail_parameters(s, args))
		return;
	lmtp_reset(s);
	s->mail = true;
	s->utf8 = utf8;
	s->return_path = arena_str(&s->arena, path);
	say(s, "250 2.1.0 Sender ok");
}

static void
cmd_rcpt(struct lmtp *s, struct str args)
{
	struct question *q;
	struct str path;

	if (!s->mail || s->chunked) {
		say(s, "503 5.5.1 MAIL comes first");
		return;
	}
	if (s->n_recipients >= LIMIT_RECIPIENTS) {
		say(s, "452 4.5.3 Too many recipients");
		return;
	}
	if (!str_startsi(args, S("TO:"))) {
		say(s, "501 5.5.4 RCPT needs TO:<address>");
		return;
	}
	args = str_trim(str_from_pos(args, 3));
	if (!path_parse(&args, s->utf8, &path) || path.n == 0) {
		say(s, "553 5.1.3 That is not an address");
		return;
	}
	if (str_trim(args).n) {
		say(s, "555 5.5.4 RCPT takes no parameters here");
		return;
	}
	q = outbox_ask(s->host->outbox, ASK_RECIPIENT);
	ASSERT(q);
	s->asked = arena_str(&s->arena, path);
	q->recipient = s->asked;
	s->question = q->id;
	s->state = LMTP_RECIPIENT;
}

static void
recipient_is(struct lmtp *s, const struct answer *a)
{
	s->question = 0;
	s->state = LMTP_COMMAND;
	smtp_recipient_reply(a->status, s->asked, &s->said);
	if (a->status == ST_OK) {
		struct lmtp_recipient *r = VEC_ADD(s, recipients);

		r->given = s->asked;
		r->to.account = arena_str(&s->arena, a->recipient->account);
		r->to.address = arena_str(&s->arena, a->recipient->address);
		r->to.detail = arena_str(&s->arena, a->recipient->detail);
		r->to.home = a->recipient->home;
	}
}

static void
cmd_data(struct lmtp *s, struct str args UNUSED)
{
	if (s->n_recipients == 0) {
		/* RFC 2033 4.2: 503 when there is no recipient. */
		say(s,
		    s->mail ? "503 5.5.1 No recipient was accepted"
			    : "503 5.5.1 MAIL comes first");
		return;
	}
	if (s->chunked) {
		say(s, "503 5.5.1 BDAT was used: go on with it");
		return;
	}
	lmtp_receive_begin(s);
	say(s, "354 The message, and a line with a dot");
	s->state = LMTP_DATA;
}

/* RFC 3030 2:  "BDAT" SP chunk-size [SP "LAST"] */
static void
cmd_bdat(struct lmtp *s, struct str args)
{
	struct str size = str_cut(&args, ' ');
	uint64_t n;

	args = str_trim(args);
	if (!str_to_u64(size, &n) || (args.n && !str_eqi(args, S("LAST")))) {
		/* Where the chunk ends is unknown now: nothing can follow. */
		say(s, "501 5.5.4 BDAT needs a size");
		s->state = LMTP_CLOSING;
		return;
	}
	s->chunk_left = n;
	s->last_chunk = args.n > 0;
	s->state = LMTP_CHUNK;
	/* The chunk comes all the same (RFC 3030 2): it is passed over. */
	if (s->n_recipients == 0)
		return;
	if (!s->chunked)
		lmtp_receive_begin(s);
	s->chunked = true;
}

static void
cmd_rset(struct lmtp *s, struct str args UNUSED)
{
	lmtp_reset(s);
	say(s, "250 2.0.0 Forgotten");
}

static void
cmd_noop(struct lmtp *s, struct str args UNUSED)
{
	say(s, "250 2.0.0 Ok");
}

static void
cmd_vrfy(struct lmtp *s, struct str args UNUSED)
{
	say(s, "252 2.5.0 RCPT will tell");
}

static void
cmd_quit(struct lmtp *s, struct str args UNUSED)
{
	say(s, "221 2.0.0 Bye");
	s->state = LMTP_CLOSING;
}

static void
cmd_starttls(struct lmtp *s, struct str args)
{
	if (args.n || !may_start_tls(s)) {
		say(s, "502 5.5.1 TLS cannot begin here");
		return;
	}
	say(s, "220 2.0.0 Begin TLS");
	/* RFC 3207 4.2: nothing said before counts. */
	lmtp_reset(s);
	buf_clear(&s->helo);
	s->want |= WANT_STARTTLS;
	s->state = LMTP_TLS;
}

static const struct lmtp_cmd commands[] = {
    {STR_INIT("LHLO"), cmd_lhlo},
    {STR_INIT("MAIL"), cmd_mail},
    {STR_INIT("RCPT"), cmd_rcpt},
    {STR_INIT("DATA"), cmd_data},
    {STR_INIT("BDAT"), cmd_bdat},
    {STR_INIT("RSET"), cmd_rset},
    {STR_INIT("NOOP"), cmd_noop},
    {STR_INIT("VRFY"), cmd_vrfy},
    {STR_INIT("QUIT"), cmd_quit},
    {STR_INIT("STARTTLS"), cmd_starttls},
    {STR_INIT("HELO"), cmd_helo},
    {STR_INIT("EHLO"), cmd_helo},
};

static void
command(struct lmtp *s, struct str line)
{
	struct str rest = line, word = str_cut(&rest, ' ');

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_eqi(word, commands[i].name)) {
			s->bad = 0;
			commands[i].run(s, rest);
			return;
		}
	say(s, "500 5.5.1 There is no such command");
	if (++s->bad >= LIMIT_LOGIN_BAD) {
		say(s, "421 4.7.0 Too many unknown commands");
		s->state = LMTP_CLOSING;
	}
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
			say(s, "500 5.5.2 The line is too long");
		else
			command(s, line);
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
	say(s, why);
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
			recipient_is(s, e->answer);
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

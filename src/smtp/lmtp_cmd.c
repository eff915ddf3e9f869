/* The commands of LMTP (RFC 2033, RFC 5321, RFC 3030, RFC 3207). */
#include "base/vec.h"
#include "proto/secure.h"
#include "smtp/path.h"
#include "smtp/session.h"
#include "smtp/status.h"

struct lmtp_cmd {
	struct str name;
	void (*run)(struct lmtp *s, struct str args);
};

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
		lmtp_say(s, "501 5.5.4 LHLO needs a name");
		return;
	}
	for (size_t i = 0; i < args.n; i++)
		if (args.p[i] < 0x21 || args.p[i] > 0x7e) {
			lmtp_say(s, "501 5.5.4 That is not a name");
			return;
		}
	lmtp_reset(s);
	buf_clear(&s->helo);
	buf_adds(&s->helo, args);
	buf_addf(&s->said, "250-" STR_FMT "\r\n", STR_ARG(c->hostname));
	if (may_start_tls(s))
		lmtp_say(s, "250-STARTTLS");
	buf_addf(
	    &s->said, "250-SIZE %llu\r\n", (unsigned long long)c->max_message);
	lmtp_say(s,
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n"
	    "250-CHUNKING\r\n250 ENHANCEDSTATUSCODES");
}

static void
cmd_helo(struct lmtp *s, struct str args UNUSED)
{
	lmtp_say(s, "500 5.5.1 This is LMTP: say LHLO");
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
				lmtp_say(s, "501 5.5.4 SIZE needs a number");
				return false;
			}
			if (size > s->host->config->max_message) {
				lmtp_say(
				    s, "552 5.3.4 The message is too large");
				return false;
			}
		} else if (str_eqi(key, S("BODY"))) {
			if (!str_eqi(value, S("7BIT")) &&
			    !str_eqi(value, S("8BITMIME"))) {
				lmtp_say(s, "504 5.5.4 No such BODY here");
				return false;
			}
		} else if (!str_eqi(key, S("SMTPUTF8")) || value.n) {
			lmtp_say(s, "555 5.5.4 No such parameter here");
			return false;
		}
	}
	if (str_trim(rest).n == 0)
		return true;
	lmtp_say(s, "501 5.5.4 That does not parse");
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
		lmtp_say(s, "503 5.5.1 LHLO comes first");
		return;
	}
	if (s->mail) {
		lmtp_say(
		    s, "503 5.5.1 A transaction is under way: RSET ends it");
		return;
	}
	if (!str_startsi(args, S("FROM:"))) {
		lmtp_say(s, "501 5.5.4 MAIL needs FROM:<address>");
		return;
	}
	args = str_trim(str_from_pos(args, 5));
	if (!path_parse(&args, utf8, &path)) {
		lmtp_say(s, "553 5.1.7 That is not an address");
		return;
	}
	if (!mail_parameters(s, args))
		return;
	lmtp_reset(s);
	s->mail = true;
	s->utf8 = utf8;
	s->return_path = arena_str(&s->arena, path);
	lmtp_say(s, "250 2.1.0 Sender ok");
}

static void
cmd_rcpt(struct lmtp *s, struct str args)
{
	struct question *q;
	struct str path;

	if (!s->mail || s->chunked) {
		lmtp_say(s, "503 5.5.1 MAIL comes first");
		return;
	}
	if (s->n_recipients >= LIMIT_RECIPIENTS) {
		lmtp_say(s, "452 4.5.3 Too many recipients");
		return;
	}
	if (!str_startsi(args, S("TO:"))) {
		lmtp_say(s, "501 5.5.4 RCPT needs TO:<address>");
		return;
	}
	args = str_trim(str_from_pos(args, 3));
	if (!path_parse(&args, s->utf8, &path) || path.n == 0) {
		lmtp_say(s, "553 5.1.3 That is not an address");
		return;
	}
	if (str_trim(args).n) {
		lmtp_say(s, "555 5.5.4 RCPT takes no parameters here");
		return;
	}
	q = outbox_ask(s->host->outbox, ASK_RECIPIENT);
	ASSERT(q);
	s->asked = arena_str(&s->arena, path);
	q->recipient = s->asked;
	s->question = q->id;
	s->state = LMTP_RECIPIENT;
}

void
lmtp_recipient_is(struct lmtp *s, const struct answer *a)
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
		lmtp_say(s,
		    s->mail ? "503 5.5.1 No recipient was accepted"
			    : "503 5.5.1 MAIL comes first");
		return;
	}
	if (s->chunked) {
		lmtp_say(s, "503 5.5.1 BDAT was used: go on with it");
		return;
	}
	lmtp_receive_begin(s);
	lmtp_say(s, "354 The message, and a line with a dot");
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
		lmtp_say(s, "501 5.5.4 BDAT needs a size");
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
	lmtp_say(s, "250 2.0.0 Forgotten");
}

static void
cmd_noop(struct lmtp *s, struct str args UNUSED)
{
	lmtp_say(s, "250 2.0.0 Ok");
}

static void
cmd_vrfy(struct lmtp *s, struct str args UNUSED)
{
	lmtp_say(s, "252 2.5.0 RCPT will tell");
}

static void
cmd_quit(struct lmtp *s, struct str args UNUSED)
{
	lmtp_say(s, "221 2.0.0 Bye");
	s->state = LMTP_CLOSING;
}

static void
cmd_starttls(struct lmtp *s, struct str args)
{
	if (args.n || !may_start_tls(s)) {
		lmtp_say(s, "502 5.5.1 TLS cannot begin here");
		return;
	}
	lmtp_say(s, "220 2.0.0 Begin TLS");
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

void
lmtp_command(struct lmtp *s, struct str line)
{
	struct str rest = line, word = str_cut(&rest, ' ');

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_eqi(word, commands[i].name)) {
			s->bad = 0;
			commands[i].run(s, rest);
			return;
		}
	lmtp_say(s, "500 5.5.1 There is no such command");
	if (++s->bad >= LIMIT_LOGIN_BAD) {
		lmtp_say(s, "421 4.7.0 Too many unknown commands");
		s->state = LMTP_CLOSING;
	}
}

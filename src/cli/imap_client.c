/* The connection, its login, and the exchange of one command. */
#include "cli/imap_client_int.h"

struct str
imap_client_text(const struct imap_client *c)
{
	return buf_str(&c->text);
}

bool
imap_client_quote(struct str s, struct buf *out)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\0' || s.p[i] == '\r' || s.p[i] == '\n')
			return false;
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
	return !buf_full(out);
}

/* --- one response --- */

static enum status
keep(void *ctx, struct str piece)
{
	struct buf *line = ctx;

	buf_adds(line, piece);
	return buf_status(line);
}

/* What the sink refuses ends all: nobody wants the rest of it. */
static enum status
stream_body(struct imap_client *c, uint64_t n, size_t at)
{
	enum status st = c->sink->begin(c->sink->ctx);

	if (st == ST_OK)
		st = stream_bytes(c->s, n, c->sink->bytes, c->sink->ctx);
	c->streamed = true;
	buf_truncate(&c->line, at);
	buf_addz(&c->line, "\"\"");
	return st;
}

static enum status
literal(struct imap_client *c, uint64_t n, size_t at)
{
	if (c->sink && str_ends(str_first(buf_str(&c->line), at), S("BODY[] ")))
		return stream_body(c, n, at);
	if (n > IMAP_CLIENT_LITERAL)
		return ST_LIMIT;
	buf_addc(&c->line, '\n');
	return stream_bytes(c->s, n, keep, &c->line);
}

/* A whole response into c->line, its literals with it. */
static enum status
response(struct imap_client *c)
{
	enum status st;
	uint64_t n;
	size_t at, from;

	buf_clear(&c->line);
	c->streamed = false;
	for (;;) {
		from = c->line.n;
		if ((st = stream_line(c->s, &c->line)) != ST_OK)
			return st;
		if (!imap_answer_literal(
			str_from_pos(buf_str(&c->line), from), &n, &at))
			return ST_OK;
		if ((st = literal(c, n, from + at)) != ST_OK)
			return st;
	}
}

static const struct {
	struct str name;
	unsigned can;
} capabilities[] = {
    {STR_INIT("STARTTLS"), CAN_STARTTLS},
    {STR_INIT("AUTH=PLAIN"), CAN_PLAIN},
    {STR_INIT("SASL-IR"), CAN_SASL_IR},
    {STR_INIT("LOGINDISABLED"), CAN_NOT_LOGIN},
    {STR_INIT("NAMESPACE"), CAN_NAMESPACE},
    {STR_INIT("LIST-EXTENDED"), CAN_LIST_EXTENDED},
    {STR_INIT("SPECIAL-USE"), CAN_SPECIAL_USE},
};

static void
note_capabilities(struct imap_client *c, struct str words)
{
	c->can = 0;
	while (words.n > 0) {
		struct str word = str_cut(&words, ' ');

		word = str_first(word, str_find(word, ']'));
		for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
			if (str_eqi(word, capabilities[i].name))
				c->can |= capabilities[i].can;
	}
}

/* "[CAPABILITY ...]" may stand in a greeting and in a tagged OK. */
static void
note_code(struct imap_client *c, struct str text)
{
	if (imap_answer_word(&text, S("OK ")) &&
	    imap_answer_word(&text, S("[CAPABILITY ")))
		note_capabilities(c, text);
}

static enum status
tagged(struct imap_client *c, struct str text)
{
	buf_clear(&c->text);
	buf_adds(&c->text, text);
	note_code(c, text);
	if (str_startsi(text, S("OK")))
		return ST_OK;
	return str_startsi(text, S("NO")) ? ST_DENIED : ST_SYNTAX;
}

static enum status
untagged(struct imap_client *c, struct str text, imap_client_fn *fn, void *ctx)
{
	struct str words = text;

	if (imap_answer_word(&words, S("CAPABILITY "))) {
		note_capabilities(c, words);
		return ST_OK;
	}
	if (imap_answer_word(&words, S("BYE"))) {
		buf_clear(&c->text);
		buf_adds(&c->text, text);
		return ST_CLOSED;
	}
	return fn ? fn(c, ctx, text) : ST_OK;
}

/* Up to the answer with the last tag. A failure of fn waits for that. */
static enum status
answers(struct imap_client *c, imap_client_fn *fn, void *ctx)
{
	enum status st, kept = ST_OK;
	char tag[16];

	(void)snprintf(tag, sizeof(tag), "m%u ", c->tag);
	for (;;) {
		struct str line;

		if ((st = response(c)) != ST_OK)
			return st;
		line = buf_str(&c->line);
		if (imap_answer_word(&line, str_from(tag))) {
			st = tagged(c, line);
			return kept == ST_OK ? st : kept;
		}
		if (!imap_answer_word(&line, S("* ")))
			return ST_SYNTAX;
		st = untagged(c, line, fn, ctx);
		if (st == ST_CLOSED)
			return st;
		if (kept == ST_OK)
			kept = st;
	}
}

static enum status
send(struct imap_client *c, struct str command)
{
	enum status st;
	struct buf b;

	buf_init(&b, IMAP_CLIENT_LITERAL);
	buf_addf(&b, "m%u ", ++c->tag);
	buf_adds(&b, command);
	buf_addz(&b, "\r\n");
	st = buf_status(&b);
	if (st == ST_OK)
		st = stream_write(c->s, buf_str(&b));
	explicit_bzero(b.p, b.n); /* it may hold the password */
	buf_release(&b);
	return st;
}

enum status
imap_client_command(
    struct imap_client *c, struct str command, imap_client_fn *fn, void *ctx)
{
	enum status st = send(c, command);

	return st == ST_OK ? answers(c, fn, ctx) : st;
}

/* --- login --- */

static enum status
greeting(struct imap_client *c, struct buf *why)
{
	enum status st = response(c);
	struct str line = buf_str(&c->line);

	if (st == ST_OK && !imap_answer_word(&line, S("* ")))
		st = ST_SYNTAX;
	if (st == ST_OK && !str_startsi(line, S("OK")))
		st = ST_DENIED;
	if (st != ST_OK) {
		buf_addf(why, "the server did not greet: " STR_FMT,
		    STR_ARG(str_first(line, 200)));
		return st;
	}
	note_code(c, line);
	return c->can ? ST_OK
		      : imap_client_command(c, S("CAPABILITY"), NULL, NULL);
}

static enum status
start_tls(struct imap_client *c, const struct mail_server *m, struct buf *why)
{
	enum status st;

	if (m->tls || !(c->can & CAN_STARTTLS))
		return mail_server_private(m, c->s, why);
	st = imap_client_command(c, S("STARTTLS"), NULL, NULL);
	if (st == ST_OK)
		st = stream_start_tls(c->s, m->unverified, why);
	/* What was said in the clear may be a lie (RFC 9051 11.1). */
	return st == ST_OK ? imap_client_command(c, S("CAPABILITY"), NULL, NULL)
			   : st;
}

static enum status
authenticate(struct imap_client *c, const struct mail_server *m)
{
	enum status st;
	struct buf b;

	buf_init(&b, 8192);
	buf_addz(&b, "AUTHENTICATE PLAIN");
	if (c->can & CAN_SASL_IR) {
		buf_addc(&b, ' ');
		mail_server_plain(m, &b);
		st = imap_client_command(c, buf_str(&b), NULL, NULL);
	} else if ((st = send(c, buf_str(&b))) == ST_OK &&
	    (st = response(c)) == ST_OK) {
		if (!str_starts(buf_str(&c->line), S("+"))) {
			st = ST_DENIED;
		} else {
			buf_clear(&b);
			mail_server_plain(m, &b);
			buf_addz(&b, "\r\n");
			st = stream_write(c->s, buf_str(&b));
			if (st == ST_OK)
				st = answers(c, NULL, NULL);
		}
	}
	explicit_bzero(b.p, b.n);
	buf_release(&b);
	return st;
}

static enum status
login(struct imap_client *c, const struct mail_server *m)
{
	enum status st = ST_INVALID;
	struct buf b;

	buf_init(&b, 8192);
	buf_addz(&b, "LOGIN ");
	if (imap_client_quote(m->user, &b)) {
		buf_addc(&b, ' ');
		if (imap_client_quote(m->password, &b))
			st = imap_client_command(c, buf_str(&b), NULL, NULL);
	}
	explicit_bzero(b.p, b.n);
	buf_release(&b);
	return st;
}

enum status
imap_client_open(
    const struct mail_server *m, struct imap_client **out, struct buf *why)
{
	struct imap_client *c = mem_zalloc(sizeof(*c));
	enum status st;

	buf_init(&c->line, IMAP_CLIENT_ANSWER);
	buf_init(&c->text, 64 * 1024);
	if ((st = mail_server_open(m, &c->s, why)) == ST_OK &&
	    (st = greeting(c, why)) == ST_OK &&
	    (st = start_tls(c, m, why)) == ST_OK) {
		st = c->can & CAN_PLAIN ? authenticate(c, m) : login(c, m);
		if (st == ST_DENIED)
			buf_addf(why, "the login was refused: " STR_FMT,
			    STR_ARG(imap_client_text(c)));
	}
	if (st == ST_OK) /* more may be possible now */
		st = imap_client_command(c, S("CAPABILITY"), NULL, NULL);
	if (st == ST_OK) {
		*out = c;
		return ST_OK;
	}
	if (why->n == 0)
		buf_addf(why, "the server at " STR_FMT " went away: %s",
		    STR_ARG(m->host), status_text(st));
	imap_client_close(&c);
	return st;
}

void
imap_client_close(struct imap_client **out)
{
	struct imap_client *c = *out;

	*out = NULL;
	if (!c)
		return;
	if (c->s) /* a server that is gone needs no goodbye */
		(void)!send(c, S("LOGOUT"));
	stream_close(&c->s);
	buf_release(&c->line);
	buf_release(&c->text);
	free(c);
}

#include "pop3/session.h"

struct pop3 *
pop3_new(const struct host *h, size_t line_max)
{
	struct pop3 *s = mem_zalloc(sizeof(*s));

	s->host = h;
	s->tls = h->tls;
	s->active_ms = clock_mono(h->clock);
	line_init(&s->lines, line_max);
	buf_init(&s->user, LIMIT_LOGIN_LINE);
	buf_init(&s->said, PROTO_OUT_HIGH);
	return s;
}

void
pop3_free(struct pop3 *s)
{
	line_release(&s->lines);
	buf_release(&s->user);
	buf_release(&s->said);
	arena_release(&s->arena);
	arena_release(&s->exchange);
	view_close(&s->view);
	uidset_release(&s->seen);
	uidset_release(&s->gone);
	free(s->messages);
	free(s->sizes);
	free(s->first_copy);
	free(s->deleted);
	free(s);
}

bool
pop3_dispatch(struct pop3 *s, const struct pop3_cmd *table, size_t n,
    struct str line, struct buf *out)
{
	struct str rest = line, word = str_cut(&rest, ' ');

	for (size_t i = 0; i < n; i++)
		if (str_eqi(word, table[i].name)) {
			table[i].run(s, rest, out);
			return true;
		}
	return false;
}

bool
pop3_cleartext(const struct pop3 *s)
{
	enum cleartext rule = s->host->config->cleartext;

	return (s->tls && s->tls->on) || s->host->peer->proxied_tls ||
	    rule == CLEARTEXT_ALWAYS ||
	    (rule == CLEARTEXT_LOOPBACK && s->host->peer->loopback);
}

/* All other text is English; so is what LANG offers (RFC 6856 3). */
void
pop3_lang(struct pop3 *s UNUSED, struct str args, struct buf *out)
{
	if (args.n == 0)
		buf_addz(out, "+OK Languages follow\r\nen English\r\n.\r\n");
	else if (str_eq(args, S("*")) || str_eqi(args, S("en")))
		buf_addz(out, "+OK en English it is\r\n");
	else
		buf_addz(out, "-ERR There is no such language\r\n");
}

void
pop3_capabilities(const struct pop3 *s, bool logged_in, struct buf *out)
{
	const struct proto_config *c = s->host->config;
	const struct tls_facts *tls = s->tls;
	bool secure = tls && tls->on;

	buf_addz(out, "+OK Capabilities follow\r\nTOP\r\nUIDL\r\n");
	if (logged_in || pop3_cleartext(s))
		buf_addz(out, "USER\r\n");
	if (!logged_in && (c->scram || pop3_cleartext(s))) {
		buf_addz(out, "SASL");
		if (c->scram && secure && tls->endpoint.n + tls->exporter.n)
			buf_addz(out, " SCRAM-SHA-256-PLUS");
		if (c->scram)
			buf_addz(out, " SCRAM-SHA-256");
		if (pop3_cleartext(s))
			buf_addz(out, " PLAIN");
		buf_addz(out, "\r\n");
	}
	if (!logged_in && c->starttls && !secure)
		buf_addz(out, "STLS\r\n");
	buf_addz(out, "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n");
	/* The server deletes nothing of its own accord. */
	buf_addz(out, "EXPIRE NEVER\r\n");
	buf_addf(out, "LOGIN-DELAY %u\r\n", c->pop3_login_delay);
	buf_addz(out, "UTF8 USER\r\nLANG\r\n");
	buf_addz(out, "IMPLEMENTATION Mailstead-" VERSION "\r\n.\r\n");
}

void
pop3_error(enum status st, struct buf *out)
{
	static const struct {
		enum status st;
		const char *text;
	} lines[] = {
	    {ST_NOT_FOUND, "[SYS/TEMP] The mailbox is not there"},
	    {ST_DENIED, "[SYS/PERM] That is not allowed"},
	    {ST_READONLY, "[SYS/TEMP] The mailbox takes no changes now"},
	    {ST_NO_SPACE, "[SYS/TEMP] The server's disk is full"},
	    {ST_CORRUPT,
		"[SYS/PERM] Stored mail is damaged, tell the provider"},
	    {ST_BUSY, "[SYS/TEMP] The server is busy"},
	};

	buf_addz(out, "-ERR ");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (lines[i].st == st) {
			buf_addf(out, "%s\r\n", lines[i].text);
			return;
		}
	buf_addz(out, "[SYS/TEMP] Not possible now, try again\r\n");
}

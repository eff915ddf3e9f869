#include "imap/capability.h"

#include "imap/cmd_table.h"

bool
imap_may_login(const struct imap *s)
{
	const struct peer *peer = s->host->peer;

	switch (s->host->config->cleartext) {
	case CLEARTEXT_ALWAYS:
		return true;
	case CLEARTEXT_LOOPBACK:
		if (peer->loopback)
			return true;
		break;
	case CLEARTEXT_NEVER:
		break;
	}
	return s->tls->on || peer->proxied_tls;
}

bool
imap_may_starttls(const struct imap *s)
{
	return s->host->config->starttls && !s->tls->on &&
	    !s->host->peer->proxied_tls;
}

bool
imap_may_bind(const struct imap *s)
{
	return s->tls->on && !s->host->peer->proxied_tls &&
	    (s->tls->exporter.n > 0 || s->tls->unique.n > 0 ||
		s->tls->endpoint.n > 0);
}

static void
write_auth(const struct imap *s, struct buf *out)
{
	if (imap_may_starttls(s))
		buf_addz(out, " STARTTLS");
	if (s->host->config->scram) {
		if (imap_may_bind(s))
			buf_addz(out, " AUTH=SCRAM-SHA-256-PLUS");
		buf_addz(out, " AUTH=SCRAM-SHA-256");
	}
	if (imap_may_login(s))
		buf_addz(out, " AUTH=PLAIN AUTH=LOGIN");
	else
		buf_addz(out, " LOGINDISABLED");
}

/*
 * A command that is there announces itself; what is a property of several
 * stands in the text here.
 */
void
imap_write_capabilities(const struct imap *s, struct buf *out)
{
	const struct imap_cmd *const *c;

	buf_addz(out, "IMAP4rev1 IMAP4rev2 LITERAL+");
	for (c = imap_cmds; *c; c++) {
		bool now =
		    ((*c)->states & s->state) != 0 || s->state != IMAP_NONAUTH;

		if ((*c)->capability && now && (*c)->states != IMAP_NONAUTH)
			buf_addf(out, " %s", (*c)->capability);
	}
	if (s->state == IMAP_NONAUTH) {
		buf_addz(out, " SASL-IR");
		write_auth(s, out);
	}
}

#include "imap/capability.h"

#include "imap/cmd_table.h"
#include "proto/secure.h"

bool
imap_may_login(const struct imap *s)
{
	return secure_may_plain(s->host, s->tls);
}

bool
imap_may_starttls(const struct imap *s)
{
	return secure_may_starttls(s->host, s->tls);
}

bool
imap_may_bind(const struct imap *s)
{
	return secure_may_bind(s->host, s->tls);
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

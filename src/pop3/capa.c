/* RFC 2449 5, RFC 6856, RFC 2595 4: CAPA, LANG, UTF8, STLS. */
#include "pop3/cmd_table.h"
#include "proto/secure.h"

enum pop3_step
pop3_capa(struct pop3 *s, struct buf *out)
{
	bool plain = secure_may_plain(s->host, s->tls);

	/* RFC 2449 5: these are the same before and after the login. */
	pop3_ok(out, "Capabilities follow");
	buf_addz(out,
	    "TOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\n"
	    "AUTH-RESP-CODE\r\n");
	if (plain)
		buf_addz(out, "USER\r\n");
	if (plain || s->host->config->scram) {
		buf_addz(out, "SASL");
		pop3_write_mechanisms(s, out, " ", "");
		buf_addz(out, "\r\n");
	}
	if (secure_may_starttls(s->host, s->tls))
		buf_addz(out, "STLS\r\n");
	/* Mail stays until its owner removes it. */
	buf_addz(out, "EXPIRE NEVER\r\n");
	buf_addf(out, "LOGIN-DELAY %u\r\n",
	    (unsigned)s->host->config->pop3_login_delay);
	buf_addz(out, "UTF8 USER\r\nLANG\r\n");
	buf_addz(out, "IMPLEMENTATION Mailstead\r\n.\r\n");
	return POP3_DONE;
}

/* RFC 6856 3.2: there is one language; the default one is English, too. */
enum pop3_step
pop3_lang(struct pop3 *s, struct buf *out)
{
	if (s->n_args == 0) {
		pop3_ok(out, "Languages follow");
		buf_addz(out, "en English\r\ni-default English\r\n.\r\n");
		return POP3_DONE;
	}
	if (str_eqi(s->args[0], S("en")) || str_starts(s->args[0], S("en-")) ||
	    str_eq(s->args[0], S("*"))) {
		pop3_ok(out, "en This is English");
		return POP3_DONE;
	}
	if (str_eqi(s->args[0], S("i-default"))) {
		pop3_ok(out, "i-default This is English");
		return POP3_DONE;
	}
	return pop3_err(out, NULL, "There is no such language here");
}

enum pop3_step
pop3_utf8(struct pop3 *s, struct buf *out)
{
	s->utf8 = true;
	pop3_ok(out, "UTF8 enabled");
	return POP3_DONE;
}

enum pop3_step
pop3_stls(struct pop3 *s, struct buf *out)
{
	if (!secure_may_starttls(s->host, s->tls))
		return pop3_err(out, NULL, "TLS cannot begin here");
	pop3_ok(out, "Begin TLS now");
	s->securing = true;
	s->want |= WANT_STARTTLS;
	return POP3_DONE;
}

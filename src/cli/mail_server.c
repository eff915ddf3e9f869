#include "cli/mail_server.h"

#include "base/base64.h"
#include "base/hex.h"

static const struct {
	struct str scheme;
	bool pop3, tls;
	struct str port;
} schemes[] = {
    {STR_INIT("imap"), false, false, STR_INIT("143")},
    {STR_INIT("imaps"), false, true, STR_INIT("993")},
    {STR_INIT("pop3"), true, false, STR_INIT("110")},
    {STR_INIT("pop3s"), true, true, STR_INIT("995")},
};

/* "%40" is "@": many user names are addresses. */
static bool
decode(struct str in, struct arena *a, struct str *out)
{
	char *p = ARENA_ARRAY(a, char, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		int high, low;

		if (in.p[i] != '%') {
			p[n++] = in.p[i];
			continue;
		}
		if (i + 2 >= in.n)
			return false;
		high = hex_digit(in.p[i + 1]);
		low = hex_digit(in.p[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return false;
		p[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*out = str_of(p, n);
	return true;
}

static size_t
last(struct str s, char c)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == c)
			return i;
	return SIZE_MAX;
}

static bool
host_and_port(struct str in, struct mail_server *m)
{
	size_t colon = last(in, ':'), bracket = str_find(in, ']');
	uint32_t port;

	if (in.n > 0 && in.p[0] == '[' && bracket != SIZE_MAX) {
		m->host = str_of(in.p + 1, bracket - 1);
		in = str_from_pos(in, bracket + 1);
		colon = in.n > 0 ? 0 : SIZE_MAX;
		if (in.n > 0 && in.p[0] != ':')
			return false;
	} else {
		m->host = str_first(in, colon);
	}
	if (colon != SIZE_MAX) {
		m->port = str_from_pos(in, colon + 1);
		if (!str_to_u32(m->port, &port) || port == 0 || port > 65535)
			return false;
	}
	return m->host.n > 0;
}

enum status
mail_server_parse(struct str url, struct arena *a, struct mail_server *out)
{
	struct mail_server m = {0};
	size_t colon = str_find(url, ':'), at;
	struct str scheme = str_first(url, colon), rest;

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_eqi(scheme, schemes[i].scheme)) {
			m.pop3 = schemes[i].pop3;
			m.tls = schemes[i].tls;
			m.port = schemes[i].port;
		}
	rest = str_from_pos(url, scheme.n);
	if (m.port.n == 0 || !str_starts(rest, S("://")))
		return ST_SYNTAX;
	rest = str_from_pos(rest, 3);
	if (str_ends(rest, S("/")))
		rest = str_first(rest, rest.n - 1);
	at = last(rest, '@');
	if (at == SIZE_MAX || at == 0 ||
	    !decode(str_first(rest, at), a, &m.user) ||
	    !host_and_port(str_from_pos(rest, at + 1), &m))
		return ST_SYNTAX;
	*out = m;
	return ST_OK;
}

enum status
mail_server_open(
    const struct mail_server *m, struct stream **out, struct buf *why)
{
	struct stream *s;
	enum status st = stream_open(m->host, m->port, &s, why);

	if (st == ST_OK && m->tls)
		st = stream_start_tls(s, m->unverified, why);
	else if (st != ST_OK)
		return st;
	if (st == ST_OK)
		*out = s;
	else
		stream_close(&s);
	return st;
}

enum status
mail_server_private(
    const struct mail_server *m, const struct stream *s, struct buf *why)
{
	if (stream_has_tls(s) || stream_is_loopback(s) || m->cleartext)
		return ST_OK;
	buf_addf(why,
	    STR_FMT " offers no TLS here: use imaps:// or pop3s://, or"
		    " --cleartext to send the password in the clear",
	    STR_ARG(m->host));
	return ST_DENIED;
}

void
mail_server_plain(const struct mail_server *m, struct buf *out)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_addc(&b, '\0');
	buf_adds(&b, m->user);
	buf_addc(&b, '\0');
	buf_adds(&b, m->password);
	base64_encode(buf_str(&b), out);
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_release(&b);
}

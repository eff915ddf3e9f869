/* RFC 2971 3.1:  id = "ID" SP id-params-list */
#include "imap/session.h"
#include "imap/write.h"

/* RFC 2971 3.3: at most 30 pairs. */
enum { ID_PAIRS = 30 };

struct id_args {
	struct str name, version;
};

/* id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil */
static bool
id_parse(struct imap_parse *p, void *args)
{
	struct id_args *a = args;
	struct str key, value;
	size_t n;

	if (!parse_sp(p))
		return false;
	if (parse_keyword(p, S("NIL")))
		return parse_crlf(p);
	if (!parse_char(p, '('))
		return false;
	for (n = 0; !parse_char(p, ')'); n++) {
		if (n == ID_PAIRS)
			return parse_fail(p, "At most 30 fields");
		if ((n > 0 && !parse_sp(p)) || !parse_string(p, &key) ||
		    !parse_sp(p) || !parse_nstring(p, &value))
			return false;
		if (str_eqi(key, S("name")))
			a->name = value;
		else if (str_eqi(key, S("version")))
			a->version = value;
	}
	return parse_crlf(p);
}

/* Only what can stand in a log line and in the history. */
static void
add_printable(struct buf *to, struct str s, size_t most)
{
	size_t i;

	for (i = 0; i < s.n && i < most; i++)
		if (s.p[i] >= ' ' && s.p[i] < 127)
			buf_addc(to, s.p[i]);
}

static enum imap_step
id_run(struct imap_call *call)
{
	const struct id_args *a = call->args;
	struct imap *s = call->s;

	if (a->name.n > 0) {
		buf_clear(&s->client);
		add_printable(&s->client, a->name, 120);
		if (a->version.n > 0)
			buf_addc(&s->client, '/');
		add_printable(&s->client, a->version, 40);
		s->origin.client = buf_str(&s->client);
	}
	buf_addz(call->out, "* ID (\"name\" \"Mailstead\")\r\n");
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_id = {
    .name = "ID",
    .rfc = "RFC 2971 3.1",
    .capability = "ID",
    .states = IMAP_ANY,
    .args_size = sizeof(struct id_args),
    .parse = id_parse,
    .run = id_run,
};

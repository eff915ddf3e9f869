#include "imap/write.h"

#include "base/date.h"
#include "base/mutf7.h"
#include "imap/parse.h"

enum { QUOTED_MAX = 1000 };

static bool
may_be_quoted(struct str s, bool utf8)
{
	size_t i;

	if (s.n > QUOTED_MAX)
		return false;
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\r' || c == '\n' || c == '\0' || (c >= 0x80 && !utf8))
			return false;
	}
	return true;
}

static void
write_quoted(struct buf *out, struct str s)
{
	size_t i, from = 0;

	buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '"' && s.p[i] != '\\')
			continue;
		buf_add(out, s.p + from, i - from);
		buf_addc(out, '\\');
		from = i;
	}
	buf_add(out, s.p + from, s.n - from);
	buf_addc(out, '"');
}

void
imap_write_literal_header(struct buf *out, uint64_t n, bool binary)
{
	buf_addz(out, binary ? "~{" : "{");
	buf_addu(out, n);
	buf_addz(out, "}\r\n");
}

void
imap_write_literal(struct buf *out, struct str s)
{
	imap_write_literal_header(out, s.n, false);
	buf_adds(out, s);
}

void
imap_write_string(struct buf *out, struct str s)
{
	if (may_be_quoted(s, false))
		write_quoted(out, s);
	else
		imap_write_literal(out, s);
}

void
imap_write_nstring(struct buf *out, struct str s)
{
	if (s.p)
		imap_write_string(out, s);
	else
		buf_addz(out, "NIL");
}

void
imap_write_astring(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!imap_is_atom_char((unsigned char)s.p[i]) && s.p[i] != ']')
			break;
	/* NIL would be read as no string at all by some. */
	if (s.n > 0 && i == s.n && !str_eqi(s, S("NIL")))
		buf_adds(out, s);
	else
		imap_write_string(out, s);
}

void
imap_write_mailbox(struct buf *out, struct str name, bool utf8)
{
	struct buf wire;

	if (utf8) {
		if (may_be_quoted(name, false))
			imap_write_astring(out, name);
		else if (may_be_quoted(name, true))
			write_quoted(out, name);
		else
			imap_write_literal(out, name);
		return;
	}
	/* A character of three bytes gives 16 bits, "&" and "-". */
	buf_init(&wire, name.n * 5 + 1);
	mutf7_encode(name, &wire);
	imap_write_astring(out, buf_str(&wire));
	buf_release(&wire);
}

void
imap_write_date_time(struct buf *out, int64_t utc_ms, int32_t zone_minutes)
{
	buf_addc(out, '"');
	date_write_imap((struct date){utc_ms, zone_minutes}, out);
	buf_addc(out, '"');
}

void
imap_write_flags(struct buf *out, const struct flagset *set, bool recent)
{
	buf_addc(out, '(');
	if (recent)
		buf_addz(out, set->text.n ? "\\Recent " : "\\Recent");
	buf_adds(out, set->text);
	buf_addc(out, ')');
}

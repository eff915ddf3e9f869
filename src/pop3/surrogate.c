#include "pop3/surrogate.h"

#include "auth/address.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "mime/address.h"
#include "mime/charset.h"
#include "mime/header.h"
#include "mime/words.h"

/* RFC 2047 2: 75 characters, "=?utf-8?B??=" being 12 of them. */
enum { WORD_BYTES = 45, TEXT_MAX = 16 * 1024 * 1024 };

static bool
is_ascii(struct str s)
{
	return utf8_ascii_run(s) == s.n;
}

/* One text as one or more encoded words, in lines of their own. */
static void
add_words(struct buf *out, struct str text)
{
	while (text.n > 0) {
		struct str part = utf8_clip(text, WORD_BYTES);

		buf_addz(out, "=?utf-8?B?");
		base64_encode(part, out);
		buf_addz(out, "?=");
		text = str_from_pos(text, part.n);
		if (text.n > 0)
			buf_addz(out, "\r\n ");
	}
}

static bool
is_break(char c, bool quotes)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' ||
	    (quotes && c == '"');
}

/* Up to the next break. */
static size_t
word_of(struct str s, bool quotes)
{
	size_t n = 0;

	while (n < s.n && !is_break(s.p[n], quotes))
		n++;
	return n;
}

/*
 * Words that are not ASCII become encoded ones; several behind each other are
 * one text, because white space between encoded words is not shown.
 */
static void
add_text(struct buf *out, struct str text, bool quotes)
{
	while (text.n > 0) {
		size_t n = word_of(text, quotes), end = 0, at = n;

		if (n == 0) {
			buf_addc(out, text.p[0]);
			text = str_from_pos(text, 1);
			continue;
		}
		while (!is_ascii(str_of(text.p + at - n, n))) {
			end = at;
			while (at < text.n && is_break(text.p[at], false))
				at++;
			n = word_of(str_from_pos(text, at), quotes);
			if (n == 0)
				break;
			at += n;
		}
		if (end > 0)
			add_words(out, str_first(text, end));
		else
			buf_add(out, text.p, end = n);
		text = str_from_pos(text, end);
	}
}

static void
add_name(struct buf *out, struct str name)
{
	size_t i;

	if (!is_ascii(name)) {
		add_words(out, name);
		return;
	}
	buf_addc(out, '"');
	for (i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, name.p[i]);
	}
	buf_addc(out, '"');
}

/* Its host as A-labels; where the local part is not ASCII, a group of nobody
 * that shows it (RFC 6857 3.1.8). */
static void
add_mailbox(struct buf *out, const struct address *x, struct arena *a)
{
	struct str host = x->host, shown;

	if (!is_ascii(host) && domain_normal(host, a, &host) != ST_OK)
		host = x->host;
	if (is_ascii(x->mailbox) && is_ascii(host)) {
		if (x->has_name) {
			add_name(out, x->name);
			buf_addc(out, ' ');
		}
		buf_addf(out, "<" STR_FMT, STR_ARG(x->mailbox));
		if (host.n > 0)
			buf_addf(out, "@" STR_FMT, STR_ARG(host));
		buf_addc(out, '>');
		return;
	}
	shown =
	    arena_printf(a, STR_FMT "%s" STR_FMT "@" STR_FMT, STR_ARG(x->name),
		x->has_name ? " " : "", STR_ARG(x->mailbox), STR_ARG(x->host));
	add_words(out, shown);
	buf_addz(out, " :;");
}

static void
add_addresses(struct buf *out, struct str value, struct arena *a)
{
	struct address_list list = {.rest = value};
	bool first = true, in_group = false;
	struct address x;
	struct buf name;

	while (address_next(&list, a, &x)) {
		if (x.kind == ADDRESS_GROUP_END) {
			buf_addc(out, ';');
			in_group = false;
			continue;
		}
		if (!first)
			buf_addz(out, ",\r\n ");
		first = x.kind == ADDRESS_GROUP;
		/* Encoded words there were are read, and written anew. */
		buf_init(&name, TEXT_MAX);
		words_decode(x.name, &name);
		x.name = arena_str(a, buf_str(&name));
		buf_release(&name);
		if (x.kind == ADDRESS_GROUP) {
			add_name(out, x.name);
			buf_addc(out, ':');
			in_group = true;
		} else {
			add_mailbox(out, &x, a);
		}
	}
	if (in_group)
		buf_addc(out, ';');
}

static bool
is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_eqi(name, str_from(*names)))
			return true;
	return false;
}

static void
add_field(struct buf *out, const struct header_field *f, struct arena *a)
{
	static const char *const addresses[] = {"From", "Sender", "Reply-To",
	    "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To",
	    "Resent-Cc", "Resent-Bcc", NULL};
	static const char *const ids[] = {"Message-ID", "In-Reply-To",
	    "References", "Resent-Message-ID", NULL};
	static const char *const parameters[] = {
	    "Content-Type", "Content-Disposition", NULL};
	struct buf text, flat;
	struct str value;

	buf_init(&text, TEXT_MAX);
	buf_init(&flat, TEXT_MAX);
	header_unfold(f->value, &flat);
	charset_to_utf8(S(""), buf_str(&flat), &text);
	value = buf_str(&text);
	/* An identifier that is another one must not be taken for it. */
	if (is_one_of(f->name, ids))
		buf_addz(out, "Downgraded-");
	charset_to_utf8(S("US-ASCII"), f->name, out);
	buf_addz(out, ": ");
	if (is_one_of(f->name, addresses))
		add_addresses(out, value, a);
	else
		add_text(out, value, is_one_of(f->name, parameters));
	buf_addz(out, "\r\n");
	buf_release(&text);
	buf_release(&flat);
}

void
pop3_surrogate(struct str header, struct arena *a, struct buf *out)
{
	struct str rest = header, before = header;
	struct header_field f;

	while (header_next(&rest, &f)) {
		/* Lines that are no field stand between fields. */
		struct str skipped =
		    str_of(before.p, (size_t)(f.raw.p - before.p));

		if (is_ascii(skipped))
			buf_adds(out, skipped);
		if (is_ascii(f.raw))
			buf_adds(out, f.raw);
		else if (is_ascii(f.name))
			add_field(out, &f, a);
		before = rest;
	}
	if (is_ascii(before))
		buf_adds(out, before);
	else
		buf_addz(out, "\r\n");
}

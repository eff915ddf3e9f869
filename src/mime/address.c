#include "mime/address.h"

#include "mime/lex.h"

/* What has been read of one address so far. */
struct words {
	struct buf phrase; /* words with single spaces between: a name */
	struct buf local; /* the same without those around dots: a local part */
	bool any;
	bool quoted; /* a quoted string was among them: even "" is a name */
};

/*
 * Words up to a special that ends them. Whether they are a name or a local
 * part shows only behind them, so both readings are kept.
 */
static void
read_words(struct str *s, struct words *w, struct str *comment)
{
	while (s->n) {
		bool space = lex_cfws(s, comment);

		if (!s->n || lex_in(*s, "<>@,:;"))
			return;
		if (w->any && space) {
			bool dot =
			    w->local.n && w->local.p[w->local.n - 1] == '.';

			buf_addc(&w->phrase, ' ');
			if (!dot && !lex_at(*s, '.'))
				buf_addc(&w->local, ' ');
		}
		w->any = true;
		if (lex_at(*s, '"')) {
			size_t from = w->phrase.n;

			w->quoted = true;
			lex_quoted(s, &w->phrase);
			buf_add(&w->local,
			    w->phrase.p ? w->phrase.p + from : "",
			    w->phrase.n - from);
		} else {
			struct str word = lex_until(s, "<>@,:;\"()");

			/* A lone ')' must not stop us for ever. */
			if (word.n == 0) {
				word = str_first(*s, 1);
				*s = str_from_pos(*s, 1);
			}
			buf_adds(&w->phrase, word);
			buf_adds(&w->local, word);
		}
	}
}

/* A domain or a [literal]. */
static void
read_domain(struct str *s, struct buf *out, struct str *comment)
{
	for (;;) {
		(void)lex_cfws(s, comment);
		if (lex_at(*s, '[')) {
			size_t end = str_find(*s, ']');
			struct str lit =
			    str_first(*s, end == SIZE_MAX ? s->n : end + 1);

			buf_adds(out, lit);
			*s = str_from_pos(*s, lit.n);
			return;
		}
		buf_adds(out, lex_until(s, "<>@,:;\"()"));
		/* Obsolete: space around the dots of a domain. */
		struct str at = *s;
		bool dot = out->n && out->p[out->n - 1] == '.';

		(void)lex_cfws(&at, NULL);
		if (!at.n || at.n == s->n || (!dot && !lex_at(at, '.')) ||
		    lex_in(at, "<>@,:;\""))
			return;
		*s = at;
	}
}

/*
 * At the '@' behind a local part. Of "a@b@c" only the last part is a domain:
 * so mail servers read it.
 */
static void
read_at(struct str *s, struct buf *local, struct buf *host, struct str *comment)
{
	while (lex_at(*s, '@')) {
		if (host->n) {
			buf_addc(local, '@');
			buf_adds(local, buf_str(host));
			buf_clear(host);
		}
		*s = str_from_pos(*s, 1);
		read_domain(s, host, comment);
		(void)lex_cfws(s, comment);
	}
}

/* Behind the '<': [route ":"] local-part "@" domain ">". */
static void
read_angle(struct str *s, struct address *out, struct arena *a)
{
	struct words w = {0};
	struct buf host, route;
	struct str none;

	buf_init(&w.phrase, SIZE_MAX);
	buf_init(&w.local, SIZE_MAX);
	buf_init(&host, SIZE_MAX);
	buf_init(&route, SIZE_MAX);
	(void)lex_cfws(s, &none);
	while (lex_at(*s, '@') || lex_at(*s, ',')) {
		buf_addc(&route, s->p[0]);
		*s = str_from_pos(*s, 1);
		(void)lex_cfws(s, &none);
		if (!lex_at(*s, '@') && !lex_at(*s, ','))
			read_domain(s, &route, &none);
		(void)lex_cfws(s, &none);
	}
	if (lex_at(*s, ':') && route.n) {
		*s = str_from_pos(*s, 1);
		out->route = arena_str(a, buf_str(&route));
	} else if (route.n > 1) {
		/* "<@example.com>": no route, a missing local part. */
		buf_add(&host, route.p + 1, route.n - 1);
	}
	read_words(s, &w, &none);
	read_at(s, &w.local, &host, &none);
	out->mailbox = arena_str(a, buf_str(&w.local));
	out->host = arena_str(a, buf_str(&host));
	(void)lex_until(s, ">,;");
	(void)lex_cfws(s, &none);
	/* Text before the '>' that is no address is dropped with it. */
	if (!lex_at(*s, '>') && str_find(*s, '>') < str_find(*s, ','))
		*s = str_from_pos(*s, str_find(*s, '>'));
	if (lex_at(*s, '>'))
		*s = str_from_pos(*s, 1);
	buf_release(&w.phrase);
	buf_release(&w.local);
	buf_release(&host);
	buf_release(&route);
}

static void
set_name(struct address *out, struct arena *a, struct str name, bool has)
{
	out->has_name = has;
	out->name = arena_str(a, name);
}

/* One address or group start, at a byte that is no separator. */
static void
read_one(struct address_list *l, struct arena *a, struct words *w,
    struct address *out)
{
	struct str *s = &l->rest, comment = S("");
	struct buf name;

	read_words(s, w, &comment);
	if (lex_at(*s, ':') && !l->in_group) {
		*s = str_from_pos(*s, 1);
		out->kind = ADDRESS_GROUP;
		l->in_group = true;
		set_name(out, a, buf_str(&w->phrase), true);
		return;
	}
	if (lex_at(*s, '@')) {
		struct buf host;

		buf_init(&host, SIZE_MAX);
		read_at(s, &w->local, &host, &comment);
		out->mailbox = arena_str(a, buf_str(&w->local));
		out->host = arena_str(a, buf_str(&host));
		buf_release(&host);
		/* "a@b <a@b>", unquoted: what came first is the name. */
		if (lex_at(*s, '<')) {
			buf_addc(&w->phrase, '@');
			buf_adds(&w->phrase, out->host);
			w->any = true;
		}
	} else if (!lex_at(*s, '<')) {
		out->mailbox = arena_str(a, buf_str(&w->local));
	}
	if (lex_at(*s, '<')) {
		*s = str_from_pos(*s, 1);
		read_angle(s, out, a);
		(void)lex_cfws(s, &comment);
		if (w->any) {
			set_name(out, a, buf_str(&w->phrase), w->any);
			return;
		}
	}
	if (comment.n) {
		buf_init(&name, SIZE_MAX);
		for (size_t i = 0; i < comment.n; i++) {
			if (comment.p[i] == '\r' || comment.p[i] == '\n')
				continue;
			if (comment.p[i] == '\\' && i + 1 < comment.n)
				i++;
			buf_addc(&name, comment.p[i]);
		}
		set_name(out, a, str_trim(buf_str(&name)), true);
		buf_release(&name);
	}
}

bool
address_next(struct address_list *l, struct arena *a, struct address *out)
{
	struct str *s = &l->rest;
	struct words w = {0};

	*out = (struct address){
	    .name = S(""), .route = S(""), .mailbox = S(""), .host = S("")};
	for (;;) {
		struct str comment;
		char c;

		(void)lex_cfws(s, &comment);
		c = s->n ? s->p[0] : ';';
		if (s->n && c != ';' && c != ',' && c != '>' &&
		    !(c == ':' && l->in_group))
			break;
		if (c == ';' && l->in_group) {
			*s = str_from_pos(*s, 1);
			l->in_group = false;
			out->kind = ADDRESS_GROUP_END;
			return true;
		}
		if (s->n == 0)
			return false;
		*s = str_from_pos(*s, 1);
	}
	buf_init(&w.phrase, SIZE_MAX);
	buf_init(&w.local, SIZE_MAX);
	read_one(l, a, &w, out);
	buf_release(&w.phrase);
	buf_release(&w.local);
	return true;
}

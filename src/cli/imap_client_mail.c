/* Folders, and the messages in them. */
#include "base/mutf7.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cli/imap_client_int.h"
#include "store/change.h"

enum { MESSAGE_FLAGS = 256 };

/* --- folders --- */

struct folders {
	struct arena *a;
	struct imap_folder *list;
	size_t n_list, cap_list;
	struct str prefix;      /* of the personal namespace, "INBOX." */
	struct str foreign[16]; /* of the others */
	size_t n_foreign;
	bool subscriptions; /* the answers of LSUB */
};

/* One of the three lists of NAMESPACE: ((prefix delimiter ...) ...) or NIL. */
static bool
namespaces(struct folders *f, struct str *in, bool personal)
{
	struct str prefix;

	if (imap_answer_word(in, S("NIL")))
		return true;
	if (!imap_answer_word(in, S("(")))
		return false;
	for (bool first = true; !imap_answer_word(in, S(")")); first = false) {
		if (!imap_answer_word(in, S("(")) ||
		    !imap_answer_string(in, f->a, &prefix))
			return false;
		prefix = arena_str(f->a, prefix);
		if (personal && first)
			f->prefix = prefix;
		else if (prefix.n > 0 && f->n_foreign < ARRAY_LEN(f->foreign))
			f->foreign[f->n_foreign++] = prefix;
		while (!imap_answer_word(in, S(")")))
			if (!imap_answer_space(in) || !imap_answer_skip(in))
				return false;
	}
	return true;
}

static enum status
on_namespace(struct imap_client *c UNUSED, void *ctx, struct str response)
{
	struct folders *f = ctx;

	if (!imap_answer_word(&response, S("NAMESPACE ")))
		return ST_OK;
	return namespaces(f, &response, true) && imap_answer_space(&response) &&
		namespaces(f, &response, false) &&
		imap_answer_space(&response) && namespaces(f, &response, false)
	    ? ST_OK
	    : ST_SYNTAX;
}

static const struct {
	struct str name;
	unsigned use;
} uses[] = {
    {STR_INIT("\\Archive"), USE_ARCHIVE},
    {STR_INIT("\\Drafts"), USE_DRAFTS},
    {STR_INIT("\\Junk"), USE_JUNK},
    {STR_INIT("\\Sent"), USE_SENT},
    {STR_INIT("\\Trash"), USE_TRASH},
};

static void
attributes(struct imap_folder *f, struct str words)
{
	f->selectable = true;
	while (words.n > 0) {
		struct str word = str_cut(&words, ' ');

		if (str_eqi(word, S("\\Noselect")) ||
		    str_eqi(word, S("\\NonExistent")))
			f->selectable = false;
		if (str_eqi(word, S("\\Subscribed")))
			f->subscribed = true;
		for (size_t i = 0; i < ARRAY_LEN(uses); i++)
			if (str_eqi(word, uses[i].name))
				f->special_use |= uses[i].use;
	}
}

/* Our name for it: no prefix, '/' between levels and nowhere else. */
static struct str
our_name(struct folders *f, struct str wire, char delimiter)
{
	struct str name = wire, out;
	struct buf b;
	char *p;

	if (f->prefix.n > 0 && str_startsi(wire, f->prefix) &&
	    wire.n > f->prefix.n)
		name = str_from_pos(wire, f->prefix.n);
	buf_init(&b, name.n * 2 + 8);
	if (!mutf7_decode(name, &b) || !utf8_valid(buf_str(&b))) {
		buf_clear(&b);
		buf_adds(&b, name); /* as it is: better than not at all */
	}
	out = arena_str(f->a, buf_str(&b));
	buf_release(&b);
	p = ARENA_ARRAY(f->a, char, out.n + 1);
	for (size_t i = 0; i < out.n; i++) {
		char ch = out.p[i];

		if (delimiter && ch == delimiter)
			p[i] = '/';
		else if (ch == '/' || (unsigned char)ch < ' ' || ch == 0x7f)
			p[i] = '_';
		else
			p[i] = ch;
	}
	return str_of(p, out.n);
}

static bool
is_foreign(const struct folders *f, struct str wire)
{
	for (size_t i = 0; i < f->n_foreign; i++)
		if (str_starts(wire, f->foreign[i]))
			return true;
	return false;
}

static void
note_subscribed(struct folders *f, struct str wire)
{
	for (size_t i = 0; i < f->n_list; i++)
		if (str_eq(f->list[i].wire, wire))
			f->list[i].subscribed = true;
}

/* LIST (attributes) "delimiter" name */
static enum status
on_list(struct imap_client *c UNUSED, void *ctx, struct str in)
{
	struct folders *f = ctx;
	struct imap_folder one = {0};
	struct str words, delimiter;

	if (!imap_answer_word(&in, f->subscriptions ? S("LSUB ") : S("LIST ")))
		return ST_OK;
	if (!imap_answer_list(&in, &words) || !imap_answer_space(&in) ||
	    !imap_answer_string(&in, f->a, &delimiter) ||
	    !imap_answer_space(&in) ||
	    !imap_answer_string(&in, f->a, &one.wire))
		return ST_SYNTAX;
	if (f->subscriptions) {
		note_subscribed(f, one.wire);
		return ST_OK;
	}
	if (is_foreign(f, one.wire) || one.wire.n == 0)
		return ST_OK;
	if (f->n_list >= IMAP_CLIENT_FOLDERS)
		return ST_LIMIT;
	one.wire = arena_str(f->a, one.wire);
	one.name =
	    our_name(f, one.wire, delimiter.n == 1 ? delimiter.p[0] : '\0');
	if (str_eqi(one.wire, S("INBOX")))
		one.name = S("INBOX");
	attributes(&one, words);
	*VEC_ADD(f, list) = one;
	return ST_OK;
}

enum status
imap_client_folders(struct imap_client *c, struct arena *a,
    struct imap_folder **out, size_t *n_out)
{
	struct folders f = {.a = a};
	bool extended = (c->can & CAN_LIST_EXTENDED) != 0;
	enum status st = ST_OK;

	if (c->can & CAN_NAMESPACE)
		st = imap_client_command(c, S("NAMESPACE"), on_namespace, &f);
	if (st == ST_OK && extended && (c->can & CAN_SPECIAL_USE))
		st = imap_client_command(c,
		    S("LIST \"\" \"*\" RETURN (SPECIAL-USE SUBSCRIBED)"),
		    on_list, &f);
	else if (st == ST_OK)
		st = imap_client_command(c, S("LIST \"\" \"*\""), on_list, &f);
	if (st == ST_OK && !(extended && (c->can & CAN_SPECIAL_USE))) {
		f.subscriptions = true;
		st = imap_client_command(c, S("LSUB \"\" \"*\""), on_list, &f);
	}
	*out = ARENA_ARRAY(a, struct imap_folder, f.n_list + 1);
	if (f.n_list > 0)
		memcpy(*out, f.list, f.n_list * sizeof(*f.list));
	*n_out = f.n_list;
	free(f.list);
	return st;
}

static enum status
on_examine(struct imap_client *c UNUSED, void *ctx, struct str in)
{
	struct imap_examined *e = ctx;
	struct str atom;

	if (imap_answer_word(&in, S("OK [UIDVALIDITY "))) {
		atom = str_first(in, str_find(in, ']'));
		return str_to_u32(atom, &e->uidvalidity) ? ST_OK : ST_SYNTAX;
	}
	if (imap_answer_atom(&in, &atom) && str_eqi(in, S(" EXISTS")))
		return str_to_u32(atom, &e->messages) ? ST_OK : ST_SYNTAX;
	return ST_OK;
}

enum status
imap_client_examine(
    struct imap_client *c, struct str wire, struct imap_examined *out)
{
	struct imap_examined e = {0};
	enum status st = ST_INVALID;
	struct buf b;

	buf_init(&b, 64 * 1024);
	buf_addz(&b, "EXAMINE ");
	if (imap_client_quote(wire, &b))
		st = imap_client_command(c, buf_str(&b), on_examine, &e);
	buf_release(&b);
	if (st == ST_OK)
		*out = e;
	return st;
}

/* --- messages --- */

static void
add_flag(struct str word, unsigned *bits, struct str *keywords, size_t *n)
{
	static const struct str system[] = {STR_INIT("\\Seen"),
	    STR_INIT("\\Answered"), STR_INIT("\\Flagged"),
	    STR_INIT("\\Deleted"), STR_INIT("\\Draft")};

	for (size_t i = 0; i < ARRAY_LEN(system); i++)
		if (str_eqi(word, system[i]))
			*bits |= 1u << i;
	if (word.n == 0 || word.p[0] == '\\') /* \Recent, or unknown */
		return;
	for (size_t i = 0; i < *n; i++)
		if (str_eqi(word, keywords[i]))
			return;
	if (*n < MESSAGE_FLAGS)
		keywords[(*n)++] = word;
}

static void
flags(struct str words, struct arena *a, struct flags *out)
{
	struct str *keywords = ARENA_ARRAY(a, struct str, MESSAGE_FLAGS);
	unsigned bits = 0;
	size_t n = 0;

	while (words.n > 0)
		add_flag(str_cut(&words, ' '), &bits, keywords, &n);
	*out = (struct flags){bits, keywords, n};
}

struct fetch {
	struct arena a;
	enum status (*fn)(void *ctx, const struct imap_message *m);
	const struct imap_sink *sink;
	void *ctx;
};

/* One item of a FETCH response. */
static bool
item(struct fetch *f, struct str *in, struct imap_message *m, struct str *body)
{
	struct str name, value;

	if (!imap_answer_atom(in, &name) || !imap_answer_space(in))
		return false;
	if (str_eqi(name, S("UID")))
		return imap_answer_atom(in, &value) &&
		    str_to_u32(value, &m->uid);
	if (str_eqi(name, S("FLAGS"))) {
		if (!imap_answer_list(in, &value))
			return false;
		flags(value, &f->a, &m->flags);
		return true;
	}
	if (str_eqi(name, S("INTERNALDATE"))) {
		if (!imap_answer_string(in, &f->a, &value))
			return false;
		m->dated = date_parse_imap(value, &m->date) == ST_OK;
		return true;
	}
	if (str_eqi(name, S("BODY[]"))) {
		body->p = in->p;
		if (str_startsi(*in, S("NIL"))) /* it cannot be given */
			return imap_answer_skip(in);
		return imap_answer_string(in, &f->a, body);
	}
	return imap_answer_skip(in);
}

static enum status
sink_message(struct imap_client *c, struct fetch *f,
    const struct imap_message *m, struct str body)
{
	enum status st = ST_OK;

	if (!c->streamed) { /* a short one came as a quoted string */
		st = f->sink->begin(f->sink->ctx);
		if (st == ST_OK && body.n > 0)
			st = f->sink->bytes(f->sink->ctx, body);
	}
	return st == ST_OK ? f->sink->end(f->sink->ctx, m) : st;
}

/* "12 FETCH (UID 7 FLAGS (\Seen) ...)" */
static enum status
on_fetch(struct imap_client *c, void *ctx, struct str in)
{
	struct fetch *f = ctx;
	struct imap_message m = {0};
	struct str number, body = {0};
	enum status st = ST_OK;

	if (!imap_answer_atom(&in, &number) ||
	    !imap_answer_word(&in, S(" FETCH (")))
		return ST_OK;
	arena_reset(&f->a);
	while (!imap_answer_word(&in, S(")")))
		if (!item(f, &in, &m, &body) ||
		    (!imap_answer_space(&in) && !str_starts(in, S(")"))))
			return ST_SYNTAX;
	if (f->sink && m.uid > 0 && (c->streamed || body.n > 0))
		st = sink_message(c, f, &m, body);
	else if (!f->sink && m.uid > 0)
		st = f->fn(f->ctx, &m);
	return st;
}

enum status
imap_client_list(struct imap_client *c,
    enum status (*fn)(void *ctx, const struct imap_message *m), void *ctx)
{
	struct fetch f = {.fn = fn, .ctx = ctx};
	enum status st;

	st = imap_client_command(
	    c, S("UID FETCH 1:* (UID FLAGS)"), on_fetch, &f);
	arena_release(&f.a);
	return st;
}

enum status
imap_client_fetch(
    struct imap_client *c, struct str set, const struct imap_sink *sink)
{
	struct fetch f = {.sink = sink};
	enum status st;
	struct buf b;

	buf_init(&b, 64 * 1024);
	buf_addf(&b,
	    "UID FETCH " STR_FMT " (UID FLAGS INTERNALDATE BODY.PEEK[])",
	    STR_ARG(set));
	c->sink = sink;
	st = buf_full(&b) ? ST_LIMIT
			  : imap_client_command(c, buf_str(&b), on_fetch, &f);
	c->sink = NULL;
	buf_release(&b);
	arena_release(&f.a);
	return st;
}

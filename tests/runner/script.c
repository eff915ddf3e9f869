#include "script.h"

static bool
is_indented(struct str line)
{
	return str_starts(line, S("\t")) || str_starts(line, S("    "));
}

static struct str
unindent(struct str line)
{
	return str_from_pos(line, line.p[0] == '\t' ? 1 : 4);
}

static struct str
peek_line(struct str rest)
{
	return str_cut(&rest, '\n');
}

/* A line that ends with a backslash goes without it and without CRLF. */
static void
add_block_line(struct str line, struct buf *out)
{
	if (str_ends(line, S("\\"))) {
		buf_adds(out, str_first(line, line.n - 1));
		return;
	}
	buf_adds(out, line);
	buf_addz(out, "\r\n");
}

/*
 * An indented block: each line with CRLF. Empty lines belong to it when more
 * of the block follows.
 */
static void
take_block(struct str *rest, int *line, struct buf *out)
{
	unsigned empty = 0;

	while (rest->n > 0) {
		struct str next = peek_line(*rest);

		if (next.n == 0) {
			struct str after = *rest;

			/* Look behind all empty lines. */
			empty = 0;
			while (after.n > 0 && peek_line(after).n == 0) {
				(void)str_cut(&after, '\n');
				empty++;
			}
			if (!is_indented(peek_line(after)))
				return;
			*rest = after;
			*line += (int)empty;
			while (empty-- > 0)
				buf_addz(out, "\r\n");
			continue;
		}
		if (!is_indented(next))
			return;
		add_block_line(unindent(next), out);
		(void)str_cut(rest, '\n');
		++*line;
	}
}

/* "{}" or "{+}" at the end of a line, "~" in front inclusive. */
static bool
cut_braces(struct str *text, bool *sync)
{
	*sync = true;
	if (str_ends(*text, S("{}"))) {
		text->n -= 2;
		return true;
	}
	if (str_ends(*text, S("{+}"))) {
		text->n -= 3;
		*sync = false;
		return true;
	}
	return false;
}

/* The whole of what one side says: lines, literals, and what follows them. */
static struct str
take_text(struct script *s, struct str first, bool client, struct str *rest,
    int *line)
{
	struct buf out, block;
	struct str text = first, again = client ? S("C>") : S("S>");
	bool sync;

	buf_init(&out, 1 << 24);
	while (cut_braces(&text, &sync)) {
		buf_adds(&out, text);
		buf_init(&block, 1 << 24);
		take_block(rest, line, &block);
		buf_addf(&out, "{%zu%s}\r\n", block.n, sync ? "" : "+");
		buf_adds(&out, buf_str(&block));
		buf_release(&block);
		text = S("");
		if (!str_starts(*rest, again))
			break;
		text = str_from_pos(str_cut(rest, '\n'), 2);
		++*line;
	}
	buf_adds(&out, text);
	if (client)
		buf_addz(&out, "\r\n");
	text = arena_str(&s->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static struct step *
add(struct script *s, enum step_kind kind, unsigned connection, struct str text,
    int line)
{
	struct step *step = VEC_ADD(s, steps);

	step->kind = kind;
	step->connection = connection;
	step->text = text;
	step->line = line;
	return step;
}

static bool
fail(struct script *s, int line, const char *why)
{
	s->error = why;
	s->error_line = line;
	return false;
}

/* \r \n \0 \\ and nothing added. */
static struct str
unescape(struct script *s, struct str l)
{
	static const char from[] = "rn0\\", to[] = "\r\n\0\\";
	char *out = arena_z(&s->arena, l);
	const char *at;
	size_t i, n = 0;

	for (i = 0; i < l.n; i++) {
		at = l.p[i] == '\\' && i + 1 < l.n
		    ? memchr(from, l.p[i + 1], sizeof(from) - 1)
		    : NULL;
		out[n++] = at ? to[at - from] : l.p[i];
		i += at != NULL;
	}
	return str_of(out, n);
}

static bool
parse_said(struct script *s, struct str l, struct str *rest, int *line)
{
	int at = *line;
	unsigned connection = 1;
	enum step_kind kind;
	bool client, more, raw;
	struct str text;

	if (l.p[0] >= '1' && l.p[0] <= '9') {
		connection = (unsigned)(l.p[0] - '0');
		l = str_from_pos(l, 1);
	}
	if (l.n < 2)
		return fail(s, at, "Not a line of a transcript");
	more = str_starts(l, S("C>"));
	raw = str_starts(l, S("C="));
	client = more || raw || str_starts(l, S("C:"));
	if (client)
		kind = STEP_CLIENT;
	else if (str_starts(l, S("S:")))
		kind = STEP_SERVER;
	else if (str_starts(l, S("S~")))
		kind = STEP_GROUP;
	else if (str_starts(l, S("S!")))
		kind = STEP_NEVER;
	else
		return fail(s, at, "Not a line of a transcript");
	l = str_from_pos(l, 2);
	if (l.n > 0 && l.p[0] == ' ')
		l = str_from_pos(l, 1);
	text = raw ? unescape(s, l) : take_text(s, l, client, rest, line);
	if (client && s->more.n > 0)
		text = arena_printf(&s->arena, STR_FMT STR_FMT,
		    STR_ARG(s->more), STR_ARG(text));
	s->more = more ? text : S("");
	if (!more)
		add(s, kind, connection, text, at);
	return true;
}

bool
script_parse(struct str text, struct script *out)
{
	struct str rest = text, l;
	int line = 0;

	*out = (struct script){0};
	while (rest.n > 0) {
		l = str_cut(&rest, '\n');
		line++;
		if (l.n == 0 || l.p[0] == '#')
			continue;
		if (str_starts(l, S("-- ")))
			add(out, STEP_DIRECTIVE, 1,
			    str_trim(str_from_pos(l, 3)), line);
		else if (str_starts(l, S("@account ")))
			add(out, STEP_ACCOUNT, 1, str_trim(str_from_pos(l, 9)),
			    line);
		else if (str_starts(l, S("@covers")))
			continue;
		else if (str_starts(l, S("@")))
			add(out, STEP_OPTION, 1, str_trim(str_from_pos(l, 1)),
			    line);
		else if (!parse_said(out, l, &rest, &line))
			return false;
	}
	return true;
}

void
script_release(struct script *s)
{
	free(s->steps);
	arena_release(&s->arena);
}

size_t
script_announcement(struct str bytes, bool *waits, size_t *literal)
{
	size_t at = 0, end, open;
	struct str line;
	uint32_t n;

	*waits = false;
	while ((end = str_find(str_from_pos(bytes, at), '\n')) != SIZE_MAX) {
		line = str_trim(str_of(bytes.p + at, end));
		at += end + 1;
		if (!str_ends(line, S("}")))
			continue;
		for (open = line.n - 1; open > 0 && line.p[open] != '{';)
			open--;
		if (line.p[open] != '{')
			continue;
		line = str_of(line.p + open + 1, line.n - open - 2);
		if (str_ends(line, S("+"))) {
			line.n--;
			if (str_to_u32(line, &n))
				at += min_size(n, bytes.n - at);
		} else if (str_to_u32(line, &n)) {
			*waits = true;
			*literal = n;
			return at;
		}
	}
	return bytes.n;
}

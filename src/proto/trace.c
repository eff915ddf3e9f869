#include "proto/trace.h"

enum { LINE_MAX_BYTES = 8 * 1024, RECORD_MAX = 4 * 1024 * 1024 };

void
trace_begin(struct trace *t, const struct clock *clock,
    void (*write)(void *ctx, struct str text), void *ctx)
{
	*t = (struct trace){.clock = clock,
	    .write = write,
	    .ctx = ctx,
	    .begun_ms = clock_mono(clock)};
	buf_init(&t->line, LINE_MAX_BYTES);
}

static void
escape(struct str s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\r')
			buf_addz(out, "\\r");
		else if (c == '\n')
			buf_addz(out, "\\n");
		else if (c == '\\')
			buf_addz(out, "\\\\");
		else if (c < ' ' || c >= 0x7f)
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
}

static void
record(struct trace *t, char who, struct str text)
{
	int64_t ms = clock_mono(t->clock) - t->begun_ms;
	struct buf b;

	if (t->written >= TRACE_MAX)
		return;
	buf_init(&b, RECORD_MAX);
	buf_addf(
	    &b, "%c %lld.%03d ", who, (long long)(ms / 1000), (int)(ms % 1000));
	escape(text, &b);
	buf_addc(&b, '\n');
	t->written += b.n;
	if (t->written >= TRACE_MAX)
		buf_addz(&b, "# the rest is too much\n");
	t->write(t->ctx, buf_str(&b));
	buf_release(&b);
}

static bool
is_one(struct str word, const struct str *words, size_t n)
{
	while (n > 0)
		if (str_eqi(str_trim(word), words[--n]))
			return true;
	return false;
}

/*
 * "a1 LOGIN", "PASS": behind a tag or not. *goes_on_out: the next line belongs
 * to it, because a literal is announced or a response asked for.
 */
static bool
is_secret(struct str line, bool *goes_on_out)
{
	static const struct str words[] = {STR_INIT("AUTHENTICATE"),
	    STR_INIT("AUTH"), STR_INIT("LOGIN"), STR_INIT("PASS")};
	struct str rest = line, first = str_cut(&rest, ' ');
	struct str second = str_cut(&rest, ' ');
	bool tagged = !is_one(first, words, ARRAY_LEN(words));

	*goes_on_out = str_ends(str_trim(line), S("}"));
	if (tagged && !is_one(second, words, ARRAY_LEN(words)))
		return false;
	/* AUTH mechanism, without an initial response */
	if (is_one(tagged ? second : first, words, 2))
		*goes_on_out |=
		    tagged ? str_find(rest, ' ') == SIZE_MAX : rest.n == 0;
	return true;
}

static void
line_done(struct trace *t)
{
	struct str line = buf_str(&t->line);
	bool goes_on, secret = is_secret(line, &goes_on) || t->secret;

	record(t, 'C', secret ? S("[blanked]\r\n") : line);
	/* One that is longer than a record is one secret all the same. */
	t->secret = secret && (goes_on || line.p[line.n - 1] != '\n');
	explicit_bzero(t->line.p, t->line.n);
	buf_clear(&t->line);
}

void
trace_client(struct trace *t, struct str bytes)
{
	while (bytes.n > 0) {
		size_t n = str_find(bytes, '\n');

		n = n == SIZE_MAX ? bytes.n : n + 1;
		n = min_size(n, LINE_MAX_BYTES - t->line.n);
		buf_add(&t->line, bytes.p, n);
		bytes = str_from_pos(bytes, n);
		if (t->line.p[t->line.n - 1] == '\n' ||
		    t->line.n == LINE_MAX_BYTES)
			line_done(t);
	}
}

void
trace_server(struct trace *t, struct str bytes)
{
	while (bytes.n > 0) {
		struct str part = str_first(bytes, RECORD_MAX / 8);

		record(t, 'S', part);
		bytes = str_from_pos(bytes, part.n);
	}
}

void
trace_event(struct trace *t, const char *what)
{
	record(t, 'E', str_from(what));
}

void
trace_end(struct trace *t)
{
	if (t->line.n > 0)
		line_done(t);
	buf_release(&t->line);
}

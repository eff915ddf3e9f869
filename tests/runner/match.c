#include "scram.h"

static struct binding *
find(const struct bindings *b, struct str name)
{
	size_t i;

	for (i = 0; i < b->n_all; i++)
		if (str_eq(b->all[i].name, name))
			return &b->all[i];
	return NULL;
}

void
bindings_set(struct bindings *b, struct str name, struct str value)
{
	struct binding *x = find(b, name);

	if (!x) {
		x = VEC_ADD(b, all);
		x->name = arena_str(&b->arena, name);
	}
	x->value = arena_str(&b->arena, value);
}

void
bindings_release(struct bindings *b)
{
	free(b->all);
	arena_release(&b->arena);
}

/* "${name}" at the front of *p: its name. */
static bool
cut_variable(struct str *p, struct str *name)
{
	struct str rest = *p;
	size_t end;

	if (!str_starts(rest, S("${")))
		return false;
	rest = str_from_pos(rest, 2);
	if ((end = str_find(rest, '}')) == SIZE_MAX)
		return false;
	*name = str_first(rest, end);
	*p = str_from_pos(rest, end + 1);
	return true;
}

/* A word: up to what ends a value in the protocols we speak. */
static size_t
word(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && !strchr(" ()[]\r\n\"<>", s.p[i]); i++)
		;
	return i;
}

bool
pattern_match(
    struct bindings *b, struct str pattern, struct str answer, bool bind)
{
	struct str name, value;
	struct binding *x;
	struct str names[16], values[16];
	size_t n = 0, i, before = b->n_all;
	bool known;

	while (pattern.n > 0) {
		if (str_eq(pattern, S("...")))
			goto yes;
		if (cut_variable(&pattern, &name)) {
			x = find(b, name);
			value = x ? x->value : str_first(answer, word(answer));
			known = x || runner_scram(b, name, &b->arena, &value);
			for (i = 0; !known && i < n; i++)
				if (str_eq(names[i], name))
					value = values[i];
			if (value.n == 0 || !str_starts(answer, value))
				return false;
			if (!known && n < ARRAY_LEN(names)) {
				names[n] = name;
				values[n++] = value;
			}
			answer = str_from_pos(answer, value.n);
			continue;
		}
		if (answer.n == 0 || answer.p[0] != pattern.p[0])
			return false;
		answer = str_from_pos(answer, 1);
		pattern = str_from_pos(pattern, 1);
	}
	if (answer.n > 0)
		return false;
yes:
	for (i = 0; bind && i < n; i++)
		bindings_set(b, names[i], values[i]);
	ASSERT(bind || b->n_all == before);
	return true;
}

struct str
pattern_fill(const struct bindings *b, struct str text, struct arena *a)
{
	struct str name, rest = text, out, value;
	struct binding *x;
	struct buf filled;

	buf_init(&filled, 1 << 24);
	while (rest.n > 0) {
		struct str at = rest;

		if (cut_variable(&rest, &name)) {
			x = find(b, name);
			if (x)
				value = x->value;
			if (x || runner_scram(b, name, a, &value) ||
			    runner_plain(b, name, a, &value)) {
				buf_adds(&filled, value);
				continue;
			}
		}
		buf_addc(&filled, at.p[0]);
		rest = str_from_pos(at, 1);
	}
	out = arena_str(a, buf_str(&filled));
	buf_release(&filled);
	return out;
}

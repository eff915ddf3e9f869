#include "mime/header.h"

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* The first line of s with its line end. */
static struct str
line_of(struct str s)
{
	size_t at = str_find(s, '\n');

	return at == SIZE_MAX ? s : str_first(s, at + 1);
}

static bool
is_blank(struct str line)
{
	return str_eq(line, S("\r\n")) || str_eq(line, S("\n"));
}

bool
header_next(struct str *rest, struct header_field *out)
{
	while (rest->n) {
		struct str start = *rest, line = line_of(start);
		size_t colon = str_find(line, ':');
		size_t n = line.n;

		if (is_blank(line))
			return false;
		/* A line of white space only still continues the field. */
		while (n < start.n && is_wsp(start.p[n]))
			n += line_of(str_from_pos(start, n)).n;
		*rest = str_from_pos(start, n);
		if (colon == SIZE_MAX || is_wsp(line.p[0]))
			continue;
		out->raw = str_first(start, n);
		out->name = str_trim(str_first(line, colon));
		out->value = str_trim(str_from_pos(out->raw, colon + 1));
		return true;
	}
	return false;
}

bool
header_find(struct str header, struct str name, struct str *value_out)
{
	struct header_field f;

	while (header_next(&header, &f))
		if (str_eqi(f.name, name)) {
			*value_out = f.value;
			return true;
		}
	return false;
}

void
header_unfold(struct str value, struct buf *out)
{
	char *to = buf_reserve(out, value.n);
	size_t k = 0;

	if (!to)
		return;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\n')
			continue;
		if (c == '\r' && i + 1 < value.n && value.p[i + 1] == '\n')
			continue;
		to[k++] = c ? c : (char)0x80;
	}
	buf_commit(out, k);
}

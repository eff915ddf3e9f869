#include "imap/fetch.h"

static bool
selected(const struct section *s, struct str name)
{
	size_t i;

	for (i = 0; i < s->n_fields; i++)
		if (str_eqi(s->fields[i], name))
			return s->text == SECTION_FIELDS;
	return s->text == SECTION_FIELDS_NOT;
}

/*
 * RFC 9051 6.4.5.1: the empty line is in every answer; a line that begins with
 * white space belongs to the field before it, one without a colon has no name.
 */
void
fetch_fields(const struct section *s, struct str header, struct buf *out)
{
	bool take = false;

	while (header.n > 0) {
		size_t end = str_find(header, '\n');
		struct str line, name;
		size_t colon;

		end = end == SIZE_MAX ? header.n : end + 1;
		line = str_first(header, end);
		header = str_from_pos(header, end);
		if (line.p[0] == '\n' || (line.p[0] == '\r' && line.n <= 2)) {
			buf_adds(out, line);
			break;
		}
		if (line.p[0] != ' ' && line.p[0] != '\t') {
			colon = str_find(line, ':');
			name = str_first(line, colon == SIZE_MAX ? 0 : colon);
			take = selected(s, str_trim(name));
		}
		if (take)
			buf_adds(out, line);
	}
}

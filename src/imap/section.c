#include "imap/section.h"

#include "imap/write.h"

/* header-list = "(" header-fld-name *(SP header-fld-name) ")" */
static bool
parse_fields(struct imap_parse *p, struct section *out)
{
	struct str names[SECTION_FIELDS_MAX];
	size_t n = 0;

	if (!parse_sp(p) || !parse_char(p, '('))
		return false;
	do {
		if (n == SECTION_FIELDS_MAX)
			return parse_fail(p, "Too many header fields");
		if (!parse_astring(p, &names[n]))
			return false;
		n++;
	} while (parse_sp(p));
	if (!parse_char(p, ')'))
		return false;
	out->fields = ARENA_ARRAY(p->arena, struct str, n);
	memcpy(out->fields, names, n * sizeof(*names));
	out->n_fields = n;
	return true;
}

/* section-msgtext / "MIME" */
static bool
parse_section_text(struct imap_parse *p, struct section *out)
{
	if (parse_text(p, S("HEADER.FIELDS.NOT"))) {
		out->text = SECTION_FIELDS_NOT;
		return parse_fields(p, out);
	}
	if (parse_text(p, S("HEADER.FIELDS"))) {
		out->text = SECTION_FIELDS;
		return parse_fields(p, out);
	}
	if (parse_text(p, S("HEADER")))
		out->text = SECTION_HEADER;
	else if (parse_text(p, S("TEXT")))
		out->text = SECTION_TEXT;
	else if (out->n_path > 0 && parse_text(p, S("MIME")))
		out->text = SECTION_MIME;
	else
		return parse_fail(p, "Unknown section");
	return true;
}

/*
 * section-part = nz-number *("." nz-number). *more_out: a dot stands behind
 * it, and no number: a text specifier must follow.
 */
static bool
parse_path(struct imap_parse *p, struct section *out, bool *more_out)
{
	uint32_t path[SECTION_DEPTH_MAX];
	size_t n = 0;

	*more_out = true;
	while (p->p < p->end && *p->p >= '0' && *p->p <= '9') {
		if (n == SECTION_DEPTH_MAX)
			return parse_fail(p, "Section too deep");
		if (!parse_nz_number(p, &path[n]))
			return false;
		n++;
		if (!parse_char(p, '.')) {
			*more_out = false;
			break;
		}
	}
	if (n > 0) {
		out->path = ARENA_ARRAY(p->arena, uint32_t, n);
		memcpy(out->path, path, n * sizeof(*path));
	}
	out->n_path = n;
	return true;
}

bool
section_parse(struct imap_parse *p, struct section *out)
{
	bool more;

	if (!parse_char(p, '['))
		return false;
	if (parse_char(p, ']'))
		return true;
	return parse_path(p, out, &more) &&
	    (!more || parse_section_text(p, out)) && parse_char(p, ']');
}

bool
section_parse_binary(struct imap_parse *p, struct section *out)
{
	bool more;

	if (!parse_char(p, '['))
		return false;
	if (parse_char(p, ']'))
		return true;
	return parse_path(p, out, &more) && !more && parse_char(p, ']');
}

static const struct str text_names[] = {
    [SECTION_ALL] = STR_INIT(""),
    [SECTION_HEADER] = STR_INIT("HEADER"),
    [SECTION_FIELDS] = STR_INIT("HEADER.FIELDS"),
    [SECTION_FIELDS_NOT] = STR_INIT("HEADER.FIELDS.NOT"),
    [SECTION_TEXT] = STR_INIT("TEXT"),
    [SECTION_MIME] = STR_INIT("MIME"),
};

void
section_write(const struct section *s, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < s->n_path; i++) {
		if (i > 0)
			buf_addc(out, '.');
		buf_addu(out, s->path[i]);
	}
	if (s->n_path > 0 && s->text != SECTION_ALL)
		buf_addc(out, '.');
	buf_adds(out, text_names[s->text]);
	for (size_t i = 0; i < s->n_fields; i++) {
		buf_addz(out, i == 0 ? " (" : " ");
		imap_write_astring(out, s->fields[i]);
	}
	buf_addz(out, s->n_fields > 0 ? ")]" : "]");
}

static const struct summary_part *
find_child(
    const struct summary *sum, const struct summary_part *of, uint32_t number)
{
	uint32_t i = of->first_child;

	while (i != 0 && i < sum->n_parts) {
		if (sum->parts[i].number == number)
			return &sum->parts[i];
		/* Siblings stand behind each other: no loop on bad data. */
		if (sum->parts[i].next_sibling <= i)
			break;
		i = sum->parts[i].next_sibling;
	}
	return NULL;
}

/* The message inside a message/rfc822 part. */
static const struct summary_part *
inner_message(const struct summary *sum, const struct summary_part *part)
{
	if (part->kind != PART_MESSAGE || part->first_child == 0 ||
	    part->first_child >= sum->n_parts)
		return NULL;
	return &sum->parts[part->first_child];
}

/*
 * RFC 9051 6.4.5.1: the parts of a multipart are numbered from 1; a message
 * that is not multipart has one part, number 1, its body. A message/rfc822
 * part is entered as the message inside it.
 */
static const struct summary_part *
find_part(const struct section *s, const struct summary *sum)
{
	const struct summary_part *part = &sum->parts[0];
	bool message = true; /* part stands for a message to be numbered */

	for (size_t i = 0; i < s->n_path; i++) {
		if (!message && part->kind == PART_MESSAGE) {
			part = inner_message(sum, part);
			if (part == NULL)
				return NULL;
			message = true;
		}
		if (part->kind == PART_MULTIPART) {
			part = find_child(sum, part, s->path[i]);
			if (part == NULL)
				return NULL;
		} else if (!message || s->path[i] != 1) {
			return NULL;
		}
		message = false;
	}
	return part;
}

/* [], [HEADER], [TEXT]: known without the table. */
static void
find_top(
    const struct section *s, const struct message *m, struct section_span *out)
{
	switch (s->text) {
	case SECTION_ALL:
		out->at = 0;
		out->size = m->size;
		break;
	case SECTION_TEXT:
		out->at = m->header_size;
		out->size = m->size - m->header_size;
		break;
	case SECTION_HEADER:
	case SECTION_FIELDS:
	case SECTION_FIELDS_NOT:
	case SECTION_MIME:
		out->at = 0;
		out->size = m->header_size;
		break;
	}
}

bool
section_find(const struct section *s, const struct message *m,
    const struct summary *sum, struct section_span *out)
{
	const struct summary_part *part;

	out->encoding = ENC_BINARY;
	if (s->n_path == 0) {
		find_top(s, m, out);
		return true;
	}
	if (sum->n_parts == 0 || (part = find_part(s, sum)) == NULL)
		return false;
	if (s->text == SECTION_MIME || s->text == SECTION_ALL) {
		bool mime = s->text == SECTION_MIME;

		out->at = mime ? part->header_at : part->body_at;
		out->size = mime ? part->header_size : part->body_size;
		if (!mime && part->kind == PART_LEAF)
			out->encoding = (enum part_encoding)part->encoding;
		return true;
	}
	/* Only a message inside has a header and a text of its own. */
	if ((part = inner_message(sum, part)) == NULL)
		return false;
	out->at = s->text == SECTION_TEXT ? part->body_at : part->header_at;
	out->size =
	    s->text == SECTION_TEXT ? part->body_size : part->header_size;
	return true;
}

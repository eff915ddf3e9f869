#include "mime/structure.h"

#include "mime/header.h"
#include "mime/imap_text.h"
#include "mime/lex.h"

static struct str
nil(void)
{
	return str_of(NULL, 0);
}

static void
write_params(const struct params *ps, struct buf *scratch, struct buf *out)
{
	if (ps->n == 0) {
		buf_addz(out, "NIL");
		return;
	}
	for (size_t i = 0; i < ps->n; i++) {
		buf_addc(out, i ? ' ' : '(');
		buf_clear(scratch);
		header_unfold(ps->v[i].name, scratch);
		imap_text_nstring(out, buf_str(scratch));
		buf_addc(out, ' ');
		buf_clear(scratch);
		header_unfold(ps->v[i].value, scratch);
		imap_text_nstring(out, buf_str(scratch));
	}
	buf_addc(out, ')');
}

/* A field's text; absent or empty: NIL. */
static void
write_field(struct str raw, struct buf *scratch, struct buf *out)
{
	buf_clear(scratch);
	header_unfold(raw, scratch);
	imap_text_nstring(out, raw.n ? buf_str(scratch) : nil());
}

static void
write_encoding(struct str raw, struct buf *scratch, struct buf *out)
{
	struct str word = S("");

	buf_clear(scratch);
	header_unfold(raw, scratch);
	raw = buf_str(scratch);
	(void)lex_cfws(&raw, NULL);
	word = lex_until(&raw, ";()");
	for (char *p = scratch->p; p && *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	imap_text_nstring(out, word.n ? word : S("7BIT"));
}

static void
write_disposition(
    struct str raw, struct arena *a, struct buf *scratch, struct buf *out)
{
	struct params ps;
	struct str word;

	if (!disposition_parse(raw, a, &word, &ps)) {
		buf_addz(out, "NIL");
		return;
	}
	buf_addc(out, '(');
	imap_text_nstring(out, word);
	buf_addc(out, ' ');
	write_params(&ps, scratch, out);
	buf_addc(out, ')');
}

/* body-fld-lang = nstring / "(" string *(SP string) ")": always the list. */
static void
write_language(struct str raw, struct buf *out)
{
	bool any = false;

	for (;;) {
		struct str tag;

		(void)lex_cfws(&raw, NULL);
		tag = lex_until(&raw, ",;()");
		if (tag.n) {
			buf_addc(out, any ? ' ' : '(');
			imap_text_nstring(out, tag);
			any = true;
		} else if (raw.n) {
			raw = str_from_pos(raw, 1);
		} else {
			break;
		}
	}
	buf_addz(out, any ? ")" : "NIL");
}

void
structure_write_part(const struct fields *f, const struct content_type *type,
    enum part_kind kind, struct arena *a, struct structure_part *out,
    struct buf *text)
{
	struct buf scratch;

	buf_init(&scratch, SIZE_MAX);
	out->at = text->n;
	if (kind != PART_MULTIPART) {
		imap_text_nstring(text, type->type);
		buf_addc(text, ' ');
		imap_text_nstring(text, type->subtype);
		buf_addc(text, ' ');
	}
	write_params(&type->params, &scratch, text);
	if (kind != PART_MULTIPART) {
		buf_addc(text, ' ');
		write_field(f->id, &scratch, text);
		buf_addc(text, ' ');
		write_field(f->description, &scratch, text);
		buf_addc(text, ' ');
		write_encoding(f->encoding, &scratch, text);
	}
	out->fields_n = (uint32_t)(text->n - out->at);
	write_field(f->md5, &scratch, text);
	out->md5_n = (uint32_t)(text->n - out->at) - out->fields_n;
	write_disposition(f->disposition, a, &scratch, text);
	buf_addc(text, ' ');
	write_language(f->language, text);
	buf_addc(text, ' ');
	write_field(f->location, &scratch, text);
	out->ext_n = (uint32_t)(text->n - out->at) - out->fields_n - out->md5_n;
	buf_release(&scratch);
}

struct writer {
	const struct summary_part *parts;
	const struct structure_part *pieces;
	struct str text;
	bool extended;
	struct buf *out;
};

static struct str
piece(const struct writer *w, size_t at, size_t n)
{
	return str_first(str_from_pos(w->text, at), n);
}

static void write_part(const struct writer *w, uint32_t index);

/* BODYSTRUCTURE's extension data behind what BODY has too. */
static void
write_ext(const struct writer *w, const struct structure_part *s, bool md5)
{
	size_t at = s->at + s->fields_n;

	if (!w->extended)
		return;
	if (md5) {
		buf_addc(w->out, ' ');
		buf_adds(w->out, piece(w, at, s->md5_n));
	}
	buf_addc(w->out, ' ');
	buf_adds(w->out, piece(w, at + s->md5_n, s->ext_n));
}

/* body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart] */
static void
write_multipart(const struct writer *w, uint32_t index)
{
	const struct summary_part *p = &w->parts[index];
	const struct structure_part *s = &w->pieces[index];

	for (uint32_t c = p->first_child; c; c = w->parts[c].next_sibling)
		write_part(w, c);
	buf_addc(w->out, ' ');
	imap_text_nstring(w->out, p->subtype);
	if (w->extended) {
		buf_addc(w->out, ' ');
		buf_adds(w->out, piece(w, s->at, s->fields_n));
	}
	write_ext(w, s, false);
}

static void
write_part(const struct writer *w, uint32_t index)
{
	const struct summary_part *p = &w->parts[index];
	const struct structure_part *s = &w->pieces[index];
	struct buf *out = w->out;

	buf_addc(out, '(');
	if (p->kind == PART_MULTIPART) {
		write_multipart(w, index);
		buf_addc(out, ')');
		return;
	}
	buf_adds(out, piece(w, s->at, s->fields_n));
	buf_addc(out, ' ');
	buf_addu(out, p->body_size);
	if (p->kind == PART_MESSAGE) {
		const struct structure_part *in = &w->pieces[p->first_child];

		buf_addc(out, ' ');
		buf_adds(out, piece(w, in->envelope_at, in->envelope_n));
		buf_addc(out, ' ');
		write_part(w, p->first_child);
	}
	if (p->kind == PART_MESSAGE || str_eq(p->type, S("TEXT"))) {
		buf_addc(out, ' ');
		buf_addu(out, p->body_lines);
	}
	write_ext(w, s, true);
	buf_addc(out, ')');
}

void
structure_write(const struct summary_part *parts,
    const struct structure_part *pieces, struct str text, bool extended,
    struct buf *out)
{
	struct writer w = {parts, pieces, text, extended, out};

	write_part(&w, 0);
}

/*
 * The summarizer: mime/scan.h finds the parts, this gives them their meaning
 * and puts the summary together at the end.
 */
#include "base/vec.h"
#include "mime/envelope.h"
#include "mime/preview.h"
#include "mime/scan.h"
#include "mime/structure.h"
#include "mime/transfer.h"

/* What a part is besides its place. */
struct meaning {
	struct structure_part pieces;
	struct str type, subtype, charset; /* in summarizer.keep, or static */
	uint8_t encoding;
	uint8_t kind;
	bool in_message; /* below an attached message */
	bool related;    /* its own parts belong to an HTML text */
};

struct summarizer {
	struct scan *scan;
	struct meaning *parts;
	size_t n_parts, cap_parts;
	struct buf text;      /* IMAP texts of the parts */
	size_t names;         /* bytes of what is not in text: multipart/... */
	struct arena scratch; /* emptied for each part */
	struct arena keep;
	struct preview preview;
	struct summary top; /* keys of the message's own header */
	bool has_attachment;
};

/* Most parts are of these: no copy of their names. */
static struct str
kept(struct summarizer *z, struct str s)
{
	static const struct str common[] = {STR_INIT(""), STR_INIT("TEXT"),
	    STR_INIT("PLAIN"), STR_INIT("HTML"), STR_INIT("MULTIPART"),
	    STR_INIT("MIXED"), STR_INIT("ALTERNATIVE"), STR_INIT("RELATED"),
	    STR_INIT("utf-8"), STR_INIT("UTF-8"), STR_INIT("us-ascii"),
	    STR_INIT("IMAGE"), STR_INIT("APPLICATION"),
	    STR_INIT("OCTET-STREAM")};

	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (str_eq(s, common[i]))
			return common[i];
	return arena_str(&z->keep, s);
}

/* RFC 2045 5.2: what is absent or does not parse is text/plain. */
static struct content_type
type_of(struct summarizer *z, const struct fields *f, bool in_digest,
    struct str *boundary)
{
	struct content_type ct;

	*boundary = S("");
	if (content_type_parse(f->type, &z->scratch, &ct)) {
		bool multipart = str_eq(ct.type, S("MULTIPART"));

		*boundary = str_trim(param_get(&ct.params, "boundary"));
		if (!multipart || boundary->n)
			return ct;
		/* Nobody can say where its parts are: all of it is text. */
	} else if (in_digest && !f->type.p) {
		ct = (struct content_type){
		    .type = S("MESSAGE"), .subtype = S("RFC822")};
		return ct;
	}
	return (struct content_type){.type = S("TEXT"), .subtype = S("PLAIN")};
}

/* RFC 2045 5.2, RFC 9051 7.5.2: BODYSTRUCTURE names the default charset. */
static void
add_charset(struct content_type *ct, struct arena *a)
{
	static const struct param ascii = {
	    STR_INIT("CHARSET"), STR_INIT("US-ASCII")};
	struct params *ps = &ct->params;
	struct param *v;

	if (!str_eq(ct->type, S("TEXT")) || param_get(ps, "charset").p ||
	    param_get(ps, "charset*").p)
		return;
	v = ARENA_ARRAY(a, struct param, ps->n + 1);
	if (ps->n)
		memcpy(v, ps->v, ps->n * sizeof(*v));
	v[ps->n++] = ascii;
	ps->v = v;
}

static enum part_kind
kind_of(const struct content_type *ct)
{
	if (str_eq(ct->type, S("MULTIPART")))
		return PART_MULTIPART;
	if (str_eq(ct->type, S("MESSAGE")) &&
	    (str_eq(ct->subtype, S("RFC822")) ||
		str_eq(ct->subtype, S("GLOBAL"))))
		return PART_MESSAGE;
	return PART_LEAF;
}

/* Signatures and reports are no attachments to a person. */
static bool
is_machine_part(const struct content_type *ct)
{
	static const struct str names[] = {STR_INIT("PGP-SIGNATURE"),
	    STR_INIT("PKCS7-SIGNATURE"), STR_INIT("X-PKCS7-SIGNATURE"),
	    STR_INIT("PGP-ENCRYPTED"), STR_INIT("DELIVERY-STATUS"),
	    STR_INIT("DISPOSITION-NOTIFICATION"), STR_INIT("RFC822-HEADERS")};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(ct->subtype, names[i]))
			return true;
	return false;
}

static bool
is_attachment(struct summarizer *z, uint32_t index, const struct fields *f,
    const struct content_type *ct, struct str disposition, bool named)
{
	bool text = str_eq(ct->type, S("TEXT"));
	bool related = false;
	uint32_t n;

	if (index)
		related =
		    z->parts[scan_parts(z->scan, &n)[index].parent].related;
	if (str_eq(disposition, S("ATTACHMENT")))
		return true;
	if (is_machine_part(ct) || str_eq(disposition, S("INLINE")) ||
	    (related && f->id.p))
		return false;
	return !text || named;
}

static void
note_leaf(struct summarizer *z, uint32_t index, const struct fields *f,
    const struct content_type *ct, struct scan_answer *answer)
{
	struct meaning *m = &z->parts[index];
	struct str disposition = S("");
	struct params ps = {0};
	bool plain, html, named;

	if (!disposition_parse(f->disposition, &z->scratch, &disposition, &ps))
		disposition = S("");
	named = param_get(&ps, "filename").p || param_get(&ps, "filename*").p ||
	    param_get(&ct->params, "name").p ||
	    param_get(&ct->params, "name*").p;
	if (m->in_message)
		return;
	if (is_attachment(z, index, f, ct, disposition, named)) {
		z->has_attachment = true;
		return;
	}
	plain = str_eq(ct->subtype, S("PLAIN"));
	html = str_eq(ct->subtype, S("HTML"));
	if (str_eq(ct->type, S("TEXT")) && (plain || html))
		answer->capture =
		    preview_begin(&z->preview, html, m->encoding, m->charset);
}

static struct scan_answer
on_header(void *ctx, uint32_t index, struct str header, bool in_digest)
{
	struct summarizer *z = ctx;
	struct scan_answer answer = {.boundary = S("")};
	struct fields f = fields_read(header);
	struct meaning *m = VEC_ADD(z, parts);
	struct meaning *parent;
	struct content_type ct;
	struct str charset;
	uint32_t n;

	ASSERT(index == z->n_parts - 1);
	parent = &z->parts[scan_parts(z->scan, &n)[index].parent];
	if (index == 0 || parent->kind == PART_MESSAGE) {
		m->pieces.envelope_at = z->text.n;
		envelope_write(&f, &z->scratch, &z->text);
		m->pieces.envelope_n =
		    (uint32_t)(z->text.n - m->pieces.envelope_at);
	}
	if (index == 0)
		envelope_keys(&f, &z->keep, &z->top);
	else
		m->in_message =
		    parent->in_message || parent->kind == PART_MESSAGE;
	arena_reset(&z->scratch);
	ct = type_of(z, &f, in_digest, &answer.boundary);
	answer.kind = kind_of(&ct);
	answer.digest =
	    answer.kind == PART_MULTIPART && str_eq(ct.subtype, S("DIGEST"));
	charset = param_get(&ct.params, "charset");
	m->kind = (uint8_t)answer.kind;
	m->type = kept(z, ct.type);
	m->subtype = kept(z, ct.subtype);
	m->charset = kept(z, charset.p ? charset : S(""));
	m->encoding = (uint8_t)transfer_encoding(f.encoding);
	m->related =
	    answer.kind == PART_MULTIPART && str_eq(ct.subtype, S("RELATED"));
	add_charset(&ct, &z->scratch);
	structure_write_part(
	    &f, &ct, answer.kind, &z->scratch, &m->pieces, &z->text);
	if (answer.kind == PART_LEAF)
		note_leaf(z, index, &f, &ct, &answer);
	else if (answer.kind == PART_MESSAGE && index && !m->in_message)
		z->has_attachment = true;
	if (answer.kind == PART_MULTIPART)
		z->names += 2 * ct.subtype.n;
	if (buf_full(&z->text) || z->text.n + z->names > LIMIT_MIME_TEXT)
		scan_give_up(z->scan);
	return answer;
}

static bool
on_body(void *ctx, uint32_t index UNUSED, struct str bytes)
{
	struct summarizer *z = ctx;

	return preview_feed(&z->preview, bytes);
}

struct summarizer *
summarizer_new(void)
{
	struct summarizer *z = mem_zalloc(sizeof(*z));

	buf_init(&z->text, LIMIT_MIME_TEXT);
	preview_init(&z->preview);
	z->scan = scan_new((struct scan_owner){on_header, on_body, z});
	return z;
}

void
summarizer_feed(struct summarizer *z, struct str bytes)
{
	scan_feed(z->scan, bytes);
}

/* The message as one text: what its header says of parts does not count. */
static void
make_opaque(struct summarizer *z)
{
	struct content_type ct = {.type = S("TEXT"), .subtype = S("PLAIN")};
	struct fields none = {0};
	struct meaning *root = &z->parts[0];

	add_charset(&ct, &z->scratch);
	root->type = ct.type;
	root->subtype = ct.subtype;
	root->charset = S("");
	root->encoding = ENC_7BIT;
	root->kind = PART_LEAF;
	buf_truncate(&z->text, root->pieces.envelope_n);
	z->text.full = false;
	structure_write_part(
	    &none, &ct, PART_LEAF, &z->scratch, &root->pieces, &z->text);
	buf_clear(&z->preview.raw);
	z->has_attachment = false;
}

static struct summary_part *
copy_parts(struct summarizer *z, struct arena *a, uint32_t *n_out)
{
	struct summary_part *from = scan_parts(z->scan, n_out), *to;

	to = ARENA_ARRAY(a, struct summary_part, *n_out);
	for (uint32_t i = 0; i < *n_out; i++) {
		const struct meaning *m = &z->parts[i];

		to[i] = from[i];
		to[i].encoding = m->encoding;
		to[i].type = arena_str(a, m->type);
		to[i].subtype = arena_str(a, m->subtype);
		to[i].charset = arena_str(a, m->charset);
	}
	return to;
}

static struct str
structure(struct summarizer *z, const struct summary_part *parts, bool extended,
    struct arena *a)
{
	struct structure_part *pieces;
	uint32_t n;
	struct buf out;
	struct str s;

	(void)scan_parts(z->scan, &n);
	pieces = mem_alloc(n * sizeof(*pieces));
	for (uint32_t i = 0; i < n; i++)
		pieces[i] = z->parts[i].pieces;
	buf_init(&out, SIZE_MAX);
	structure_write(parts, pieces, buf_str(&z->text), extended, &out);
	s = arena_str(a, buf_str(&out));
	buf_release(&out);
	free(pieces);
	return s;
}

static void
copy_keys(const struct summary *from, struct arena *a, struct summary *out)
{
	*out = *from;
	out->base_subject = arena_str(a, from->base_subject);
	out->from = arena_str(a, from->from);
	out->to = arena_str(a, from->to);
	out->cc = arena_str(a, from->cc);
	out->display_from = arena_str(a, from->display_from);
	out->display_to = arena_str(a, from->display_to);
	out->message_id = arena_str(a, from->message_id);
	out->in_reply_to = arena_str(a, from->in_reply_to);
	out->references = ARENA_ARRAY(a, struct str, from->n_references);
	for (uint32_t i = 0; i < from->n_references; i++)
		out->references[i] = arena_str(a, from->references[i]);
}

void
summarizer_finish(struct summarizer *z, struct arena *a, struct summary *out)
{
	const struct structure_part *root;
	bool opaque;

	scan_finish(z->scan);
	opaque = scan_opaque(z->scan);
	if (opaque)
		make_opaque(z);
	root = &z->parts[0].pieces;
	copy_keys(&z->top, a, out);
	out->envelope = arena_str(
	    a, str_of(z->text.p + root->envelope_at, root->envelope_n));
	out->parts = copy_parts(z, a, &out->n_parts);
	out->body = structure(z, out->parts, false, a);
	out->bodystructure = structure(z, out->parts, true, a);
	out->preview = preview_text(&z->preview, a);
	out->has_attachment = z->has_attachment;
	out->opaque = opaque;
}

void
summarizer_free(struct summarizer **z)
{
	if (!*z)
		return;
	scan_free(&(*z)->scan);
	free((*z)->parts);
	buf_release(&(*z)->text);
	preview_release(&(*z)->preview);
	arena_release(&(*z)->scratch);
	arena_release(&(*z)->keep);
	free(*z);
	*z = NULL;
}

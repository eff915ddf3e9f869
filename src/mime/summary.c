/*
 * The stored form of a summary (version 1): a version byte, the four texts
 * FETCH wants as length and bytes, the keys, the references, the parts. All
 * numbers are base/wire.h's variable ones.
 */
#include "mime/summary.h"

#include "base/wire.h"

enum { FORM = 1, HAS_ATTACHMENT = 1, OPAQUE = 2, SENT = 4 };

static void
encode_part(const struct summary_part *p, struct buf *out)
{
	wire_put_var(out, p->parent);
	wire_put_var(out, p->number);
	wire_put_var(out, p->first_child);
	wire_put_var(out, p->n_children);
	wire_put_var(out, p->next_sibling);
	wire_put_var(out, p->header_at);
	wire_put_var(out, p->header_size);
	wire_put_var(out, p->body_at);
	wire_put_var(out, p->body_size);
	wire_put_var(out, p->body_lines);
	wire_put_u8(out, p->kind);
	wire_put_u8(out, p->encoding);
	wire_put_str(out, p->type);
	wire_put_str(out, p->subtype);
	wire_put_str(out, p->charset);
}

void
summary_encode(const struct summary *s, struct buf *out)
{
	bool sent = s->sent_ms != INT64_MIN;
	const struct str texts[] = {s->envelope, s->body, s->bodystructure,
	    s->preview, s->base_subject, s->from, s->to, s->cc, s->display_from,
	    s->display_to, s->message_id, s->in_reply_to};

	wire_put_u8(out, FORM);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		wire_put_str(out, texts[i]);
	wire_put_u8(out,
	    (uint8_t)((s->has_attachment ? HAS_ATTACHMENT : 0) |
		(s->opaque ? OPAQUE : 0) | (sent ? SENT : 0)));
	if (sent) {
		wire_put_svar(out, s->sent_ms);
		wire_put_svar(out, s->sent_zone);
	}
	wire_put_var(out, s->n_references);
	for (uint32_t i = 0; i < s->n_references; i++)
		wire_put_str(out, s->references[i]);
	wire_put_var(out, s->n_parts);
	for (uint32_t i = 0; i < s->n_parts; i++)
		encode_part(&s->parts[i], out);
}

void
summary_opaque(uint64_t size, struct buf *out)
{
	struct summary_part whole = {
	    .body_size = size,
	    .kind = PART_LEAF,
	    .encoding = ENC_BINARY,
	    .type = S("APPLICATION"),
	    .subtype = S("OCTET-STREAM"),
	};
	struct summary s = {
	    .envelope = S("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
	    .sent_ms = INT64_MIN,
	    .opaque = true,
	    .parts = &whole,
	    .n_parts = 1,
	};
	struct buf text;

	buf_init(&text, 256);
	buf_addf(&text,
	    "(\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL \"BINARY\" %llu)",
	    (unsigned long long)size);
	s.body = buf_str(&text);
	/* MD5, disposition, language, location (RFC 9051 7.5.2). */
	s.bodystructure = s.body;
	summary_encode(&s, out);
	buf_release(&text);
}

/* A number that must fit, or the input is bad. */
static uint32_t
u32(struct wire *w)
{
	uint64_t v = wire_var(w);

	if (v > UINT32_MAX)
		w->bad = true;
	return (uint32_t)v;
}

static void
decode_part(struct wire *w, uint32_t n, struct summary_part *p)
{
	p->parent = u32(w);
	p->number = u32(w);
	p->first_child = u32(w);
	p->n_children = u32(w);
	p->next_sibling = u32(w);
	p->header_at = wire_var(w);
	p->header_size = wire_var(w);
	p->body_at = wire_var(w);
	p->body_size = wire_var(w);
	p->body_lines = u32(w);
	p->kind = wire_u8(w);
	p->encoding = wire_u8(w);
	p->type = wire_str(w);
	p->subtype = wire_str(w);
	p->charset = wire_str(w);
	if (p->parent >= n || p->first_child >= n || p->next_sibling >= n ||
	    p->kind > PART_MESSAGE || p->encoding > ENC_OTHER)
		w->bad = true;
}

/* How many elements of at least `least` bytes may still follow. */
static uint32_t
count(struct wire *w, size_t least)
{
	uint32_t n = u32(w);

	if (!w->bad && n > (size_t)(w->end - w->p) / least)
		w->bad = true;
	return w->bad ? 0 : n;
}

static struct wire
begin(struct str in)
{
	struct wire w = {.p = in.p, .end = in.p + in.n};

	if (wire_u8(&w) != FORM)
		w.bad = true;
	return w;
}

enum status
summary_decode(struct str in, struct arena *a, struct summary *out)
{
	struct summary s = {0};
	struct str *const texts[] = {&s.envelope, &s.body, &s.bodystructure,
	    &s.preview, &s.base_subject, &s.from, &s.to, &s.cc, &s.display_from,
	    &s.display_to, &s.message_id, &s.in_reply_to};
	struct wire w = begin(in);
	uint8_t flags;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = wire_str(&w);
	flags = wire_u8(&w);
	s.has_attachment = flags & HAS_ATTACHMENT;
	s.opaque = flags & OPAQUE;
	s.sent_ms = flags & SENT ? wire_svar(&w) : INT64_MIN;
	s.sent_zone = flags & SENT ? (int32_t)wire_svar(&w) : 0;
	s.n_references = count(&w, 1);
	s.references = ARENA_ARRAY(a, struct str, s.n_references);
	for (uint32_t i = 0; i < s.n_references; i++)
		s.references[i] = wire_str(&w);
	s.n_parts = count(&w, 15);
	s.parts = ARENA_ARRAY(a, struct summary_part, s.n_parts);
	for (uint32_t i = 0; i < s.n_parts; i++)
		decode_part(&w, s.n_parts, &s.parts[i]);
	if (w.bad || w.p != w.end || s.n_parts == 0)
		return ST_CORRUPT;
	*out = s;
	return ST_OK;
}

enum status
summary_texts(struct str in, struct summary_texts *out)
{
	struct wire w = begin(in);
	struct summary_texts t;

	t.envelope = wire_str(&w);
	t.body = wire_str(&w);
	t.bodystructure = wire_str(&w);
	t.preview = wire_str(&w);
	if (w.bad)
		return ST_CORRUPT;
	*out = t;
	return ST_OK;
}

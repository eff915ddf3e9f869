#include "mime/text.h"

#include <utf8proc.h>

#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/header.h"
#include "mime/transfer.h"
#include "mime/words.h"

/* Characters above ASCII that were folded before: a text uses few. */
struct fold_cache {
	struct folded {
		uint32_t cp; /* 0: empty */
		uint8_t n;
		char utf8[11];
	} slots[256];
};

/* One character above ASCII. */
static void
fold_char(uint32_t cp, struct buf *out)
{
	utf8proc_int32_t to[32];
	utf8proc_ssize_t n;

	n = utf8proc_decompose_char((utf8proc_int32_t)cp, to, ARRAY_LEN(to),
	    UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, NULL);
	if (n < 0 || n > (utf8proc_ssize_t)ARRAY_LEN(to)) {
		utf8_add(out, cp);
		return;
	}
	for (utf8proc_ssize_t i = 0; i < n; i++)
		utf8_add(out, (uint32_t)to[i]);
}

static void
fold_cached(struct fold_cache *cache, uint32_t cp, struct buf *out)
{
	struct folded *f = &cache->slots[(cp ^ cp >> 8) & 255];
	size_t from = out->n;

	if (f->cp == cp) {
		buf_add(out, f->utf8, f->n);
		return;
	}
	fold_char(cp, out);
	if (!buf_full(out) && out->n - from <= sizeof(f->utf8)) {
		f->cp = cp;
		f->n = (uint8_t)(out->n - from);
		memcpy(f->utf8, out->p + from, f->n);
	}
}

static void
fold(struct fold_cache *cache, struct str s, struct buf *out)
{
	while (s.n) {
		size_t n = utf8_ascii_run(s);
		char *to = buf_reserve(out, n);
		uint32_t cp;

		if (!to)
			return;
		for (size_t i = 0; i < n; i++) {
			unsigned char c = (unsigned char)s.p[i];

			to[i] = (char)(c + ((unsigned)c - 'A' < 26) * 32);
		}
		buf_commit(out, n);
		s = str_from_pos(s, n);
		while (s.n && s.p[0] & 0x80 && utf8_next(&s, &cp)) {
			if (cache)
				fold_cached(cache, cp, out);
			else
				fold_char(cp, out);
		}
	}
}

void
text_fold(struct str s, struct buf *out)
{
	fold(NULL, s, out);
}

enum status
text_needle(
    struct str charset, struct str text, struct arena *a, struct str *out)
{
	struct buf utf8, folded;
	enum status st = ST_OK;

	if (charset.n && !charset_known(charset))
		return ST_CHARSET;
	buf_init(&utf8, SIZE_MAX);
	buf_init(&folded, SIZE_MAX);
	charset_to_utf8(charset.n ? charset : S("UTF-8"), text, &utf8);
	/* U+FFFD: there was something that is no text of that charset. */
	if (str_find_str(buf_str(&utf8), S("\xef\xbf\xbd")) != SIZE_MAX)
		st = ST_INVALID;
	text_fold(buf_str(&utf8), &folded);
	if (st == ST_OK)
		*out = arena_str(a, buf_str(&folded));
	buf_release(&utf8);
	buf_release(&folded);
	return st;
}

void
text_field(struct str raw, struct buf *out)
{
	size_t from = out->n;
	struct buf utf8;

	buf_init(&utf8, SIZE_MAX);
	words_decode(raw, &utf8);
	text_fold(buf_str(&utf8), out);
	/* A tab in a field is folding space as a rule. */
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '\t')
			out->p[i] = ' ';
	buf_release(&utf8);
}

void
text_header(struct str header, struct buf *out)
{
	struct header_field f;

	while (header_next(&header, &f)) {
		text_field(f.name, out);
		buf_addz(out, ": ");
		text_field(f.value, out);
		buf_addz(out, "\r\n");
	}
}

struct text_reader {
	const struct summary *s;
	enum text_what what;
	uint32_t part;
	bool in_body;  /* of that part; before: in its header */
	uint64_t done; /* bytes of it that were fed */
	bool open;     /* transfer and charset are at work */
	struct transfer transfer;
	struct charset_reader charset;
	struct buf header, bytes, utf8;
	struct fold_cache cache;
};

static bool
has_text(const struct summary_part *p)
{
	return p->kind == PART_LEAF && p->body_size &&
	    (str_eq(p->type, S("TEXT")) || str_eq(p->type, S("MESSAGE")));
}

static bool
wants_header(const struct text_reader *r)
{
	const struct summary_part *p = &r->s->parts[r->part];

	if (p->header_size == 0)
		return false;
	return r->what == TEXT_ALL ||
	    (r->part && r->s->parts[p->parent].kind == PART_MESSAGE);
}

/* Moves on to the next bytes that are wanted, or behind the last part. */
static void
settle(struct text_reader *r)
{
	for (; r->part < r->s->n_parts; r->part++) {
		if (!r->in_body && wants_header(r))
			return;
		r->in_body = true;
		if (has_text(&r->s->parts[r->part]))
			return;
		r->in_body = false;
	}
}

static void
leave(struct text_reader *r)
{
	r->done = 0;
	if (r->in_body)
		r->part++;
	r->in_body = !r->in_body;
	settle(r);
}

struct text_reader *
text_reader_new(const struct summary *s, enum text_what what)
{
	struct text_reader *r = mem_zalloc(sizeof(*r));

	r->s = s;
	r->what = what;
	buf_init(&r->header, LIMIT_MIME_HEADER);
	buf_init(&r->bytes, SIZE_MAX);
	buf_init(&r->utf8, SIZE_MAX);
	settle(r);
	return r;
}

bool
text_reader_next(const struct text_reader *r, uint64_t *at, uint64_t *n)
{
	const struct summary_part *p;

	if (r->part >= r->s->n_parts)
		return false;
	p = &r->s->parts[r->part];
	*at = (r->in_body ? p->body_at : p->header_at) + r->done;
	*n = (r->in_body ? p->body_size : p->header_size) - r->done;
	return true;
}

/* Decodes and folds bytes of a body. */
static void
fold_bytes(struct text_reader *r, struct str bytes, struct buf *out)
{
	bool plain =
	    r->charset.kind == CHARSET_UTF8 || r->charset.kind == CHARSET_GUESS;

	/* The most of mail: UTF-8 that needs no decoding, only a check. */
	if (plain && r->charset.n_held == 0) {
		size_t n = utf8_valid_run(bytes);

		fold(&r->cache, str_first(bytes, n), out);
		bytes = str_from_pos(bytes, n);
	}
	buf_clear(&r->utf8);
	charset_feed(&r->charset, bytes, &r->utf8);
	fold(&r->cache, buf_str(&r->utf8), out);
}

static void
body_feed(struct text_reader *r, struct str bytes, struct buf *out)
{
	const struct summary_part *p = &r->s->parts[r->part];

	if (!r->open) {
		transfer_open(&r->transfer, (enum part_encoding)p->encoding);
		charset_open(&r->charset, p->charset);
		r->open = true;
	}
	if (p->encoding != ENC_QP && p->encoding != ENC_BASE64) {
		fold_bytes(r, bytes, out);
		return;
	}
	buf_clear(&r->bytes);
	transfer_feed(&r->transfer, bytes, &r->bytes);
	fold_bytes(r, buf_str(&r->bytes), out);
}

/* The end of a header or a body. */
static void
part_end(struct text_reader *r, struct buf *out)
{
	if (r->open) {
		buf_clear(&r->bytes);
		transfer_end(&r->transfer, &r->bytes);
		fold_bytes(r, buf_str(&r->bytes), out);
		buf_clear(&r->utf8);
		charset_close(&r->charset, &r->utf8);
		fold(&r->cache, buf_str(&r->utf8), out);
		r->open = false;
	}
	text_header(buf_str(&r->header), out);
	buf_clear(&r->header);
	buf_addz(out, "\r\n");
	leave(r);
}

void
text_reader_feed(struct text_reader *r, struct str bytes, struct buf *out)
{
	uint64_t at, n;

	ASSERT(text_reader_next(r, &at, &n) && bytes.n <= n);
	r->done += bytes.n;
	if (r->in_body)
		body_feed(r, bytes, out);
	else
		buf_adds(
		    &r->header, str_first(bytes, r->header.max - r->header.n));
	if (bytes.n == n)
		part_end(r, out);
}

void
text_reader_skip(struct text_reader *r, struct buf *out)
{
	ASSERT(r->part < r->s->n_parts);
	part_end(r, out);
}

void
text_reader_free(struct text_reader **r)
{
	struct buf none;

	if (!*r)
		return;
	buf_init(&none, 64);
	if ((*r)->open)
		charset_close(&(*r)->charset, &none);
	buf_release(&none);
	buf_release(&(*r)->header);
	buf_release(&(*r)->bytes);
	buf_release(&(*r)->utf8);
	free(*r);
	*r = NULL;
}

void
text_match_init(struct text_match *m, const struct str *needles, size_t n)
{
	ASSERT(n <= TEXT_NEEDLES_MAX);
	*m = (struct text_match){.needles = needles, .n = n};
	buf_init(&m->tail, SIZE_MAX);
	for (size_t i = 0; i < n; i++)
		if (needles[i].n == 0)
			m->found |= 1ULL << i;
}

static size_t
longest(const struct text_match *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (!(m->found >> i & 1))
			n = max_size(n, m->needles[i].n);
	return n;
}

static void
look(struct text_match *m, struct str text)
{
	for (size_t i = 0; i < m->n; i++)
		if (!(m->found >> i & 1) &&
		    str_find_str(text, m->needles[i]) != SIZE_MAX)
			m->found |= 1ULL << i;
}

void
text_match_feed(struct text_match *m, struct str text)
{
	size_t keep = longest(m);

	if (keep == 0)
		return;
	/* A match over the border ends within keep - 1 bytes of the text. */
	keep--;
	if (m->tail.n) {
		buf_adds(&m->tail, str_first(text, keep));
		look(m, buf_str(&m->tail));
	}
	look(m, text);
	if (text.n >= keep) {
		buf_clear(&m->tail);
		buf_adds(&m->tail, str_from_pos(text, text.n - keep));
	} else {
		/* All of a short text is in the tail, but for a first one. */
		if (m->tail.n == 0)
			buf_adds(&m->tail, text);
		if (m->tail.n > keep)
			buf_consume(&m->tail, m->tail.n - keep);
	}
}

bool
text_match_all(const struct text_match *m)
{
	return longest(m) == 0;
}

void
text_match_release(struct text_match *m)
{
	buf_release(&m->tail);
}

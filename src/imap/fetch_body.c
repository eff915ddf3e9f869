/*
 * Items that are bytes of the message, written in pieces.
 */
#include "imap/fetch.h"
#include "imap/write.h"

void
fetch_body_init(struct fetch_body *b)
{
	*b = (struct fetch_body){0};
	buf_init(&b->raw, FETCH_HEADER_MAX);
	buf_init(&b->ready, FETCH_HEADER_MAX);
}

void
fetch_body_release(struct fetch_body *b)
{
	buf_release(&b->raw);
	buf_release(&b->ready);
}

static bool
is_binary(const struct fetch_item *item)
{
	return item->kind->form == FETCH_BINARY ||
	    item->kind->form == FETCH_BINARY_SIZE;
}

/*
 * The size of what the item means is known: cuts the partial out of it and
 * announces the literal, or says the number and is done. A partial that begins
 * behind the end is the empty string (RFC 9051 6.4.5.1).
 */
static void
announce(struct fetch_body *b, uint64_t size, struct buf *out)
{
	const struct fetch_item *item = b->item;

	if (item->kind->form == FETCH_BINARY_SIZE) {
		buf_addu(out, size);
		b->phase = BODY_CLOSED;
		return;
	}
	b->skip = 0;
	b->want = size;
	if (item->partial) {
		b->skip = item->at < size ? item->at : size;
		b->want = size - b->skip;
		if (b->want > item->n)
			b->want = item->n;
	}
	imap_write_literal_header(out, b->want, is_binary(item));
	if (b->want == 0)
		b->phase = BODY_CLOSED;
}

/*
 * Reads the next piece of the span to the end of `to`. What the store says is
 * there must be there: the literal has been announced.
 */
static enum status
read_piece(struct fetch_body *b, uint64_t most, struct buf *to)
{
	uint64_t n = b->left < most ? b->left : most;
	size_t before = to->n;
	enum status st;

	st = message_read(b->account, b->message, b->at, n, to);
	if (st != ST_OK)
		return st;
	if (to->n - before != n)
		return ST_CORRUPT;
	b->at += n;
	b->left -= n;
	return ST_OK;
}

/* V8: a NUL that an import has kept is sent as 0x80, except in a literal8. */
static void
replace_nul(char *p, size_t n)
{
	char *nul;

	while ((nul = memchr(p, '\0', n)) != NULL) {
		*nul = (char)0x80;
		n -= (size_t)(nul + 1 - p);
		p = nul + 1;
	}
}

static enum status
open_fields(struct fetch_body *b, struct buf *out)
{
	enum status st;

	st = read_piece(b, FETCH_HEADER_MAX, &b->raw);
	if (st != ST_OK)
		return st;
	fetch_fields(&b->item->section, buf_str(&b->raw), &b->ready);
	b->phase = BODY_READY;
	announce(b, b->ready.n, out);
	return ST_OK;
}

enum status
fetch_body_open(struct fetch_body *b, struct account *account,
    const struct message *m, const struct summary *sum,
    const struct fetch_item *item, struct buf *out)
{
	bool size_only = item->kind->form == FETCH_BINARY_SIZE;

	if (!section_find(&item->section, m, sum, &b->span)) {
		buf_addz(out, size_only ? "0" : "NIL");
		return ST_OK;
	}
	if (is_binary(item) && b->span.encoding == ENC_OTHER)
		return ST_CANNOT;
	b->account = account;
	b->message = m->id;
	b->item = item;
	b->at = b->span.at;
	b->left = b->span.size;
	b->counted = 0;
	buf_clear(&b->raw);
	buf_clear(&b->ready);
	if (item->section.text == SECTION_FIELDS ||
	    item->section.text == SECTION_FIELDS_NOT)
		return open_fields(b, out);
	if (is_binary(item) &&
	    (b->span.encoding == ENC_QP || b->span.encoding == ENC_BASE64)) {
		transfer_open(&b->transfer, b->span.encoding);
		b->phase = BODY_COUNT;
		return ST_OK;
	}
	b->phase = BODY_READ;
	announce(b, b->span.size, out);
	b->at += b->skip;
	b->left = b->want;
	return ST_OK;
}

/* What the last piece gave, without what is to be skipped, as far as wanted. */
static void
write_decoded(struct fetch_body *b, struct buf *out)
{
	struct str s = buf_str(&b->ready);
	size_t skip = s.n;

	if (b->skip < skip)
		skip = (size_t)b->skip;
	s = str_from_pos(s, skip);
	b->skip -= skip;
	if (s.n > b->want)
		s.n = (size_t)b->want;
	buf_adds(out, s);
	b->want -= s.n;
	buf_clear(&b->ready);
}

/* Decodes the next piece; `ready` holds what came of it. */
static enum status
decode_piece(struct fetch_body *b)
{
	enum status st;

	buf_clear(&b->raw);
	st = read_piece(b, FETCH_PIECE, &b->raw);
	if (st != ST_OK)
		return st;
	transfer_feed(&b->transfer, buf_str(&b->raw), &b->ready);
	if (b->left == 0)
		transfer_end(&b->transfer, &b->ready);
	return ST_OK;
}

static enum status
step_count(struct fetch_body *b, struct buf *out)
{
	enum status st;
	bool whole;

	if ((st = decode_piece(b)) != ST_OK)
		return st;
	b->counted += b->ready.n;
	if (b->left > 0) {
		buf_clear(&b->ready);
		return ST_OK;
	}
	/* A part of one piece need not be decoded again. */
	whole = b->span.size <= FETCH_PIECE;
	b->phase = whole ? BODY_READY : BODY_DECODE;
	announce(b, b->counted, out);
	if (!fetch_body_done(b) && !whole) {
		buf_clear(&b->ready);
		transfer_open(&b->transfer, b->span.encoding);
		b->at = b->span.at;
		b->left = b->span.size;
	}
	return ST_OK;
}

/* All there is to be had is in `ready`. */
static void
step_ready(struct fetch_body *b, struct buf *out)
{
	struct str s = str_from_pos(buf_str(&b->ready), (size_t)b->skip);
	size_t before = out->n;

	s = str_first(s, (size_t)b->want);
	s = str_first(s, FETCH_PIECE);
	buf_adds(out, s);
	if (!is_binary(b->item))
		replace_nul(out->p + before, out->n - before);
	b->skip += s.n;
	b->want -= s.n;
	if (b->want == 0)
		b->phase = BODY_CLOSED;
}

enum status
fetch_body_step(struct fetch_body *b, struct buf *out)
{
	size_t before = out->n;
	enum status st = ST_OK;

	switch (b->phase) {
	case BODY_CLOSED:
		break;
	case BODY_READ:
		if ((st = read_piece(b, FETCH_PIECE, out)) != ST_OK)
			break;
		if (!is_binary(b->item))
			replace_nul(out->p + before, out->n - before);
		if (b->left == 0)
			b->phase = BODY_CLOSED;
		break;
	case BODY_COUNT:
		st = step_count(b, out);
		break;
	case BODY_DECODE:
		if ((st = decode_piece(b)) != ST_OK)
			break;
		write_decoded(b, out);
		if (b->want == 0) {
			b->phase = BODY_CLOSED;
		} else if (b->left == 0) {
			st = ST_CORRUPT;
		}
		break;
	case BODY_READY:
		step_ready(b, out);
		break;
	}
	return st;
}

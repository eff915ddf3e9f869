#include "imap/search_body.h"

#include "imap/search_fold.h"
#include "mime/words.h"

static void
collect(struct search_body *b, const struct search_node *node)
{
	if (node->cost == SEARCH_BODY && node->child == NULL) {
		b->needles[b->n_needles++] = node;
		b->longest = max_size(b->longest, node->text.n);
	}
	for (const struct search_node *c = node->child; c; c = c->next)
		collect(b, c);
}

void
search_body_init(struct search_body *b, const struct search_node *root)
{
	*b = (struct search_body){.at = SEARCH_AT_END};
	collect(b, root);
	buf_init(&b->raw, SEARCH_HEADER_MAX);
	buf_init(&b->bytes, SEARCH_HEADER_MAX);
	buf_init(&b->utf8, 4 * SEARCH_HEADER_MAX);
	buf_init(&b->folded, 16 * SEARCH_HEADER_MAX);
}

static void
close_charset(struct search_body *b)
{
	if (b->charset_open)
		charset_close(&b->charset, &b->utf8);
	b->charset_open = false;
}

void
search_body_release(struct search_body *b)
{
	close_charset(b);
	buf_release(&b->raw);
	buf_release(&b->bytes);
	buf_release(&b->utf8);
	buf_release(&b->folded);
}

void
search_body_begin(struct search_body *b, struct account *account,
    uint64_t message, const struct summary *summary)
{
	close_charset(b);
	b->account = account;
	b->message = message;
	b->summary = summary;
	b->part = 0;
	b->at = SEARCH_AT_HEADER;
	b->found = b->todo = 0;
	for (size_t i = 0; i < b->n_needles; i++)
		b->todo |= UINT64_C(1) << b->needles[i]->body;
}

/* Looks for what is missing in the folded text. */
static void
look(struct search_body *b)
{
	struct str text = buf_str(&b->folded);
	bool top_header = b->part == 0 && b->at == SEARCH_AT_HEADER;

	for (size_t i = 0; i < b->n_needles; i++) {
		const struct search_node *n = b->needles[i];
		uint64_t bit = UINT64_C(1) << n->body;

		if (!(b->todo & bit) || (top_header && !n->key->in_header) ||
		    str_find_str(text, n->text) == SIZE_MAX)
			continue;
		b->found |= bit;
		b->todo &= ~bit;
	}
}

static enum status
read_piece(struct search_body *b, uint64_t most)
{
	uint64_t n = b->left < most ? b->left : most;
	enum status st;

	buf_clear(&b->raw);
	st = message_read(b->account, b->message, b->read_at, n, &b->raw);
	b->read_at += n;
	b->left -= n;
	return st;
}

static enum status
step_header(struct search_body *b)
{
	const struct summary_part *part = &b->summary->parts[b->part];
	enum status st;

	b->read_at = part->header_at;
	b->left = part->header_size;
	if ((st = read_piece(b, SEARCH_HEADER_MAX)) != ST_OK)
		return st;
	buf_clear(&b->utf8);
	buf_clear(&b->folded);
	words_decode(buf_str(&b->raw), &b->utf8);
	search_fold(buf_str(&b->utf8), &b->folded);
	look(b);
	b->at = SEARCH_AT_BODY;
	return ST_OK;
}

static void
next_part(struct search_body *b)
{
	b->part++;
	b->at =
	    b->part < b->summary->n_parts ? SEARCH_AT_HEADER : SEARCH_AT_END;
}

static void
begin_body(struct search_body *b)
{
	const struct summary_part *part = &b->summary->parts[b->part];

	if (part->kind != PART_LEAF || !str_eqi(part->type, S("TEXT"))) {
		next_part(b);
		return;
	}
	b->read_at = part->body_at;
	b->left = part->body_size;
	transfer_open(&b->transfer, (enum part_encoding)part->encoding);
	charset_open(&b->charset, part->charset);
	b->charset_open = true;
	buf_clear(&b->folded);
	b->at = SEARCH_IN_BODY;
}

static enum status
step_body(struct search_body *b)
{
	size_t keep = b->longest > 0 ? b->longest - 1 : 0;
	enum status st;

	if ((st = read_piece(b, SEARCH_PIECE)) != ST_OK)
		return st;
	buf_clear(&b->bytes);
	buf_clear(&b->utf8);
	transfer_feed(&b->transfer, buf_str(&b->raw), &b->bytes);
	if (b->left == 0)
		transfer_end(&b->transfer, &b->bytes);
	charset_feed(&b->charset, buf_str(&b->bytes), &b->utf8);
	if (b->left == 0)
		close_charset(b);
	/* A needle may begin in one piece and end in the next. */
	if (b->folded.n > keep)
		buf_consume(&b->folded, b->folded.n - keep);
	search_fold(buf_str(&b->utf8), &b->folded);
	look(b);
	if (b->left == 0)
		next_part(b);
	return ST_OK;
}

enum status
search_body_step(struct search_body *b)
{
	enum status st = ST_OK;

	switch (b->at) {
	case SEARCH_AT_HEADER:
		st = step_header(b);
		break;
	case SEARCH_AT_BODY:
		begin_body(b);
		break;
	case SEARCH_IN_BODY:
		st = step_body(b);
		break;
	case SEARCH_AT_END:
		break;
	}
	if (b->todo == 0)
		b->at = SEARCH_AT_END;
	return st;
}

#include "imap/search_body.h"

enum { FOLDED_MAX = 64 * SEARCH_PIECE }; /* folding may lengthen */

void
search_body_init(struct search_body *b, enum text_what what)
{
	*b = (struct search_body){.what = what};
	buf_init(&b->raw, SEARCH_PIECE);
	buf_init(&b->folded, FOLDED_MAX);
}

bool
search_body_add(struct search_body *b, struct str needle, unsigned *out)
{
	if (b->n_needles == TEXT_NEEDLES_MAX)
		return false;
	*out = (unsigned)b->n_needles;
	b->needles[b->n_needles++] = needle;
	return true;
}

void
search_body_reset(struct search_body *b)
{
	if (b->at == SEARCH_NOT_BEGUN)
		return;
	text_reader_free(&b->reader);
	text_match_release(&b->match);
	b->at = SEARCH_NOT_BEGUN;
}

void
search_body_release(struct search_body *b)
{
	search_body_reset(b);
	buf_release(&b->raw);
	buf_release(&b->folded);
}

void
search_body_begin(struct search_body *b, struct account *account,
    uint64_t message, const struct summary *summary)
{
	search_body_reset(b);
	b->account = account;
	b->message = message;
	b->reader = text_reader_new(summary, b->what);
	text_match_init(&b->match, b->needles, b->n_needles);
	b->at = SEARCH_READING;
}

enum status
search_body_step(struct search_body *b)
{
	uint64_t at, n;
	enum status st;

	if (text_match_all(&b->match) ||
	    !text_reader_next(b->reader, &at, &n)) {
		b->at = SEARCH_READ;
		return ST_OK;
	}
	buf_clear(&b->raw);
	buf_clear(&b->folded);
	st = message_read(b->account, b->message, at,
	    n < SEARCH_PIECE ? n : SEARCH_PIECE, &b->raw);
	if (st != ST_OK)
		return st;
	if (b->raw.n == 0)
		text_reader_skip(b->reader, &b->folded);
	else
		text_reader_feed(b->reader, buf_str(&b->raw), &b->folded);
	text_match_feed(&b->match, buf_str(&b->folded));
	return ST_OK;
}

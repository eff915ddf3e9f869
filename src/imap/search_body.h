/*
 * BODY and TEXT: which of several needles are in the texts of one message,
 * read and folded piece by piece (mime/text.h). The two look at different
 * texts, so that each kind has a reading of its own.
 */
#ifndef IMAP_SEARCH_BODY_H
#define IMAP_SEARCH_BODY_H

#include "imap/search.h"
#include "mime/text.h"
#include "store/message.h"

struct search_body {
	enum text_what what;
	struct str needles[TEXT_NEEDLES_MAX];
	size_t n_needles;

	enum { SEARCH_NOT_BEGUN, SEARCH_READING, SEARCH_READ } at;
	struct account *account;
	uint64_t message;
	struct text_reader *reader;
	struct text_match match;
	struct buf raw, folded;
};

void search_body_init(struct search_body *b, enum text_what what);
/* Before the first begin; `needle` is folded. False: there are too many. */
bool search_body_add(struct search_body *b, struct str needle, unsigned *out);
void search_body_release(struct search_body *b);

/* For the next message. The summary must stay until then. */
void search_body_reset(struct search_body *b);
void search_body_begin(struct search_body *b, struct account *account,
    uint64_t message, const struct summary *summary);
enum status search_body_step(struct search_body *b) MUST_CHECK;

static inline bool
search_body_found(const struct search_body *b, unsigned needle)
{
	return b->at != SEARCH_NOT_BEGUN &&
	    (b->match.found & (UINT64_C(1) << needle));
}

#endif

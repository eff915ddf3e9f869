/*
 * BODY and TEXT: the texts of one message, decoded and folded piece by piece,
 * and which of several needles are in them. Its texts are the bodies of its
 * text/... parts and the headers of all its parts; those of the message
 * itself count for TEXT only (RFC 9051 6.4.4).
 */
#ifndef IMAP_SEARCH_BODY_H
#define IMAP_SEARCH_BODY_H

#include "imap/search.h"
#include "mime/charset.h"
#include "mime/transfer.h"

struct search_body {
	const struct search_node *needles[SEARCH_BODIES_MAX];
	size_t n_needles, longest;
	uint64_t todo;  /* bits of those that were not found yet */
	uint64_t found; /* bits, by node->body */

	struct account *account;
	uint64_t message;
	const struct summary *summary;
	uint32_t part;
	enum {
		SEARCH_AT_HEADER,
		SEARCH_AT_BODY,
		SEARCH_IN_BODY,
		SEARCH_AT_END,
	} at;
	uint64_t read_at, left;
	struct transfer transfer;
	struct charset_reader charset;
	bool charset_open;
	struct buf raw, bytes, utf8, folded;
};

/* The needles are the BODY and TEXT keys under root. */
void search_body_init(struct search_body *b, const struct search_node *root);
void search_body_release(struct search_body *b);

/* The summary stays the caller's and must stay, until the next begin. */
void search_body_begin(struct search_body *b, struct account *account,
    uint64_t message, const struct summary *summary);
static inline bool
search_body_done(const struct search_body *b)
{
	return b->at == SEARCH_AT_END;
}
enum status search_body_step(struct search_body *b) MUST_CHECK;

#endif

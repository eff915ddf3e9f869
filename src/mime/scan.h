/*
 * Finds the parts of a message while its bytes stream by: where each header
 * and body begins and ends. Knows lines and boundaries (RFC 2046 5.1); what a
 * header means is asked of its owner once the header is complete.
 *
 *	HEADER --empty line, end--> ask owner: leaf, multipart or message
 *	  leaf:      BODY
 *	  multipart: BODY (preamble), a boundary opens the next HEADER
 *	  message:   HEADER of the message in it
 *	BODY --boundary of an open multipart--> HEADER of the next part
 *	BODY --closing boundary--> BODY (epilogue) of that multipart
 *
 * A boundary of an outer multipart ends all inner ones, also in a header.
 * Over a limit it goes on counting bytes and lines only (`opaque`).
 */
#ifndef MIME_SCAN_H
#define MIME_SCAN_H

#include "mime/summary.h"

struct scan_answer {
	enum part_kind kind;
	struct str boundary; /* of a multipart, never empty */
	bool digest;         /* its parts are messages unless they say else */
	bool capture;        /* give the body to scan_owner.body */
};

struct scan_owner {
	/* Part `index` has this header, at most LIMIT_MIME_HEADER of it. */
	struct scan_answer (*header)(
	    void *ctx, uint32_t index, struct str header, bool in_digest);
	/* Bytes of a captured body; false: that is enough. */
	bool (*body)(void *ctx, uint32_t index, struct str bytes);
	void *ctx;
};

struct scan;

struct scan *scan_new(struct scan_owner owner);
void scan_feed(struct scan *s, struct str bytes);
void scan_finish(struct scan *s);
void scan_free(struct scan **s);

bool scan_opaque(const struct scan *s);
/* What is over a limit of the owner's: makes the scan opaque. */
void scan_give_up(struct scan *s);
struct summary_part *scan_parts(struct scan *s, uint32_t *n_out);
/* The root part when opaque: a header and one body. */
struct summary_part scan_root(const struct scan *s);

#endif

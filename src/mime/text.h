/*
 * What SEARCH compares: the text of a message decoded, in UTF-8, and folded
 * like i;unicode-casemap (RFC 5051): case folded and decomposed, character by
 * character. A needle is folded the same way, and then bytes are compared.
 *
 *	text_reader	bytes of the message -> folded text, in pieces
 *	text_match	pieces of folded text -> which needles are in it
 */
#ifndef MIME_TEXT_H
#define MIME_TEXT_H

#include "mime/summary.h"

/* Appends the folded form of valid UTF-8. */
void text_fold(struct str utf8, struct buf *out);

/*
 * A search key as the client sent it, folded. ST_CHARSET: a charset we do
 * not know ("" is UTF-8); ST_INVALID: no text in that charset.
 */
enum status text_needle(struct str charset, struct str text, struct arena *a,
    struct str *out) MUST_CHECK;

/* The value of a header field: unfolded, words decoded, folded. */
void text_field(struct str raw_value, struct buf *out);

/* A whole header block, a line "name: value" for each field. */
void text_header(struct str header, struct buf *out);

/*
 * The text parts of a message and the headers of messages in it (BODY), or
 * those and all headers (TEXT). It says which bytes it needs next, so that
 * attachments are not even read:
 *
 *	while (text_reader_next(r, &at, &n))
 *		read some of these bytes, from `at`;
 *		text_reader_feed(r, bytes, out);
 */
enum text_what { TEXT_BODY, TEXT_ALL };

struct text_reader;
/* Keeps `s`. */
struct text_reader *text_reader_new(
    const struct summary *s, enum text_what what);
bool text_reader_next(
    const struct text_reader *r, uint64_t *at_out, uint64_t *n_out);
/*
 * 1..n of the bytes asked for; appends folded text. Between parts stands a
 * line end, so that nothing is found that spans two.
 */
void text_reader_feed(struct text_reader *r, struct str bytes, struct buf *out);
/* The bytes asked for do not exist: goes on with the next part. */
void text_reader_skip(struct text_reader *r, struct buf *out);
void text_reader_free(struct text_reader **r);

enum { TEXT_NEEDLES_MAX = 64 };

struct text_match {
	const struct str *needles; /* folded; at most TEXT_NEEDLES_MAX */
	size_t n;
	uint64_t found;  /* bit i: needles[i] is in the text */
	struct buf tail; /* where a match may begin that goes on */
};
void text_match_init(struct text_match *m, const struct str *needles, size_t n);
void text_match_feed(struct text_match *m, struct str folded);
/* All of them are found: no need to go on. */
bool text_match_all(const struct text_match *m);
void text_match_release(struct text_match *m);

#endif

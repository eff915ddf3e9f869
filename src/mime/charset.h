/*
 * Text in the charsets of mail, to UTF-8. UTF-8, ASCII and Windows-1252
 * (which ISO-8859-1 labels mean in practice) are decoded here, about forty
 * others by iconv. Nothing fails on content: what cannot be decoded becomes
 * U+FFFD, and text without a known label is taken for UTF-8 where it is valid
 * and for Windows-1252 where it is not.
 */
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include <iconv.h>

#include "base/buf.h"

bool charset_known(struct str name);

enum charset_kind { CHARSET_GUESS, CHARSET_UTF8, CHARSET_1252, CHARSET_ICONV };

/* A stream of text; the result does not depend on how the bytes are cut. */
struct charset_reader {
	enum charset_kind kind;
	bool one_byte; /* ASCII and one byte a character */
	iconv_t cd;
	char held[16]; /* the start of a character whose rest is to come */
	size_t n_held;
};

/* An unknown or empty name is CHARSET_GUESS. */
void charset_open(struct charset_reader *r, struct str name);
void charset_feed(struct charset_reader *r, struct str bytes, struct buf *out);
/* What is held back is incomplete: it becomes U+FFFD. Closes too. */
void charset_close(struct charset_reader *r, struct buf *out);

/* All of it at once. */
void charset_to_utf8(struct str name, struct str bytes, struct buf *out);

#endif

/*
 * Text as SEARCH compares it: without case and without the difference between
 * ways to write the same character, in the manner of i;unicode-casemap (RFC
 * 5051), character by character, so that a text may be folded in pieces.
 */
#ifndef IMAP_SEARCH_FOLD_H
#define IMAP_SEARCH_FOLD_H

#include "base/arena.h"

void search_fold(struct str utf8, struct buf *out);

/*
 * What a client looks for, folded. ST_CHARSET for a charset that is not known;
 * without one, text is UTF-8.
 */
enum status search_fold_needle(struct str charset, struct str text,
    struct arena *a, struct str *out) MUST_CHECK;

#endif

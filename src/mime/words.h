/*
 * Encoded words (RFC 2047): the text of an unstructured field or a phrase as
 * UTF-8. Also unfolds. Words are found where they stand, even glued to other
 * text, since many senders write them so.
 */
#ifndef MIME_WORDS_H
#define MIME_WORDS_H

#include "base/buf.h"

void words_decode(struct str raw, struct buf *out);

#endif

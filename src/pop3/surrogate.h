/*
 * RFC 6856 2.1: a client that has not said UTF8 is sent no header with bytes
 * above 127. It gets a surrogate of it, in the manner of RFC 6857: what people
 * read as encoded words, addresses so that they can be answered where that is
 * possible. The body, fields of parts inclusive, stays as it is.
 */
#ifndef POP3_SURROGATE_H
#define POP3_SURROGATE_H

#include "base/arena.h"
#include "base/buf.h"

/* `header` with its empty line; what is ASCII in it comes out as it is. */
void pop3_surrogate(struct str header, struct arena *a, struct buf *out);

#endif

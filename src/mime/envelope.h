/*
 * ENVELOPE (RFC 9051 7.5.2) and what else is computed of a message's own
 * header: sort keys, dates, references.
 */
#ifndef MIME_ENVELOPE_H
#define MIME_ENVELOPE_H

#include "mime/fields.h"
#include "mime/summary.h"

/* Appends the envelope; `scratch` holds addresses meanwhile. */
void envelope_write(
    const struct fields *f, struct arena *scratch, struct buf *out);

/* Fills keys, date, message ids and references; their strings live in `a`. */
void envelope_keys(
    const struct fields *f, struct arena *a, struct summary *out);

#endif

/*
 * Strings as IMAP writes them into ENVELOPE and BODYSTRUCTURE: quoted where
 * that is legal for rev1 (RFC 3501 allows no byte above 127 in it), else a
 * literal. A str whose p is NULL is NIL.
 */
#ifndef MIME_IMAP_TEXT_H
#define MIME_IMAP_TEXT_H

#include "base/arena.h"

void imap_text_nstring(struct buf *out, struct str s);
/* Takes one off *rest, NIL as the empty str; false: there is none. */
bool imap_text_take(
    struct str *rest, struct arena *a, struct str *out) MUST_CHECK;

#endif

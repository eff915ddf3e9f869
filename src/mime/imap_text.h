/*
 * Strings as IMAP writes them into ENVELOPE and BODYSTRUCTURE: quoted where
 * that is legal for rev1 (RFC 3501 allows no byte above 127 in it), else a
 * literal. A str whose p is NULL is NIL.
 */
#ifndef MIME_IMAP_TEXT_H
#define MIME_IMAP_TEXT_H

#include "base/buf.h"

void imap_text_nstring(struct buf *out, struct str s);

#endif

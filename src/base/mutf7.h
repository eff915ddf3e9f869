/*
 * Modified UTF-7: mailbox names of IMAP4rev1 (RFC 3501 5.1.3).
 */
#ifndef BASE_MUTF7_H
#define BASE_MUTF7_H

#include "base/buf.h"

/*
 * Adds the UTF-8 of what was written in ASCII; not normalized. False for what
 * is no modified UTF-7, or not its one form: `out` then holds a part of it.
 */
bool mutf7_decode(struct str in, struct buf *out) MUST_CHECK;

/* `name` must be valid UTF-8. */
void mutf7_encode(struct str name, struct buf *out);

#endif

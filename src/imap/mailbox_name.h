/*
 * Mailbox names on the wire: modified UTF-7 (RFC 3501 5.1.3) for IMAP4rev1,
 * UTF-8 for IMAP4rev2; and patterns of LIST over them.
 */
#ifndef IMAP_MAILBOX_NAME_H
#define IMAP_MAILBOX_NAME_H

#include "base/arena.h"

/*
 * What a client wrote as UTF-8 in NFC, INBOX in capitals. With `utf8` it is
 * UTF-8 already; without, it is modified UTF-7, or UTF-8 if it has bytes
 * above 127. False for what is neither.
 */
bool mailbox_name_decode(struct str wire, bool utf8, struct arena *arena,
    struct str *out) MUST_CHECK;

/*
 * Does the name match? "*" stands for anything, "%" for anything without '/'.
 * In time (length of name) * (length of pattern) at most.
 */
bool mailbox_name_match(struct str pattern, struct str name);

#endif

/*
 * Special uses of mailboxes (RFC 6154, RFC 8457) as attributes.
 */
#ifndef IMAP_SPECIAL_USE_H
#define IMAP_SPECIAL_USE_H

#include "imap/parse.h"

/* use-attr = "\" atom: one of enum special_use; 0 for one not known. */
bool parse_special_use(struct imap_parse *p, unsigned *out);

/* "\Sent \Trash", with a space in front of each when `more`. */
void imap_write_special_use(struct buf *out, unsigned uses, bool more);

#endif

/*
 * The items of STATUS (RFC 9051 6.3.11), also for LIST ... RETURN (STATUS).
 */
#ifndef IMAP_STATUS_ITEM_H
#define IMAP_STATUS_ITEM_H

#include "imap/session.h"

/* "(" status-att *(SP status-att) ")" as bits, one for each item. */
bool parse_status_items(struct imap_parse *p, unsigned *out);

/* "* STATUS name (items)" CRLF */
void imap_write_status(
    struct imap *s, struct buf *out, const struct mailbox *box, unsigned items);

#endif

/*
 * Expunging what bears \Deleted, IMAP_TURN messages at a time: for EXPUNGE,
 * UID EXPUNGE and CLOSE.
 */
#ifndef IMAP_EXPUNGE_H
#define IMAP_EXPUNGE_H

#include "imap/session.h"

/*
 * Fills call->change with the next messages of the view that bear \Deleted
 * (of `only`, unless it is NULL), from *msn on, which it brings forward.
 * False when there are none.
 */
bool imap_next_deleted(
    struct imap_call *call, const struct uidset *only, uint32_t *msn);

#endif

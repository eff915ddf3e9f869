/*
 * A command's way through a session: from what the reader found to the
 * tagged reply. For imap.c only; commands see session.h.
 */
#ifndef IMAP_CALL_H
#define IMAP_CALL_H

#include "imap/session.h"

/* Acts on s->got, and leaves it READ_MORE. */
void imap_take(struct imap *s, struct buf *out);
/* One slice of the call that is running, if there is one. */
void imap_slice(struct imap *s, struct buf *out);
/* The answer to the open question has come; what is said goes to s->said. */
void imap_answered(struct imap *s, const struct answer *a);
/* Drops the call without a reply. */
void imap_call_end(struct imap *s);

#endif

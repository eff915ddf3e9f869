/*
 * COPYUID and APPENDUID (RFC 4315), and finding the target of COPY, MOVE and
 * APPEND.
 */
#ifndef IMAP_COPYUID_H
#define IMAP_COPYUID_H

#include "imap/session.h"

/* "COPYUID validity from to", in the call's arena; "" when nothing was. */
struct str imap_copyuid(struct imap_call *call, const struct changed *done);

/* ST_NOT_FOUND for what does not exist or holds no messages. */
enum status imap_target(struct imap_call *call, struct str name,
    const struct mailbox **out) MUST_CHECK;

#endif

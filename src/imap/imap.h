/*
 * IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051) as session machines
 * (proto/proto.h): one until the login, one after it. Both are the same
 * engine over the same commands; which of them are legal follows from the
 * state, and nothing before the login can reach a store.
 */
#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include "proto/proto.h"

extern const struct proto imap_login_proto;
extern const struct proto imap_proto;

#endif

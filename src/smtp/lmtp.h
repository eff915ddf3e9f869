/*
 * LMTP (RFC 2033): the way mail comes in. 8BITMIME (RFC 6152), SMTPUTF8
 * (RFC 6531), SIZE (RFC 1870), CHUNKING (RFC 3030), PIPELINING (RFC 2920),
 * ENHANCEDSTATUSCODES (RFC 2034), STARTTLS (RFC 3207) off loopback.
 */
#ifndef SMTP_LMTP_H
#define SMTP_LMTP_H

#include "proto/proto.h"

extern const struct proto lmtp_proto;

#endif

/*
 * POP3 (RFC 1939) with CAPA (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034),
 * UTF8 and LANG (RFC 6856), response codes (RFC 2449, RFC 3206). APOP is not
 * offered: it needs passwords that can be read back.
 *
 * V5: the maildrop is INBOX as it is at the login. It is not locked; what
 * others remove meanwhile stays readable and counts as deleted.
 */
#ifndef POP3_POP3_H
#define POP3_POP3_H

#include "proto/proto.h"

extern const struct proto pop3_login_proto; /* AUTHORIZATION state */
extern const struct proto pop3_proto;       /* TRANSACTION state */

#endif

/*
 * POP3 (RFC 1939) with CAPA (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034),
 * AUTH-RESP-CODE (RFC 3206), UTF8 and LANG (RFC 6856).
 */
#ifndef POP3_POP3_H
#define POP3_POP3_H

#include "proto/proto.h"

extern const struct proto pop3_login_proto, pop3_proto;

#endif

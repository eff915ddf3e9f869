/*
 * What the settings let a session do; filled by daemon/ from the
 * configuration and by the test runner from its directives.
 */
#ifndef PROTO_CONFIG_H
#define PROTO_CONFIG_H

#include "base/str.h"
#include "proto/limits.h"

enum cleartext { CLEARTEXT_NEVER, CLEARTEXT_LOOPBACK, CLEARTEXT_ALWAYS };

struct proto_config {
	struct str hostname;       /* for greetings and Received */
	enum cleartext cleartext;  /* auth.cleartext */
	bool scram;                /* auth.scram */
	bool starttls;             /* a certificate is there */
	uint64_t max_message;      /* bytes of one message */
	uint32_t pop3_login_delay; /* seconds, announced */
	uint32_t retention_days;   /* history.retention, for POP3 EXPIRE */
	uint32_t login_ms; /* limit.login: until logged in; 0: LIMIT_LOGIN_MS */
};

static inline int64_t
proto_login_ms(const struct proto_config *c)
{
	return c->login_ms ? c->login_ms : LIMIT_LOGIN_MS;
}

#endif

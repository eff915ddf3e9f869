/*
 * What a login is to every protocol that has one: how passwords and SASL's
 * responses are asked about, and who a session is by the grant.
 */
#ifndef PROTO_LOGIN_COMMON_H
#define PROTO_LOGIN_COMMON_H

#include "base/arena.h"
#include "proto/proto.h"
#include "store/change.h"

/* Asks; returns the question's id. One at a time: the outbox has room. */
uint32_t login_ask(const struct host *h, const struct auth_step *step);

/* RFC 4616: [authzid] NUL authcid NUL passwd */
struct str login_plain(struct arena *a, struct str name, struct str password);

/* A response in base64, which leaves no copy of itself. False: it is none. */
bool login_decode(struct arena *a, struct str line, struct str *out);

/* Who does what the session does. */
struct origin login_origin(
    const struct host *h, struct str protocol, struct str client);

#endif

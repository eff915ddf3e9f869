/*
 * The client's side of SCRAM-SHA-256 in a transcript, for the password
 * "secret" and a nonce that is always the same:
 *
 *	C: a1 AUTHENTICATE SCRAM-SHA-256 ${scram-first:alice}
 *	S: + ${first}
 *	C: ${scram-final:alice:first}
 *	S: + ${scram-server:alice:first}
 *
 * ${scram-first-plus:...} and so on bind the channel by tls-exporter. All are
 * base64, as they are said.
 */
#ifndef RUNNER_SCRAM_H
#define RUNNER_SCRAM_H

#include "auth/credentials.h"
#include "script.h"

/* What the server knows of the password. */
void runner_scram_salt(struct scram_salt *out);
void runner_scram_keys(struct scram_keys *out);

/* The channel of `-- tls`. */
#define RUNNER_BINDING "binding"

/* Is it one of those variables, and can it be said? In the arena. */
bool runner_scram(const struct bindings *b, struct str name, struct arena *a,
    struct str *out);

/* ${plain:alice}: the response of PLAIN (RFC 4616). */
bool runner_plain(const struct bindings *b, struct str name, struct arena *a,
    struct str *out);

#endif

/*
 * The arithmetic of SCRAM-SHA-256 (RFC 5802, RFC 7677).
 */
#ifndef AUTH_SCRAM_H
#define AUTH_SCRAM_H

#include "base/str.h"

enum { SCRAM_KEY = 32, SCRAM_SALT = 16, SCRAM_ITERATIONS = 65536 };

struct scram_keys {
	unsigned char stored[SCRAM_KEY], server[SCRAM_KEY];
};

/* Costs `iterations` HMACs. The password is prepared (auth/saslprep.h). */
enum status scram_derive(struct str password, struct str salt,
    uint32_t iterations, struct scram_keys *out) MUST_CHECK;

/* Does the client's proof of the message come from these keys? */
bool scram_proof_ok(const struct scram_keys *k, struct str message,
    const unsigned char proof[SCRAM_KEY]) MUST_CHECK;
void scram_signature(const struct scram_keys *k, struct str message,
    unsigned char out[SCRAM_KEY]);

#endif

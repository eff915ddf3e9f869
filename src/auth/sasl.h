/*
 * The server's side of a SASL exchange, as a pure machine: responses in;
 * challenges, and what it needs to know of the account, out.
 *
 *	PLAIN            response ------------------------> SASL_PASSWORD
 *	LOGIN            name -> SASL_CHALLENGE, password -> SASL_PASSWORD
 *	SCRAM-SHA-256[-PLUS]
 *	   client-first  -> SASL_SALT; sasl_salt() -> `data` is the challenge
 *	   client-final  -> SASL_PROOF; sasl_prove() -> `data` is the last word
 *
 * Without an initial response PLAIN and SCRAM begin with an empty challenge.
 */
#ifndef AUTH_SASL_H
#define AUTH_SASL_H

#include "auth/credentials.h"
#include "auth/service.h"

enum {
	SASL_NAME_MAX = 320,
	SASL_NONCE = 24, /* characters of ours */
	SASL_NONCE_MAX = 256,
	SASL_MESSAGE_MAX = 8 * 1024,
};

enum sasl_next {
	SASL_CHALLENGE,
	SASL_PASSWORD, /* check name, authzid, password */
	SASL_SALT,     /* look name up, then sasl_salt() */
	SASL_PROOF,    /* then sasl_prove() */
	SASL_MALFORMED,
	SASL_DENIED, /* a channel binding does not match */
};

enum sasl_mechanism {
	SASL_PLAIN,
	SASL_LOGIN,
	SASL_SCRAM_SHA_256,
	SASL_SCRAM_SHA_256_PLUS,
	SASL_MECHANISMS
};

struct sasl {
	enum sasl_mechanism mechanism;
	struct str name, authzid, password; /* prepared; live in the arena */
	struct str data;                    /* of a challenge or last word */
	/* private */
	struct arena *arena;
	const struct sasl_bindings *bindings;
	unsigned step;
	struct str gs2, first_bare, server_first, nonce, message;
	struct str binding; /* the bytes c= must end with */
	unsigned char proof[SCRAM_KEY];
};

const char *sasl_name(enum sasl_mechanism m);
bool sasl_mechanism(struct str name, enum sasl_mechanism *out) MUST_CHECK;

/* All memory is the arena's. `bindings` must outlive the exchange. */
void sasl_begin(struct sasl *s, enum sasl_mechanism m, struct arena *a,
    const struct random *r, const struct sasl_bindings *bindings);
enum sasl_next sasl_step(
    struct sasl *s, bool has_response, struct str response) MUST_CHECK;

void sasl_salt(struct sasl *s, const struct scram_salt *salt);
bool sasl_prove(struct sasl *s, const struct scram_keys *k) MUST_CHECK;

/* Wipes the password. */
void sasl_end(struct sasl *s);

#endif

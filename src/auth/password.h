/*
 * Passwords (P7). Generated ones carry 100 bits, so a salted HMAC-SHA-256
 * keeps them safe and costs nothing to check; chosen ones are argon2id.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "base/buf.h"
#include "base/clock.h"

enum {
	PASSWORD_CHARS = 20, /* of 32 each: 100 bits */
	PASSWORD_SHOWN = 24, /* xxxx-xxxx-xxxx-xxxx-xxxx */
	PASSWORD_SALT = 16,
	PASSWORD_TAG = 32,
	PASSWORD_VERIFIER = PASSWORD_SALT + PASSWORD_TAG,
	PASSWORD_MIN = 8, /* characters of a chosen one */
	PASSWORD_MAX = 1024,
	PASSWORD_ARGON2_KIB = 19 * 1024,
	PASSWORD_ARGON2_T = 2,
};

/* Writes PASSWORD_SHOWN characters. */
void password_generate(const struct random *r, struct buf *out);

/*
 * What a person typed from paper, as its PASSWORD_CHARS characters: case,
 * dashes and spaces do not matter, o is 0, i and l are 1. False when it cannot
 * be a generated password.
 */
bool password_canonical(struct str typed, char out[PASSWORD_CHARS]) MUST_CHECK;

/* Salt and tag of a canonical password. */
void password_verifier(const struct random *r,
    const char canonical[PASSWORD_CHARS], unsigned char out[PASSWORD_VERIFIER]);
bool password_verifier_ok(
    struct str verifier, const char canonical[PASSWORD_CHARS]) MUST_CHECK;

/* Appends "$argon2id$..."; ST_IO when there is no memory for it. */
enum status password_argon2(struct str password, struct buf *out) MUST_CHECK;
bool password_argon2_ok(struct str verifier, struct str password) MUST_CHECK;
/* A verifier of no password, for names that do not exist. */
struct str password_argon2_dummy(void);

#endif

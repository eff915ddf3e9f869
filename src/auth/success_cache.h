/*
 * Chosen passwords that were right a moment ago: a mail program that opens
 * ten connections pays for argon2id once (P7). Holds keyed tags, no passwords;
 * a tag covers the verifier, so that a changed password is not in it.
 */
#ifndef AUTH_SUCCESS_CACHE_H
#define AUTH_SUCCESS_CACHE_H

#include "base/clock.h"
#include "base/str.h"

enum {
	SUCCESS_CACHE_ROWS = 4096,
	SUCCESS_CACHE_MS = 5 * 60 * 1000,
	SUCCESS_TAG = 32,
};

struct success_cache {
	unsigned char key[32];
	struct {
		unsigned char tag[SUCCESS_TAG];
		int64_t until_ms; /* mono */
	} rows[SUCCESS_CACHE_ROWS];
};

void success_cache_init(struct success_cache *c, const struct random *r);
bool success_cache_has(const struct success_cache *c, struct str verifier,
    struct str password, int64_t now_ms) MUST_CHECK;
void success_cache_add(struct success_cache *c, struct str verifier,
    struct str password, int64_t now_ms);

#endif

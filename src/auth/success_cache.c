#include "auth/success_cache.h"

#include <sodium.h>

void
success_cache_init(struct success_cache *c, const struct random *r)
{
	memset(c, 0, sizeof(*c));
	random_fill(r, c->key, sizeof(c->key));
}

static size_t
tag_of(const struct success_cache *c, struct str verifier, struct str password,
    unsigned char tag[SUCCESS_TAG])
{
	crypto_generichash_state s;
	uint64_t n = verifier.n;
	uint32_t row;

	crypto_generichash_init(&s, c->key, sizeof(c->key), SUCCESS_TAG);
	crypto_generichash_update(&s, (const unsigned char *)&n, sizeof(n));
	crypto_generichash_update(
	    &s, (const unsigned char *)verifier.p, verifier.n);
	crypto_generichash_update(
	    &s, (const unsigned char *)password.p, password.n);
	crypto_generichash_final(&s, tag, SUCCESS_TAG);
	explicit_bzero(&s, sizeof(s));
	memcpy(&row, tag, sizeof(row));
	return row % SUCCESS_CACHE_ROWS;
}

bool
success_cache_has(const struct success_cache *c, struct str verifier,
    struct str password, int64_t now_ms)
{
	unsigned char tag[SUCCESS_TAG];
	size_t row = tag_of(c, verifier, password, tag);

	return c->rows[row].until_ms > now_ms &&
	    sodium_memcmp(c->rows[row].tag, tag, SUCCESS_TAG) == 0;
}

void
success_cache_add(struct success_cache *c, struct str verifier,
    struct str password, int64_t now_ms)
{
	unsigned char tag[SUCCESS_TAG];
	size_t row = tag_of(c, verifier, password, tag);

	memcpy(c->rows[row].tag, tag, SUCCESS_TAG);
	c->rows[row].until_ms = now_ms + SUCCESS_CACHE_MS;
}

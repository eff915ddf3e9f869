#include "auth/scram.h"

#include <openssl/evp.h>
#include <sodium.h>

static void
hmac(const unsigned char *key, struct str message, unsigned char *out)
{
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, key, SCRAM_KEY);
	crypto_auth_hmacsha256_update(
	    &s, (const unsigned char *)message.p, message.n);
	crypto_auth_hmacsha256_final(&s, out);
	explicit_bzero(&s, sizeof(s));
}

enum status
scram_derive(struct str password, struct str salt, uint32_t iterations,
    struct scram_keys *out)
{
	unsigned char salted[SCRAM_KEY], client[SCRAM_KEY];

	if (PKCS5_PBKDF2_HMAC(password.p, (int)password.n,
		(const unsigned char *)salt.p, (int)salt.n, (int)iterations,
		EVP_sha256(), sizeof(salted), salted) != 1)
		return ST_IO;
	hmac(salted, S("Client Key"), client);
	crypto_hash_sha256(out->stored, client, sizeof(client));
	hmac(salted, S("Server Key"), out->server);
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client, sizeof(client));
	return ST_OK;
}

/* ClientKey = proof XOR signature; its hash must be StoredKey. */
bool
scram_proof_ok(const struct scram_keys *k, struct str message,
    const unsigned char proof[SCRAM_KEY])
{
	unsigned char client[SCRAM_KEY], stored[SCRAM_KEY];
	size_t i;

	hmac(k->stored, message, client);
	for (i = 0; i < SCRAM_KEY; i++)
		client[i] ^= proof[i];
	crypto_hash_sha256(stored, client, sizeof(client));
	explicit_bzero(client, sizeof(client));
	return sodium_memcmp(stored, k->stored, SCRAM_KEY) == 0;
}

void
scram_signature(const struct scram_keys *k, struct str message,
    unsigned char out[SCRAM_KEY])
{
	hmac(k->server, message, out);
}

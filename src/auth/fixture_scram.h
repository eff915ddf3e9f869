/* For service*_test.c: the client's side of SCRAM (RFC 5802, RFC 7677). */
#ifndef AUTH_FIXTURE_SCRAM_H
#define AUTH_FIXTURE_SCRAM_H

#include <openssl/evp.h>

#include "auth/fixture_service.h"
#include "auth/scram.h"
#include "base/base64.h"

static inline struct str
base64_text(struct world *w, const void *p, size_t n)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1000);
	base64_encode(str_of(p, n), &b);
	s = arena_str(&w->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static inline void
hmac(struct world *w UNUSED, const unsigned char *key, struct str m,
    unsigned char *out)
{
	struct scram_keys k;

	memcpy(k.server, key, SCRAM_KEY);
	scram_signature(&k, m, out);
}

/* The bytes of "s=" in the server's first message. */
static inline struct str
salt_of(struct world *w, struct str first)
{
	struct str rest = first, s;
	struct buf b;

	(void)str_cut(&rest, ',');
	s = str_from_pos(str_cut(&rest, ','), 2);
	assert_str(rest, "i=65536");
	buf_init(&b, 100);
	assert_ok(base64_decode(s, &b));
	s = arena_str(&w->a, buf_str(&b));
	buf_release(&b);
	return s;
}

/* ClientProof = ClientKey XOR HMAC(StoredKey, message). */
static inline enum auth_outcome
scram(struct world *w, const char *name, struct str password, struct str *salt)
{
	struct str first, bare, without, message, server_first;
	unsigned char salted[32], client[32], proof[32];
	struct scram_keys k;
	struct auth_ask ask;

	bare = arena_printf(&w->a, "n=%s,r=cnonce", name);
	first = arena_printf(&w->a, "n,," STR_FMT, STR_ARG(bare));
	ask = ask_of(S("SCRAM-SHA-256"), first);
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_CHALLENGE);
	server_first = w->r.data;
	*salt = salt_of(w, server_first);
	without = arena_printf(&w->a, "c=biws," STR_FMT,
	    STR_ARG(str_first(server_first, str_find(server_first, ','))));
	message = arena_printf(&w->a, STR_FMT "," STR_FMT "," STR_FMT,
	    STR_ARG(bare), STR_ARG(server_first), STR_ARG(without));
	assert_int_equal(PKCS5_PBKDF2_HMAC(password.p, (int)password.n,
			     (const unsigned char *)salt->p, (int)salt->n,
			     SCRAM_ITERATIONS, EVP_sha256(), 32, salted),
	    1);
	hmac(w, salted, S("Client Key"), client);
	assert_ok(scram_derive(password, *salt, SCRAM_ITERATIONS, &k));
	hmac(w, k.stored, message, proof);
	for (size_t i = 0; i < 32; i++)
		proof[i] ^= client[i];
	ask = ask_of(S(""),
	    arena_printf(&w->a, STR_FMT ",p=" STR_FMT, STR_ARG(without),
		STR_ARG(base64_text(w, proof, 32))));
	auth_step(w->s, &ask);
	if (w->r.outcome == AUTH_SUCCESS) {
		scram_signature(&k, message, proof);
		assert_true(str_eq(w->r.data,
		    arena_printf(&w->a, "v=" STR_FMT,
			STR_ARG(base64_text(w, proof, 32)))));
	}
	return w->r.outcome;
}

#endif

#include "scram.h"

#include <openssl/evp.h>
#include <sodium.h>

#include "auth/scram.h"
#include "base/base64.h"

#define PASSWORD "secret"
#define NONCE    "rOprNGfwEbeRWgbNEkqO"

/* Few: they are derived again and again. */
enum { ITERATIONS = 4 };

void
runner_scram_salt(struct scram_salt *out)
{
	memset(out->salt, 's', sizeof(out->salt));
	out->iterations = ITERATIONS;
}

void
runner_scram_keys(struct scram_keys *out)
{
	struct scram_salt salt;
	enum status st;

	runner_scram_salt(&salt);
	st = scram_derive(S(PASSWORD),
	    str_of((const char *)salt.salt, SCRAM_SALT), salt.iterations, out);
	ASSERT(st == ST_OK);
}

static void
hmac(const unsigned char *key, struct str message, unsigned char *out)
{
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, key, SCRAM_KEY);
	crypto_auth_hmacsha256_update(
	    &s, (const unsigned char *)message.p, message.n);
	crypto_auth_hmacsha256_final(&s, out);
}

static struct str
encoded(struct arena *a, struct str plain)
{
	struct buf b;
	struct str out;

	buf_init(&b, 4096);
	base64_encode(plain, &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool
decoded(struct arena *a, struct str text, struct str *out)
{
	struct buf b;
	bool ok;

	buf_init(&b, 4096);
	ok = base64_decode(text, &b) == ST_OK;
	*out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return ok;
}

/* The value of "r=..." in "r=...,s=...,i=..." */
static struct str
attribute(struct str message, char name)
{
	struct str part;

	while (message.n > 0) {
		part = str_cut(&message, ',');
		if (part.n > 2 && part.p[0] == name && part.p[1] == '=')
			return str_from_pos(part, 2);
	}
	return S("");
}

struct parts {
	struct str first_bare; /* the client's */
	struct str server;     /* the server's first message */
	struct str final;      /* the client's, without its proof */
};

/* ClientKey is in no struct of the server: it is derived again. */
static struct str
proof(const struct parts *p, struct str message, struct arena *a)
{
	unsigned char salted[SCRAM_KEY], client[SCRAM_KEY], stored[SCRAM_KEY],
	    signature[SCRAM_KEY];
	uint32_t iterations = 0;
	struct str salt;
	size_t i;

	if (!decoded(a, attribute(p->server, 's'), &salt) ||
	    !str_to_u32(attribute(p->server, 'i'), &iterations) ||
	    PKCS5_PBKDF2_HMAC(PASSWORD, sizeof(PASSWORD) - 1,
		(const unsigned char *)salt.p, (int)salt.n, (int)iterations,
		EVP_sha256(), SCRAM_KEY, salted) != 1)
		return S("");
	hmac(salted, S("Client Key"), client);
	crypto_hash_sha256(stored, client, SCRAM_KEY);
	hmac(stored, message, signature);
	for (i = 0; i < SCRAM_KEY; i++)
		client[i] ^= signature[i];
	return encoded(
	    a, arena_str(a, str_of((const char *)client, SCRAM_KEY)));
}

static struct str
server_signature(struct str message, struct arena *a)
{
	unsigned char signature[SCRAM_KEY];
	struct scram_keys keys;

	runner_scram_keys(&keys);
	scram_signature(&keys, message, signature);
	return encoded(
	    a, arena_str(a, str_of((const char *)signature, SCRAM_KEY)));
}

static struct str
value_of(const struct bindings *b, struct str name)
{
	size_t i;

	for (i = 0; i < b->n_all; i++)
		if (str_eq(b->all[i].name, name))
			return b->all[i].value;
	return S("");
}

bool
runner_plain(
    const struct bindings *b, struct str name, struct arena *a, struct str *out)
{
	struct str password = value_of(b, S("password"));
	struct buf plain;

	if (!str_starts(name, S("plain:")))
		return false;
	buf_init(&plain, 4096);
	buf_addc(&plain, '\0');
	buf_adds(&plain, str_from_pos(name, 6));
	buf_addc(&plain, '\0');
	buf_adds(&plain, password);
	*out = encoded(a, buf_str(&plain));
	buf_release(&plain);
	return true;
}

bool
runner_scram(
    const struct bindings *b, struct str name, struct arena *a, struct str *out)
{
	struct str what, user, rest = name, gs2 = S("n,,"), channel = S("n,,");
	struct parts p;
	struct str message;

	what = str_cut(&rest, ':');
	user = str_cut(&rest, ':');
	if (!str_starts(what, S("scram-")))
		return false;
	if (str_ends(what, S("-plus"))) {
		gs2 = S("p=tls-exporter,,");
		channel = S("p=tls-exporter,," RUNNER_BINDING);
		what.n -= 5;
	}
	p.first_bare = arena_printf(a, "n=" STR_FMT ",r=" NONCE, STR_ARG(user));
	if (str_eq(what, S("scram-first"))) {
		*out = encoded(a,
		    arena_printf(a, STR_FMT STR_FMT, STR_ARG(gs2),
			STR_ARG(p.first_bare)));
		return true;
	}
	if (!decoded(a, value_of(b, rest), &p.server))
		return false;
	p.final = arena_printf(a, "c=" STR_FMT ",r=" STR_FMT,
	    STR_ARG(encoded(a, channel)), STR_ARG(attribute(p.server, 'r')));
	message = arena_printf(a, STR_FMT "," STR_FMT "," STR_FMT,
	    STR_ARG(p.first_bare), STR_ARG(p.server), STR_ARG(p.final));
	if (str_eq(what, S("scram-final")))
		message = arena_printf(a, STR_FMT ",p=" STR_FMT,
		    STR_ARG(p.final), STR_ARG(proof(&p, message, a)));
	else if (str_eq(what, S("scram-server")))
		message = arena_printf(
		    a, "v=" STR_FMT, STR_ARG(server_signature(message, a)));
	else
		return false;
	*out = encoded(a, message);
	return true;
}

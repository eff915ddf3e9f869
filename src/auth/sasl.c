#include "auth/sasl.h"

#include "auth/password.h"
#include "auth/sasl_int.h"
#include "auth/saslprep.h"

static const char *const names[SASL_MECHANISMS] = {
    [SASL_PLAIN] = "PLAIN",
    [SASL_LOGIN] = "LOGIN",
    [SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
};

const char *
sasl_name(enum sasl_mechanism m)
{
	return names[m];
}

bool
sasl_mechanism(struct str name, enum sasl_mechanism *out)
{
	size_t i;

	for (i = 0; i < SASL_MECHANISMS; i++)
		if (str_eqi(name, str_from(names[i]))) {
			*out = (enum sasl_mechanism)i;
			return true;
		}
	return false;
}

bool
sasl_prepare(struct sasl *s, struct str in, struct str *out)
{
	struct buf b;
	bool ok;

	if (in.n == 0 || in.n > PASSWORD_MAX)
		return false;
	buf_init(&b, (size_t)PASSWORD_MAX * 4);
	ok = saslprep(in, &b) == ST_OK && b.n > 0;
	if (ok)
		*out = arena_str(s->arena, buf_str(&b));
	if (b.p)
		explicit_bzero(b.p, b.cap);
	buf_release(&b);
	return ok;
}

/* Printable and without a comma, as RFC 5802 asks of a nonce. */
static struct str
new_nonce(struct arena *a, const struct random *r)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char bytes[SASL_NONCE];
	char *p = arena_alloc(a, SASL_NONCE);
	size_t i;

	random_fill(r, bytes, sizeof(bytes));
	for (i = 0; i < SASL_NONCE; i++)
		p[i] = alphabet[bytes[i] & 63];
	return str_of(p, SASL_NONCE);
}

void
sasl_begin(struct sasl *s, enum sasl_mechanism m, struct arena *a,
    const struct random *r, const struct sasl_bindings *bindings)
{
	*s = (struct sasl){
	    .mechanism = m, .arena = a, .bindings = bindings, .data = S("")};
	if (m >= SASL_SCRAM_SHA_256)
		s->nonce = new_nonce(a, r);
}

/* RFC 4616: message = [authzid] NUL authcid NUL passwd */
static enum sasl_next
plain(struct sasl *s, struct str in)
{
	size_t first = str_find(in, '\0'), second;
	struct str rest;

	if (first == SIZE_MAX)
		return SASL_MALFORMED;
	rest = str_from_pos(in, first + 1);
	second = str_find(rest, '\0');
	if (second == SIZE_MAX || first > SASL_NAME_MAX ||
	    second > SASL_NAME_MAX ||
	    !sasl_prepare(s, str_first(rest, second), &s->name) ||
	    (first > 0 && !sasl_prepare(s, str_first(in, first), &s->authzid)))
		return SASL_MALFORMED;
	/* A password that cannot be prepared cannot have been set either. */
	if (!sasl_prepare(s, str_from_pos(rest, second + 1), &s->password))
		s->password = S("");
	return SASL_PASSWORD;
}

/* draft-murchison-sasl-login; many programs still know nothing else. */
static enum sasl_next
login(struct sasl *s, bool has_response, struct str in)
{
	if (!has_response && s->step == 0) {
		s->step = 1;
		s->data = S("Username:");
		return SASL_CHALLENGE;
	}
	if (s->step <= 1) {
		if (in.n > SASL_NAME_MAX || !sasl_prepare(s, in, &s->name))
			return SASL_MALFORMED;
		s->step = 2;
		s->data = S("Password:");
		return SASL_CHALLENGE;
	}
	if (!sasl_prepare(s, in, &s->password))
		s->password = S("");
	return SASL_PASSWORD;
}

enum sasl_next
sasl_step(struct sasl *s, bool has_response, struct str response)
{
	if (response.n > SASL_MESSAGE_MAX)
		return SASL_MALFORMED;
	if (s->mechanism == SASL_LOGIN)
		return login(s, has_response, response);
	if (!has_response) {
		if (s->step > 0)
			return SASL_MALFORMED;
		s->data = S("");
		return SASL_CHALLENGE;
	}
	if (s->mechanism == SASL_PLAIN)
		return plain(s, response);
	return s->step++ == 0 ? sasl_scram_first(s, response)
			      : sasl_scram_final(s, response);
}

void
sasl_end(struct sasl *s)
{
	if (s->password.n > 0)
		explicit_bzero((void *)(uintptr_t)s->password.p, s->password.n);
	s->password = S("");
}

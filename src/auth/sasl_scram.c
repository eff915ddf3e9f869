/*
 * SCRAM-SHA-256 and -PLUS, the messages (RFC 5802 7, RFC 7677).
 *
 *	C: gs2-header n=name,r=cnonce
 *	S: r=cnonce snonce,s=salt,i=count
 *	C: c=base64(gs2-header binding),r=cnonce snonce,p=proof
 *	S: v=signature
 */
#include "auth/sasl_int.h"
#include "base/base64.h"

static bool
has_bindings(const struct sasl_bindings *b)
{
	return b->exporter.n > 0 || b->unique.n > 0 || b->endpoint.n > 0;
}

/*
 * RFC 5802 6: p=TYPE is for -PLUS only and must be one we have; y says that
 * the client believes we have none: if we do, somebody has cut it out of our
 * list of mechanisms.
 */
static enum sasl_next
channel(struct sasl *s, struct str flag)
{
	const struct sasl_bindings *b = s->bindings;
	bool plus = s->mechanism == SASL_SCRAM_SHA_256_PLUS;

	if (str_eq(flag, S("n")))
		return plus ? SASL_MALFORMED : SASL_SALT;
	if (str_eq(flag, S("y"))) {
		if (plus)
			return SASL_MALFORMED;
		return has_bindings(b) ? SASL_DENIED : SASL_SALT;
	}
	if (!plus || !str_starts(flag, S("p=")))
		return SASL_MALFORMED;
	flag = str_from_pos(flag, 2);
	if (str_eq(flag, S("tls-exporter")))
		s->binding = b->exporter;
	else if (str_eq(flag, S("tls-unique")))
		s->binding = b->unique;
	else if (str_eq(flag, S("tls-server-end-point")))
		s->binding = b->endpoint;
	else
		return SASL_DENIED;
	return s->binding.n > 0 ? SASL_SALT : SASL_DENIED;
}

/* saslname: "=2C" is a comma and "=3D" an equals sign. */
static bool
decode_name(struct sasl *s, struct str in, struct str *out)
{
	char *p = arena_alloc(s->arena, in.n + 1);
	size_t i, n = 0;

	for (i = 0; i < in.n; i++) {
		struct str at = str_from_pos(in, i);

		if (in.p[i] == '\0')
			return false;
		if (in.p[i] != '=') {
			p[n++] = in.p[i];
			continue;
		}
		if (str_starts(at, S("=2C")))
			p[n++] = ',';
		else if (str_starts(at, S("=3D")))
			p[n++] = '=';
		else
			return false;
		i += 2;
	}
	return n <= SASL_NAME_MAX && sasl_prepare(s, str_of(p, n), out);
}

static bool
nonce_ok(struct str n)
{
	size_t i;

	if (n.n == 0 || n.n > SASL_NONCE_MAX)
		return false;
	for (i = 0; i < n.n; i++)
		if (n.p[i] < 0x21 || n.p[i] > 0x7e)
			return false;
	return true;
}

/* The value of "x=..." up to the next comma, taken off *rest. */
static bool
attribute(struct str *rest, const char *name, struct str *out)
{
	struct str field;

	field = str_cut(rest, ',');
	if (!str_starts(field, str_from(name)))
		return false;
	*out = str_from_pos(field, 2);
	return true;
}

enum sasl_next
sasl_scram_first(struct sasl *s, struct str in)
{
	struct str rest = arena_str(s->arena, in), whole = rest;
	struct str flag, authzid, name, nonce;
	enum sasl_next next;

	flag = str_cut(&rest, ',');
	if ((next = channel(s, flag)) != SASL_SALT)
		return next;
	authzid = str_cut(&rest, ',');
	if (authzid.n > 0 &&
	    (!str_starts(authzid, S("a=")) ||
		!decode_name(s, str_from_pos(authzid, 2), &s->authzid)))
		return SASL_MALFORMED;
	s->gs2 = str_first(whole, whole.n - rest.n);
	s->first_bare = rest;
	/* An m= here is an extension that must be understood: there is none. */
	if (!attribute(&rest, "n=", &name) || !decode_name(s, name, &s->name) ||
	    !attribute(&rest, "r=", &nonce) || !nonce_ok(nonce))
		return SASL_MALFORMED;
	s->nonce = arena_printf(
	    s->arena, STR_FMT STR_FMT, STR_ARG(nonce), STR_ARG(s->nonce));
	return SASL_SALT;
}

static struct str
base64_of(struct sasl *s, const void *p, size_t n)
{
	struct str out;
	struct buf b;

	buf_init(&b, n * 2 + 8);
	base64_encode(str_of(p, n), &b);
	out = arena_str(s->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

void
sasl_salt(struct sasl *s, const struct scram_salt *salt)
{
	s->server_first = arena_printf(s->arena,
	    "r=" STR_FMT ",s=" STR_FMT ",i=%u", STR_ARG(s->nonce),
	    STR_ARG(base64_of(s, salt->salt, SCRAM_SALT)), salt->iterations);
	s->data = s->server_first;
}

static bool
decode_proof(struct sasl *s, struct str text)
{
	struct buf b;
	bool ok;

	buf_init(&b, SASL_MESSAGE_MAX);
	ok = base64_decode(text, &b) == ST_OK && b.n == SCRAM_KEY;
	if (ok)
		memcpy(s->proof, b.p, SCRAM_KEY);
	buf_release(&b);
	return ok;
}

/* c= repeats the header and proves that both see the same TLS connection. */
static enum sasl_next
check_binding(struct sasl *s, struct str text)
{
	enum sasl_next next = SASL_DENIED;
	struct str got;
	struct buf b;

	buf_init(&b, SASL_MESSAGE_MAX);
	if (base64_decode(text, &b) != ST_OK) {
		next = SASL_MALFORMED;
	} else {
		got = buf_str(&b);
		if (got.n == s->gs2.n + s->binding.n &&
		    str_starts(got, s->gs2) &&
		    str_eq_secret(str_from_pos(got, s->gs2.n), s->binding))
			next = SASL_PROOF;
	}
	buf_release(&b);
	return next;
}

enum sasl_next
sasl_scram_final(struct sasl *s, struct str in)
{
	struct str rest = in, c, r, field, without;
	enum sasl_next next;

	if (s->server_first.n == 0 || !attribute(&rest, "c=", &c) ||
	    !attribute(&rest, "r=", &r) || !str_eq(r, s->nonce))
		return SASL_MALFORMED;
	/* Extensions may follow; the proof is last and covers them. */
	do {
		without = str_first(in, in.n - rest.n);
		field = str_cut(&rest, ',');
		if (field.n == 0 || field.p[0] == 'm')
			return SASL_MALFORMED;
	} while (!str_starts(field, S("p=")));
	if (rest.n > 0 || !decode_proof(s, str_from_pos(field, 2)))
		return SASL_MALFORMED;
	if ((next = check_binding(s, c)) != SASL_PROOF)
		return next;
	without = str_first(without, without.n - 1);
	s->message = arena_printf(s->arena, STR_FMT "," STR_FMT "," STR_FMT,
	    STR_ARG(s->first_bare), STR_ARG(s->server_first), STR_ARG(without));
	return SASL_PROOF;
}

bool
sasl_prove(struct sasl *s, const struct scram_keys *k)
{
	unsigned char signature[SCRAM_KEY];

	if (!scram_proof_ok(k, s->message, s->proof))
		return false;
	scram_signature(k, s->message, signature);
	s->data = arena_printf(s->arena, "v=" STR_FMT,
	    STR_ARG(base64_of(s, signature, SCRAM_KEY)));
	return true;
}

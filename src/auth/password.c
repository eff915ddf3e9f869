#include "auth/password.h"

#include <sodium.h>

/* Without i, l, o and u: nothing that looks like another, no words. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
password_generate(const struct random *r, struct buf *out)
{
	unsigned char bytes[PASSWORD_CHARS];
	size_t i;

	random_fill(r, bytes, sizeof(bytes));
	for (i = 0; i < PASSWORD_CHARS; i++) {
		if (i > 0 && i % 4 == 0)
			buf_addc(out, '-');
		buf_addc(out, alphabet[bytes[i] & 31]);
	}
	explicit_bzero(bytes, sizeof(bytes));
}

static char
fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return '0';
	return c == 'i' || c == 'l' ? '1' : c;
}

bool
password_canonical(struct str typed, char out[PASSWORD_CHARS])
{
	size_t i, n = 0;
	char c;

	for (i = 0; i < typed.n; i++) {
		c = fold(typed.p[i]);
		if (c == '-' || c == ' ')
			continue;
		if (c == '\0' || n == PASSWORD_CHARS || !strchr(alphabet, c))
			return false;
		out[n++] = c;
	}
	return n == PASSWORD_CHARS;
}

static void
tag(const unsigned char *salt, const char *canonical, unsigned char *out)
{
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, salt, PASSWORD_SALT);
	crypto_auth_hmacsha256_update(
	    &s, (const unsigned char *)canonical, PASSWORD_CHARS);
	crypto_auth_hmacsha256_final(&s, out);
	explicit_bzero(&s, sizeof(s));
}

void
password_verifier(const struct random *r, const char canonical[PASSWORD_CHARS],
    unsigned char out[PASSWORD_VERIFIER])
{
	random_fill(r, out, PASSWORD_SALT);
	tag(out, canonical, out + PASSWORD_SALT);
}

bool
password_verifier_ok(struct str verifier, const char canonical[PASSWORD_CHARS])
{
	unsigned char want[PASSWORD_TAG];

	if (verifier.n != PASSWORD_VERIFIER)
		return false;
	tag((const unsigned char *)verifier.p, canonical, want);
	return sodium_memcmp(want, verifier.p + PASSWORD_SALT, PASSWORD_TAG) ==
	    0;
}

enum status
password_argon2(struct str password, struct buf *out)
{
	char text[crypto_pwhash_STRBYTES];

	if (sodium_init() < 0 ||
	    crypto_pwhash_str(text, password.p, password.n, PASSWORD_ARGON2_T,
		(size_t)PASSWORD_ARGON2_KIB * 1024) != 0)
		return ST_IO;
	buf_addz(out, text);
	return buf_status(out);
}

bool
password_argon2_ok(struct str verifier, struct str password)
{
	char text[crypto_pwhash_STRBYTES] = {0};

	if (sodium_init() < 0 || verifier.n >= sizeof(text))
		return false;
	memcpy(text, verifier.p, verifier.n);
	return crypto_pwhash_str_verify(text, password.p, password.n) == 0;
}

struct str
password_argon2_dummy(void)
{
	return S("$argon2id$v=19$m=19456,t=2,p=1$TWFpbHN0ZWFkTm9ib2R5IQ$"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

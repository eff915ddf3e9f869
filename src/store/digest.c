#include "store/digest.h"

#include <openssl/evp.h>

void
digest_begin(struct digest *d)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	/* Fails only where memory ends or SHA-256 was configured away. */
	ASSERT(c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
	d->state = c;
}

void
digest_add(struct digest *d, struct str bytes)
{
	ASSERT(EVP_DigestUpdate(d->state, bytes.p, bytes.n) == 1);
}

void
digest_end(struct digest *d, unsigned char out[DIGEST_BYTES])
{
	unsigned n = 0;

	ASSERT(EVP_DigestFinal_ex(d->state, out, &n) == 1 && n == DIGEST_BYTES);
	EVP_MD_CTX_free(d->state);
	d->state = NULL;
}

void
digest_write(const unsigned char sum[DIGEST_BYTES], struct buf *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		buf_addc(out, digits[sum[i] >> 4]);
		buf_addc(out, digits[sum[i] & 15]);
	}
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
digest_read(struct str hex, unsigned char out[DIGEST_BYTES])
{
	if (hex.n != 2 * DIGEST_BYTES)
		return false;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		int high = digit(hex.p[2 * i]), low = digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

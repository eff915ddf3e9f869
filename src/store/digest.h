/*
 * SHA-256, in pieces: of the files of a backup, so that what `sha256sum` says
 * of one is what its manifest says.
 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "base/buf.h"

enum { DIGEST_BYTES = 32 };

struct digest {
	void *state;
};

void digest_begin(struct digest *d);
void digest_add(struct digest *d, struct str bytes);
void digest_end(struct digest *d, unsigned char out[DIGEST_BYTES]); /* frees */

void digest_write(const unsigned char sum[DIGEST_BYTES], struct buf *out);
/* 64 hexadecimal digits; false: they are not. */
bool digest_read(struct str hex, unsigned char out[DIGEST_BYTES]) MUST_CHECK;

#endif

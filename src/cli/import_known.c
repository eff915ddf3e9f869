/*
 * What a folder holds already, so that an import that was interrupted, or is
 * repeated, doubles nothing: the same bytes in the same folder are one
 * message, whatever its flags and date have become meanwhile. Two equal
 * messages in the source stay two: each that is there stands for one.
 */
#include "base/vec.h"
#include "cli/import.h"

struct known {
	uint64_t size, message;
	bool hashed, used;
	unsigned char hash[IMPORT_HASH];
};

static int
by_size(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return (x->message > y->message) - (x->message < y->message);
}

static enum status
add_known(void *ctx, const struct mail_entry *e)
{
	struct import_folder *f = ctx;

	*VEC_ADD(f, known) =
	    (struct known){.size = e->size, .message = e->message};
	return ST_OK;
}

enum status
import_known_load(struct import *im, struct import_folder *f)
{
	enum status st = mail_entries(&im->mail, f->id, add_known, f);

	if (f->n_known > 0)
		qsort(f->known, f->n_known, sizeof(*f->known), by_size);
	return st;
}

static enum status
add_hash(void *ctx, struct str bytes)
{
	crypto_generichash_update(ctx, (const unsigned char *)bytes.p, bytes.n);
	return ST_OK;
}

static enum status
read_hash(struct import *im, struct known *k)
{
	crypto_generichash_state h;
	enum status st;

	crypto_generichash_init(&h, NULL, 0, IMPORT_HASH);
	st = mail_read(&im->mail, k->message, k->size, add_hash, &h);
	crypto_generichash_final(&h, k->hash, IMPORT_HASH);
	k->hashed = st == ST_OK;
	return st;
}

/* The first with that size, or where it would stand. */
static size_t
first_of(const struct import_folder *f, uint64_t size)
{
	size_t low = 0, high = f->n_known, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (f->known[middle].size < size)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status
import_known_take(struct import *im, struct import_folder *f, bool *is_out)
{
	unsigned char hash[IMPORT_HASH];
	enum status st;
	size_t i;

	*is_out = false;
	crypto_generichash_final(&im->hash, hash, IMPORT_HASH);
	for (i = first_of(f, im->size);
	     i < f->n_known && f->known[i].size == im->size; i++) {
		struct known *k = &f->known[i];

		if (k->used)
			continue;
		if (!k->hashed && (st = read_hash(im, k)) != ST_OK)
			return st;
		if (memcmp(k->hash, hash, IMPORT_HASH) == 0) {
			k->used = *is_out = true;
			return ST_OK;
		}
	}
	return ST_OK;
}

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
ask(struct import *im, const struct buf *request, struct buf *answer)
{
	enum status st = buf_status(request);

	buf_clear(answer);
	return st == ST_OK ? target_mail(im->c->target, im->mail.id,
				 buf_str(request), -1, answer)
			   : st;
}

enum status
import_known_load(struct import *im, struct import_folder *f)
{
	struct buf request, answer;
	struct mail_entry *list;
	enum status st = ST_OK;
	uint32_t from = 1;
	size_t n, i;

	buf_init(&request, 4096);
	buf_init(&answer, MAIL_OP_ANSWER);
	while (st == ST_OK && from != 0) {
		struct arena a = ARENA_INIT;

		buf_clear(&request);
		mail_ask(
		    &request, MAIL_OP_ENTRIES, im->mail.id, im->mail.address);
		mail_ask_entries(&request, f->id, from);
		st = ask(im, &request, &answer);
		if (st == ST_OK)
			st = mail_answer_entries(
			    buf_str(&answer), &a, &list, &n, &from);
		for (i = 0; st == ST_OK && i < n; i++)
			*VEC_ADD(f, known) = (struct known){
			    .size = list[i].size, .message = list[i].message};
		arena_release(&a);
	}
	if (f->n_known > 0)
		qsort(f->known, f->n_known, sizeof(*f->known), by_size);
	buf_release(&request);
	buf_release(&answer);
	return st;
}

static enum status
read_hash(struct import *im, struct known *k)
{
	crypto_generichash_state h;
	struct buf request, answer;
	enum status st = ST_OK;
	uint64_t at;

	buf_init(&request, 4096);
	buf_init(&answer, MAIL_OP_ANSWER);
	crypto_generichash_init(&h, NULL, 0, IMPORT_HASH);
	for (at = 0; at < k->size && st == ST_OK; at += answer.n) {
		buf_clear(&request);
		mail_ask(&request, MAIL_OP_READ, im->mail.id, im->mail.address);
		mail_ask_read(&request, k->message, at);
		st = ask(im, &request, &answer);
		if (st == ST_OK && answer.n == 0)
			st = ST_CORRUPT;
		else if (st == ST_OK)
			crypto_generichash_update(
			    &h, (const unsigned char *)answer.p, answer.n);
	}
	crypto_generichash_final(&h, k->hash, IMPORT_HASH);
	k->hashed = st == ST_OK;
	buf_release(&request);
	buf_release(&answer);
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

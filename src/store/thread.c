/*
 * THREADID (RFC 8474): a message joins the thread of the first message-id of
 * its own, its In-Reply-To or its References that the account has met;
 * otherwise it begins one. Subjects have no say. The ids met are kept as
 * 64-bit hashes: two that collide join two threads, which harms nobody.
 */
#include <sodium.h>

#include "base/vec.h"
#include "store/store_int.h"
#include "store/turn_int.h"

enum { THREAD_REFERENCES = 12 }; /* looked at: the root and the last ones */

static uint64_t
hash_of(struct str message_id)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = "thread";
	unsigned char h[crypto_shorthash_BYTES];
	uint64_t v;

	crypto_shorthash(
	    h, (const unsigned char *)message_id.p, message_id.n, key);
	memcpy(&v, h, sizeof(v));
	return v;
}

static size_t
hashes_of(const struct summary *s, uint64_t out[THREAD_REFERENCES + 2])
{
	size_t n = 0, from = 1;

	if (s->message_id.n)
		out[n++] = hash_of(s->message_id);
	if (s->in_reply_to.n)
		out[n++] = hash_of(s->in_reply_to);
	if (s->n_references)
		out[n++] = hash_of(s->references[0]);
	if (s->n_references > THREAD_REFERENCES)
		from = s->n_references - THREAD_REFERENCES + 1;
	for (size_t i = from; i < s->n_references; i++)
		out[n++] = hash_of(s->references[i]);
	return n;
}

static void
keep(struct turn *t, const unsigned char threadid[ID_BYTES],
    const uint64_t *hashes, const bool *known, size_t n)
{
	unsigned char *kept = arena_alloc(&t->arena, ID_BYTES);

	memcpy(kept, threadid, ID_BYTES);
	for (size_t i = 0; i < n; i++) {
		struct thread_note *note;

		if (known[i])
			continue;
		note = VEC_ADD(t, threads);
		note->hash = hashes[i];
		note->threadid = kept;
		map_set_u64(&t->thread_of, hashes[i], kept);
	}
}

void
thread_replay(struct turn *t, const struct arrival *m, const struct summary *s)
{
	const bool known[THREAD_REFERENCES + 2] = {false};
	uint64_t hashes[THREAD_REFERENCES + 2];

	/* The first who met an id wins, as at the arrival: INSERT OR IGNORE. */
	keep(t, m->threadid, hashes, known, hashes_of(s, hashes));
}

void
thread_assign(struct turn *t, struct arrival *m, const struct summary *s)
{
	uint64_t hashes[THREAD_REFERENCES + 2];
	bool known[THREAD_REFERENCES + 2] = {false}, found = false;
	size_t n = hashes_of(s, hashes);
	unsigned char id[ID_BYTES];

	for (size_t i = 0; i < n; i++) {
		const unsigned char *here =
		    map_get_u64(&t->thread_of, hashes[i]);

		known[i] = here || db_thread(t->a, hashes[i], id);
		if (known[i] && !found)
			memcpy(m->threadid, here ? here : id, ID_BYTES);
		found = found || known[i];
	}
	if (!found)
		random_fill(t->a->store->cfg.random, m->threadid, ID_BYTES);
	keep(t, m->threadid, hashes, known, n);
}

/*
 * A world in which nothing comes in the order in which it was asked for:
 * syncs, answers and the turns of connections and store. A transcript must be
 * the same in it (V1, V2), because what a client is told depends on the order
 * of commits alone.
 */
#include <unistd.h>

#include "world_int.h"

/* Answers that are known, but not told yet. */
struct held {
	struct connection *connection;
	uint32_t question;
	enum status status;
	bool has_changed;
	struct buf changed; /* as it crosses processes */
};

struct syncing {
	int fd;
	uint64_t token;
};

struct shuffle {
	uint64_t state;
	struct held *held;
	size_t n_held, cap_held;
	struct syncing *syncs;
	size_t n_syncs, cap_syncs;
};

void
world_shuffle(struct world *w, uint64_t seed)
{
	w->shuffle = mem_zalloc(sizeof(*w->shuffle));
	w->shuffle->state = seed * 0x9e3779b97f4a7c15u + 1;
	/* It is asked for syncs from now on. */
	store_close(&w->store);
	world_open_store(w);
}

static void
held_release(struct held *h)
{
	buf_release(&h->changed);
}

void
shuffle_free(struct world *w)
{
	if (w->shuffle) {
		free(w->shuffle->held);
		free(w->shuffle->syncs);
	}
	free(w->shuffle);
	w->shuffle = NULL;
}

size_t
shuffle_below(struct world *w, size_t n)
{
	struct shuffle *s = w->shuffle;

	s->state = s->state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)((s->state >> 33) % n);
}

void
shuffle_sync(void *ctx, int fd, uint64_t token)
{
	struct world *w = ctx;

	*VEC_ADD(w->shuffle, syncs) = (struct syncing){fd, token};
}

void
shuffle_hold(struct world *w, struct connection *c, const struct answer *a)
{
	struct held *h = VEC_ADD(w->shuffle, held);

	*h = (struct held){.connection = c,
	    .question = a->id,
	    .status = a->status,
	    .has_changed = a->changed != NULL};
	buf_init(&h->changed, 1 << 20);
	if (a->changed)
		changed_encode(a->changed, &h->changed);
}

static void
finish_sync(struct world *w)
{
	struct shuffle *s = w->shuffle;
	size_t i = shuffle_below(w, s->n_syncs);
	struct syncing done = s->syncs[i];

	s->syncs[i] = s->syncs[--s->n_syncs];
	(void)close(done.fd);
	store_synced(w->store, done.token, 0);
}

static void
tell_one(struct world *w)
{
	struct shuffle *s = w->shuffle;
	size_t i = shuffle_below(w, s->n_held);
	struct held h = s->held[i];
	struct answer a = {.id = h.question, .status = h.status};
	struct arena arena = ARENA_INIT;
	struct changed changed;
	enum status st;

	s->held[i] = s->held[--s->n_held];
	if (h.has_changed) {
		st = changed_decode(buf_str(&h.changed), &arena, &changed);
		ASSERT(st == ST_OK);
		a.changed = &changed;
	}
	if (h.connection->session)
		world_tell_answer(h.connection, &a);
	arena_release(&arena);
	held_release(&h);
}

bool
shuffle_pending(const struct world *w)
{
	return w->shuffle->n_syncs > 0 || w->shuffle->n_held > 0;
}

bool
shuffle_step(struct world *w)
{
	enum { STORE, SYNC, ANSWER, FIRST };
	struct shuffle *s = w->shuffle;
	size_t order[FIRST + CONNECTIONS], i, j, what;
	bool more = false;

	for (i = 0; i < ARRAY_LEN(order); i++) {
		j = shuffle_below(w, i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < ARRAY_LEN(order); i++) {
		what = order[i];
		if ((what == SYNC && s->n_syncs == 0) ||
		    (what == ANSWER && s->n_held == 0) ||
		    (what >= FIRST && !w->connections[what - FIRST].session))
			continue;
		/* Each may be late, any number of times. */
		if (shuffle_below(w, 3) == 0)
			more = true;
		else if (what == STORE)
			more |= store_run(w->store);
		else if (what == SYNC)
			finish_sync(w);
		else if (what == ANSWER)
			tell_one(w);
		else
			more |=
			    connection_turn(w, &w->connections[what - FIRST]);
	}
	return more || shuffle_pending(w);
}

/* Who asked for a change, and what he is told. */
#include "store/store_int.h"
#include "store/turn_int.h"

void
ask_forget(struct changed *c)
{
	uidset_release(&c->from);
	uidset_release(&c->to);
	uidset_release(&c->modified);
	*c = (struct changed){0};
}

static void
waiter_tell(struct waiter *w, struct ask *ask)
{
	struct uidset *sets[] = {&w->out->from, &w->out->to, &w->out->modified};

	w->st = ask->st;
	w->done = true;
	if (ask->st != ST_OK)
		return;
	*w->out = ask->changed;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		size_t n = sets[i]->n_ranges;
		struct uidrange *r =
		    ARENA_ARRAY(w->arena, struct uidrange, n + 1);

		if (n)
			memcpy(r, sets[i]->ranges, n * sizeof(*r));
		*sets[i] = (struct uidset){r, n, 0};
	}
}

void
ask_answer(struct store *s, struct ask *ask)
{
	if (ask->waiter)
		waiter_tell(ask->waiter, ask);
	else
		s->cfg.host.answered(s->cfg.host.ctx, ask->id, ask->st,
		    ask->st == ST_OK ? &ask->changed : NULL);
	ask_forget(&ask->changed);
	free(ask);
}

struct ask *
ask_next(struct account *a)
{
	struct ask *ask = a->ask_first;

	if (!ask)
		return NULL;
	a->ask_first = ask->next;
	if (!a->ask_first)
		a->ask_last = NULL;
	ask->next = NULL;
	a->n_asks--;
	return ask;
}

void
turn_refuse(struct account *a, enum status st)
{
	struct ask *ask;

	while ((ask = ask_next(a))) {
		ask->st = st;
		ask_answer(a->store, ask);
	}
}

#include "store/tender_int.h"

static void
fail(struct tender *t, enum status st)
{
	t->st = st;
	t->phase = PHASE_DONE;
}

enum status
tender_open(const struct tender_config *cfg, struct tender **out)
{
	struct tender *t = mem_zalloc(sizeof(*t));
	struct store_config sc = {
	    .root = cfg->root,
	    .clock = cfg->clock,
	    .random = cfg->random,
	    .max_open = 1,
	    .read_only = true,
	};
	enum status st;

	t->cfg = *cfg;
	t->cfg.root = str_of(str_dup(cfg->root), cfg->root.n);
	t->cfg.account = str_of(str_dup(cfg->account), cfg->account.n);
	st = store_open(&sc, &t->store);
	if (st == ST_OK)
		st = account_peek(t->store, cfg->account, &t->a);
	if (st == ST_OK)
		*out = t;
	else
		tender_close(&t);
	return st;
}

void
tender_close(struct tender **tp)
{
	struct tender *t = *tp;

	*tp = NULL;
	if (!t)
		return;
	account_close(&t->a);
	store_close(&t->store);
	free((char *)(uintptr_t)t->cfg.root.p);
	free((char *)(uintptr_t)t->cfg.account.p);
	free(t);
}

enum status
tender_status(const struct tender *t)
{
	return t->st;
}

const struct tender_report *
tender_report(const struct tender *t)
{
	return &t->report;
}

/* Reads the row of now: what the owner has committed since is in it. */
static bool
refresh(struct tender *t)
{
	enum status st = db_load_row(t->a);

	if (st != ST_OK) {
		fail(t, st);
		return false;
	}
	db_account_of(t->a, &t->row);
	return true;
}

static enum tender_next
look(struct tender *t)
{
	enum status st;

	if (!refresh(t))
		return TENDER_AGAIN;
	if ((st = tender_horizon(t, &t->horizon)) != ST_OK) {
		fail(t, st);
		return TENDER_AGAIN;
	}
	t->phase = t->horizon ? PHASE_HORIZON : PHASE_DROP;
	return TENDER_AGAIN;
}

static enum tender_next
horizon(struct tender *t)
{
	t->piece = (struct tend){.kind = TEND_HORIZON, .modseq = t->horizon};
	return TENDER_ASK;
}

static enum tender_next
drop(struct tender *t)
{
	enum status st;
	size_t n;

	if (!refresh(t))
		return TENDER_AGAIN;
	st = db_droppable(
	    t->a, t->row.history_from, t->after, t->ids, ARRAY_LEN(t->ids), &n);
	if (st != ST_OK || n == 0) {
		if (st != ST_OK)
			fail(t, st);
		t->phase = PHASE_DONE;
		return TENDER_AGAIN;
	}
	t->piece = (struct tend){
	    .kind = TEND_DROP, .messages = t->ids, .n_messages = n};
	return TENDER_ASK;
}

enum tender_next
tender_step(struct tender *t, const struct tend **piece)
{
	enum tender_next next = TENDER_DONE;

	*piece = &t->piece;
	switch (t->phase) {
	case PHASE_LOOK:
		next = look(t);
		break;
	case PHASE_HORIZON:
		next = horizon(t);
		break;
	case PHASE_DROP:
		next = drop(t);
		break;
	case PHASE_DONE:
		break;
	}
	return next;
}

void
tender_answered(struct tender *t, enum status st, const struct tended *tended)
{
	if (st == ST_BUSY)
		return; /* the same once more */
	if (st != ST_OK) {
		fail(t, st);
		return;
	}
	if (t->phase == PHASE_HORIZON) {
		t->report.rows += tended->count;
		if (!tended->more)
			t->phase = PHASE_DROP;
	} else if (t->phase == PHASE_DROP) {
		t->report.messages += tended->count;
		/* Those that stay are not asked for again. */
		if (!tended->more)
			t->after = t->ids[t->piece.n_messages - 1];
	}
}

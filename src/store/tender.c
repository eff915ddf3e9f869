#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "store/tender_int.h"

void
tender_fail(struct tender *t, enum status st)
{
	t->st = st;
	t->phase = PHASE_DONE;
}

/* The keeper and a purge would write the same files. */
static enum status
lock(struct tender *t)
{
	t->lock = account_open_file(t->a, "tending.tmp", O_RDWR | O_CREAT);
	if (t->lock < 0)
		return file_errno();
	if (flock(t->lock, LOCK_EX | LOCK_NB) == 0)
		return ST_OK;
	return errno == EWOULDBLOCK ? ST_BUSY : ST_IO;
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

	t->lock = -1;
	t->cfg = *cfg;
	t->cfg.root = str_of(str_dup(cfg->root), cfg->root.n);
	t->cfg.account = str_of(str_dup(cfg->account), cfg->account.n);
	st = store_open(&sc, &t->store);
	if (st == ST_OK)
		st = account_peek(t->store, cfg->account, &t->a);
	if (st == ST_OK)
		st = lock(t);
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
	tender_large_end(t);
	tender_unused_end(t);
	keep_free(&t->keep);
	pack_unmap(&t->from);
	pack_unmap(&t->to);
	if (t->lock >= 0)
		close(t->lock);
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

bool
tender_refresh(struct tender *t)
{
	enum status st = db_load_row(t->a);

	if (st != ST_OK) {
		tender_fail(t, st);
		return false;
	}
	db_account_of(t->a, &t->row);
	return true;
}

static enum tender_next
look(struct tender *t)
{
	enum status st;

	if (!tender_refresh(t))
		return TENDER_AGAIN;
	t->report.retained = t->row.retained;
	t->report.quota = t->row.quota;
	t->had_history = t->row.modseq > t->row.history_from;
	if ((st = tender_horizon(t, &t->horizon)) != ST_OK) {
		tender_fail(t, st);
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

/* Where nothing has happened for so long, nothing has become of no use. */
static enum tender_phase
behind_drop(const struct tender *t)
{
	return t->cfg.purge || (t->cfg.thorough && t->had_history)
	    ? PHASE_UNUSED
	    : PHASE_CHOOSE;
}

static enum tender_next
drop(struct tender *t)
{
	enum status st;
	size_t n;

	if (!tender_refresh(t))
		return TENDER_AGAIN;
	st = db_droppable(
	    t->a, t->row.history_from, t->after, t->ids, ARRAY_LEN(t->ids), &n);
	if (st != ST_OK || n == 0) {
		t->phase = behind_drop(t);
		if (st != ST_OK)
			tender_fail(t, st);
		return TENDER_AGAIN;
	}
	t->piece = (struct tend){
	    .kind = TEND_DROP, .messages = t->ids, .n_messages = n};
	return TENDER_ASK;
}

static enum tender_next
roll(struct tender *t)
{
	t->piece = (struct tend){.kind = TEND_ROLL};
	return TENDER_ASK;
}

static enum tender_next
done(struct tender *t UNUSED)
{
	return TENDER_DONE;
}

enum tender_next
tender_step(struct tender *t, const struct tend **piece)
{
	static enum tender_next (*const steps[])(struct tender * t) = {
	    [PHASE_LOOK] = look,
	    [PHASE_HORIZON] = horizon,
	    [PHASE_DROP] = drop,
	    [PHASE_UNUSED] = tender_unused,
	    [PHASE_CHOOSE] = tender_choose,
	    [PHASE_ROLL] = roll,
	    [PHASE_COPY] = tender_copy,
	    [PHASE_MOVE] = tender_move,
	    [PHASE_CHECKPOINT] = tender_checkpoint,
	    [PHASE_UNLINK] = tender_unlink,
	    [PHASE_LARGE] = tender_large,
	    [PHASE_SHRINK] = tender_shrink,
	    [PHASE_DONE] = done,
	};

	*piece = &t->piece;
	if (t->later) {
		t->later = false;
		return TENDER_LATER;
	}
	return steps[t->phase](t);
}

void
tender_answered(struct tender *t, enum status st, const struct tended *tended)
{
	if (st == ST_BUSY) { /* the same once more */
		t->later = true;
		return;
	}
	if (st != ST_OK) {
		tender_fail(t, st);
		return;
	}
	switch (t->phase) {
	case PHASE_HORIZON:
		t->report.rows += tended->count;
		if (!tended->more)
			t->phase = PHASE_DROP;
		break;
	case PHASE_DROP:
		t->report.messages += tended->count;
		/* Those that stay are not asked for again. */
		if (!tended->more)
			t->after = t->ids[t->piece.n_messages - 1];
		break;
	case PHASE_UNUSED:
		tender_unused_told(t, tended);
		break;
	case PHASE_ROLL:
		tender_rolled(t);
		break;
	case PHASE_MOVE:
		tender_moved(t, tended->count);
		break;
	case PHASE_UNLINK:
		tender_unlinked(t);
		break;
	case PHASE_LARGE:
		if (tended->count == 0)
			t->phase = PHASE_SHRINK;
		break;
	case PHASE_SHRINK:
		tender_shrunk(t, tended);
		break;
	default:
		break;
	}
}

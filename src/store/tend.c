#include "store/tend.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "store/history_int.h"
#include "store/lease.h"
#include "store/pack_int.h"
#include "store/store_int.h"
#include "store/tend_int.h"

struct tending {
	const struct tend *piece;
	uint64_t ask;
	struct tended *out; /* store_tend_do(): where the answer goes */
	enum status st;
	bool done;
};

bool
tend_time_is_up(const struct tend_work *w)
{
	return w->done.count >= TEND_ITEMS_MAX ||
	    clock_mono(w->a->store->cfg.clock) >= w->until;
}

/*
 * The newest row that went leaves a stone: that modseq and its time, so that
 * a time between it and the first row that is left means this state.
 */
static enum status
set_stone(struct account *a, uint64_t modseq, int64_t wall)
{
	struct history_row stone = {.modseq = modseq,
	    .kind = EFFECT_EPOCH,
	    .wall = wall,
	    .data = S("")};
	enum status st = db_drop_history(a, modseq);

	return st == ST_OK ? db_add_history(a, &stone) : st;
}

/* S25: rows behind `to` are not touched, whatever the clock says. */
static enum status
horizon(struct tend_work *w, const struct tend *t)
{
	uint64_t from = w->row.history_from, to = t->modseq, next;
	int64_t wall = 0, next_wall;
	enum status st = ST_OK;

	if (to > w->a->modseq)
		return ST_INVALID;
	while (st == ST_OK && from < to) {
		if (tend_time_is_up(w)) {
			w->done.more = true;
			break;
		}
		st = db_history_next(w->a, from, &next, &next_wall);
		if (st == ST_NOT_FOUND || (st == ST_OK && next > to)) {
			st = ST_OK;
			break;
		}
		if (st == ST_OK)
			st = db_drop_history(w->a, from);
		from = next;
		wall = next_wall;
		w->done.count++;
	}
	if (st != ST_OK || from == w->row.history_from)
		return st;
	w->row.history_from = from;
	st = set_stone(w->a, from, wall);
	if (st == ST_OK && !w->done.more)
		st = db_forget_times(w->a, from);
	return st;
}

/*
 * A message that was last shown at or before the horizon: no entry shows it,
 * no state that can be asked for does. Its bytes are dead from now on; they
 * go when their pack is compacted.
 */
static enum status
drop(struct tend_work *w, const struct tend *t)
{
	enum status st = ST_OK;
	uint64_t size;

	for (size_t i = 0; i < t->n_messages && st == ST_OK; i++) {
		struct message_row m;

		if (tend_time_is_up(w)) {
			w->done.more = true;
			break;
		}
		st = db_unretain_old(w->a, t->messages[i],
		    t->kind == TEND_PURGE ? INT64_MAX : w->row.history_from,
		    &size);
		if (st == ST_NOT_FOUND) { /* it came back meanwhile */
			st = ST_OK;
			continue;
		}
		if (st != ST_OK)
			break;
		if (t->kind == TEND_PURGE)
			st = db_purge(w->a, t->messages[i]);
		if (st != ST_OK)
			break;
		w->row.retained -= size;
		w->done.count++;
		st = db_message(w->a, t->messages[i], false, &m);
		if (st == ST_OK)
			st = db_drop_message(w->a, t->messages[i]);
		else if (st == ST_NOT_FOUND)
			continue;
		if (st == ST_OK)
			st = db_pack_dead(w->a, m.place.pack, m.stored);
	}
	return st;
}

/* S10: bytes before rows; these have been synced. */
static enum status
move(struct tend_work *w, const struct tend *t)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < t->n_moves && st == ST_OK; i++) {
		const struct tend_move *m = &t->moves[i];
		struct message_row row;

		if (tend_time_is_up(w)) {
			w->done.more = true;
			break;
		}
		w->done.count++;
		st = db_message(w->a, m->message, false, &row);
		if (st == ST_NOT_FOUND) { /* it went meanwhile */
			st = db_pack_dead(w->a, t->file, m->stored);
			continue;
		}
		if (st != ST_OK || row.place.pack != t->source)
			continue;
		st = db_move_message(w->a, m->message,
		    (struct place){t->file, m->offset}, m->stored);
		if (st == ST_OK)
			st = db_pack_dead(w->a, t->source, row.stored);
	}
	return st;
}

static enum status
remove_file(struct tend_work *w, const char *name)
{
	if (unlinkat(w->a->dir_fd, name, 0) != 0 && errno != ENOENT)
		return ST_IO;
	w->done.count++;
	return ST_OK;
}

static enum status
unlink_pack(struct tend_work *w, const struct tend *t)
{
	enum status st = pack_forget(w->a->pack, t->source);
	char name[16];

	pack_name(t->source, name);
	/* What has been appended and not applied is needed at the next open. */
	if (!place_kept((struct place){t->source, 0}) &&
	    t->source > w->row.applied.pack)
		st = ST_STATE;
	if (st == ST_OK)
		st = remove_file(w, name);
	return st == ST_OK ? db_pack_gone(w->a, t->source) : st;
}

static enum status
unlink_large(struct tend_work *w, const struct tend *t)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < t->n_messages && st == ST_OK; i++) {
		uint64_t id = t->messages[i];
		struct message_row row;
		char name[32];

		if (id >= w->row.next_id)
			continue;
		st = db_message(w->a, id, false, &row);
		if (st != ST_NOT_FOUND)
			continue;
		pack_forget_apart(w->a->pack, id);
		pack_apart_name(id, name);
		st = remove_file(w, name);
	}
	return st;
}

/* S10: nobody copies what such a file holds just now. */
static enum status
unlinks(struct tend_work *w, const struct tend *t)
{
	int lease;
	enum status st = lease_exclude(w->a->dir, &lease);

	if (st != ST_OK)
		return st;
	st = t->kind == TEND_UNLINK ? unlink_pack(w, t) : unlink_large(w, t);
	lease_end(&lease);
	return st;
}

static enum status
shrink(struct tend_work *w)
{
	enum status st = ST_OK;
	uint64_t n = 1;

	while (st == ST_OK && n && !tend_time_is_up(w)) {
		st = db_give_pages(w->a, &n);
		w->done.count += n;
	}
	return st;
}

static enum status
run(struct tend_work *w, const struct tend *t)
{
	switch (t->kind) {
	case TEND_PURGE:
		return drop(w, t);
	case TEND_MOVE:
		return move(w, t);
	case TEND_UNLINK:
	case TEND_LARGE:
		return unlinks(w, t);
	case TEND_HORIZON:
		return horizon(w, t);
	case TEND_DROP:
		return drop(w, t);
	case TEND_FLAGSETS:
	case TEND_ORIGINS:
	case TEND_THREADS:
		return tend_unused(w, t);
	case TEND_SHRINK:
		return shrink(w);
	default:
		return ST_OK;
	}
}

static enum status
apply(struct account *a, const struct tend *t, struct tended *out)
{
	struct tend_work w = {
	    .a = a, .until = clock_mono(a->store->cfg.clock) + TEND_MS};
	enum status st;

	if (t->kind == TEND_HOLD)
		return ST_OK;
	if (a->broken || a->store->cfg.read_only)
		return ST_READONLY;
	if (t->kind == TEND_ROLL)
		return pack_roll(a->pack);
	db_account_of(a, &w.row);
	if ((st = db_begin(a)) != ST_OK)
		return st;
	st = run(&w, t);
	if (st == ST_OK && w.done.count)
		st = db_set_account(a, &w.row);
	if ((st = db_finish(a, st)) != ST_OK)
		return st;
	if (w.done.count) {
		db_account_to(&w.row, a);
		/* On the disk within a second, like flags. */
		store_wal_dirty(a->store, a);
		db_tend_wal(a);
	}
	*out = w.done;
	return ST_OK;
}

void
tend_step(struct account *a)
{
	struct tending *x = a->tending;
	struct tended done = {0};
	struct store *s = a->store;

	if (!x)
		return;
	a->tending = NULL;
	x->st = apply(a, x->piece, &done);
	if (x->st != ST_OK)
		log_debug("tending failed", LOG_STR("account", a->id),
		    LOG_U64("kind", x->piece->kind), LOG_ST(x->st));
	if (x->out) {
		*x->out = done;
		x->done = true;
		return;
	}
	s->cfg.host.tended(s->cfg.host.ctx, x->ask, x->st, &done);
	free(x);
}

void
store_tend(
    struct store *s, struct account *a, const struct tend *t, uint64_t ask)
{
	struct tending *x;

	if (a->tending) {
		s->cfg.host.tended(
		    s->cfg.host.ctx, ask, ST_BUSY, &(struct tended){0});
		return;
	}
	x = mem_zalloc(sizeof(*x));
	x->piece = t;
	x->ask = ask;
	a->tending = x;
	if (!a->turn)
		store_ready(s, a);
}

enum status
store_tend_do(struct store *s UNUSED, struct account *a, const struct tend *t,
    struct tended *out)
{
	struct tending x = {.piece = t, .out = out};

	if (a->tending)
		return ST_BUSY;
	a->tending = &x;
	while (!x.done)
		turn_step(a, true);
	account_assert_idle(a);
	return x.st;
}

void
tend_encode(const struct tend *t, struct buf *out)
{
	wire_put_u8(out, (uint8_t)t->kind);
	wire_put_u64(out, t->modseq);
	wire_put_var(out, t->n_messages);
	for (size_t i = 0; i < t->n_messages; i++)
		wire_put_var(out, t->messages[i]);
	wire_put_u32(out, t->source);
	wire_put_u32(out, t->file);
	wire_put_var(out, t->n_moves);
	for (size_t i = 0; i < t->n_moves; i++) {
		wire_put_var(out, t->moves[i].message);
		wire_put_var(out, t->moves[i].offset);
		wire_put_var(out, t->moves[i].stored);
	}
}

static bool
moves_decode(struct wire *w, size_t most, struct arena *a, struct tend *out)
{
	uint64_t n = wire_var(w);
	struct tend_move *moves;

	if (!wire_ok(w) || n > most)
		return false;
	moves = ARENA_ARRAY(a, struct tend_move, n + 1);
	for (size_t i = 0; i < n; i++) {
		moves[i].message = wire_var(w);
		moves[i].offset = wire_var(w);
		moves[i].stored = wire_var(w);
	}
	out->moves = moves;
	out->n_moves = (size_t)n;
	return true;
}

enum status
tend_decode(struct str in, struct arena *a, struct tend *out)
{
	struct wire w = wire_of(in);
	struct tend t = {.kind = wire_u8(&w), .modseq = wire_u64(&w)};
	uint64_t n = wire_var(&w), *ids;

	if (!wire_ok(&w) || n > in.n || t.kind == 0 || t.kind >= TEND_KINDS)
		return ST_SYNTAX;
	ids = ARENA_ARRAY(a, uint64_t, n + 1);
	for (size_t i = 0; i < n; i++)
		ids[i] = wire_var(&w);
	t.messages = ids;
	t.n_messages = (size_t)n;
	t.source = wire_u32(&w);
	t.file = wire_u32(&w);
	if (!moves_decode(&w, in.n, a, &t) || !wire_end(&w))
		return ST_SYNTAX;
	*out = t;
	return ST_OK;
}

/*
 * The keeper's pieces of work on one of our accounts at a time, which is held
 * open for it (store/tend.h).
 */
#include "daemon/worker_int.h"
#include "store/tend.h"

static struct {
	struct home *home; /* held; NULL: none */
	bool busy;         /* the piece is with the store */
	bool let_go;       /* when that is done */
	uint64_t ask;
	struct tend piece;
	struct arena arena;
} held;

static void
let_go(void)
{
	struct home *h = held.home;

	held.let_go = held.busy;
	if (held.busy || !h)
		return;
	held.home = NULL;
	home_close(h);
	arena_reset(&held.arena);
}

static void
answer(struct worker *w, uint64_t ask, enum status st, const struct tended *t)
{
	struct buf b;

	buf_init(&b, 64);
	wire_put_u64(&b, ask);
	wire_put_u8(&b, (uint8_t)st);
	wire_put_u8(&b, t->more);
	wire_put_u64(&b, t->count);
	link_tell(&w->child->links[ROLE_KEEPER][0], MSG_TENDED, buf_str(&b));
	buf_release(&b);
}

void
worker_tended(
    void *ctx, uint64_t ask, enum status st, const struct tended *done)
{
	held.busy = false;
	answer(ctx, ask, st, done);
	if (held.let_go)
		let_go();
}

static enum status
hold(struct worker *w, struct str account)
{
	enum status st;

	if (held.home && str_eq(account_id(held.home->account), account))
		return ST_OK;
	let_go();
	if (held.busy)
		return ST_BUSY;
	/* One that is lent has no use for a keeper. */
	st = home_open(w, account, &held.home);
	return st == ST_BUSY ? ST_CLOSED : st;
}

void
worker_tend(struct worker *w, struct str body)
{
	struct wire in = wire_of(body);
	uint64_t ask = wire_u64(&in);
	struct str account = wire_str(&in), piece = wire_str(&in);
	enum status st;

	if (!wire_end(&in) || held.busy)
		return;
	if (ask == 0) {
		let_go();
		return;
	}
	arena_reset(&held.arena);
	if ((st = tend_decode(piece, &held.arena, &held.piece)) != ST_OK ||
	    (st = hold(w, account)) != ST_OK) {
		answer(w, ask, st, &(struct tended){0});
		return;
	}
	held.busy = true;
	store_tend(w->store, held.home->account, &held.piece, ask);
}

void
worker_tend_end(struct str account)
{
	if (held.home &&
	    (account.n == 0 || str_eq(account_id(held.home->account), account)))
		let_go();
}

/*
 * Accounts are tended one after the other: those that a worker has named, and
 * all of them once in history.sweep, spread over that time. The home worker
 * holds the account open meanwhile and does what the tender asks for, in
 * pieces with pauses between them, so that its sessions do not notice. At the
 * end what is new goes into its text index, for which it is asked nothing.
 */
#include <dirent.h>
#include <unistd.h>

#include "auth/grant.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"
#include "daemon/keeper_int.h"
#include "store/tender.h"
#include "store/text_indexer.h"

enum {
	PIECE_PAUSE_MS = 16,       /* a worker gives a fifth of its time */
	SLICE_PAUSE_MS = 16,       /* between our own slices */
	LATER_MS = 2 * 1000,       /* something is in the way */
	LATER_MOST = 30,           /* then at the next sweep */
	SWEEP_STEP_MS = 60 * 1000, /* from account to account, at most */
	WAITING_MOST = 4096,       /* of hints; the sweep finds the others */
};

static struct {
	struct child *child;
	char **queue; /* hinted accounts, oldest first */
	size_t n_queue, cap_queue;
	struct map queued;
	struct map thorough; /* those that the sweep has come to */
	/* The sweep. */
	char **sweep;
	size_t n_sweep, cap_sweep, at;
	int64_t sweep_began;
	struct timer sweep_timer;
	/* The account at work; NULL: none. */
	char *account;
	struct link *home;
	struct tender *tender;        /* NULL: not held open for us yet */
	struct text_indexer *indexer; /* when the tender is done */
	uint64_t ask;                 /* of the piece under way; 0: none */
	uint64_t last_ask;
	unsigned later;
	struct timer timer;
	struct timer next_timer;
} k;

/* --- the account at work --- */

/* piece NULL: the worker may close the account. */
static bool
send(const struct tend *piece)
{
	enum status st;
	struct buf b, p;

	buf_init(&b, CHANNEL_MESSAGE);
	buf_init(&p, CHANNEL_MESSAGE);
	if (piece)
		tend_encode(piece, &p);
	wire_put_u64(&b, piece ? ++k.last_ask : 0);
	wire_put_str(&b, str_from(k.account));
	wire_put_str(&b, buf_str(&p));
	st = buf_full(&b) ? ST_LIMIT
			  : link_send(k.home, MSG_TEND, buf_str(&b), -1);
	buf_release(&b);
	buf_release(&p);
	if (st == ST_OK && piece)
		k.ask = k.last_ask;
	return st == ST_OK;
}

static void
finish(enum status st)
{
	if (st != ST_OK && st != ST_NOT_FOUND)
		log_warn("account could not be tended; it will be again",
		    LOG_Z("account", k.account), LOG_ST(st));
	loop_untimer(k.child->loop, &k.timer);
	text_indexer_close(&k.indexer);
	tender_close(&k.tender);
	(void)send(NULL);
	free(k.account);
	k.account = NULL;
	k.ask = 0;
	k.later = 0;
	loop_timer(k.child->loop, &k.next_timer,
	    loop_now(k.child->loop) + PIECE_PAUSE_MS);
}

static void
report(void)
{
	const struct tender_report *r = tender_report(k.tender);

	log_debug("account looked through", LOG_Z("account", k.account));
	if (r->quota && r->retained / k.child->config->warn > r->quota / 100)
		log_warn("the past of an account takes more than history.warn "
			 "says",
		    LOG_Z("account", k.account), LOG_U64("bytes", r->retained),
		    LOG_U64("quota", r->quota));
	if (r->rows || r->messages || r->packs)
		log_info("past forgotten", LOG_Z("account", k.account),
		    LOG_U64("changes", r->rows),
		    LOG_U64("messages", r->messages),
		    LOG_U64("packs", r->packs), LOG_U64("bytes", r->bytes));
	if (r->pages)
		log_info("mail.db was made smaller",
		    LOG_Z("account", k.account), LOG_U64("pages", r->pages));
}

static void
again_in(int64_t ms)
{
	loop_timer(k.child->loop, &k.timer, loop_now(k.child->loop) + ms);
}

/* What is new is put into the text index, while the account is held. */
static void
begin_text(void)
{
	const struct text_indexer_config cfg = {
	    .root = str_from(k.child->data),
	    .account = str_from(k.account),
	    .clock = &clock_system,
	    .random = &random_system,
	};
	enum status st = tender_status(k.tender);

	if (st == ST_OK)
		st = text_indexer_open(&cfg, &k.indexer);
	if (st == ST_OK)
		again_in(0);
	else
		finish(st);
}

static void
step_text(void)
{
	if (text_indexer_step(k.indexer)) {
		again_in(0);
		return;
	}
	if (text_indexer_messages(k.indexer))
		log_debug("text index", LOG_Z("account", k.account),
		    LOG_U64("messages", text_indexer_messages(k.indexer)));
	finish(text_indexer_status(k.indexer));
}

static void
step(void *ctx UNUSED)
{
	const struct tend *piece;

	if (k.indexer) {
		step_text();
		return;
	}
	switch (tender_step(k.tender, &piece)) {
	case TENDER_ASK:
		if (!send(piece))
			finish(ST_CLOSED);
		break;
	case TENDER_AGAIN:
		again_in(SLICE_PAUSE_MS);
		break;
	case TENDER_LATER:
		if (++k.later > LATER_MOST)
			finish(ST_BUSY);
		else
			again_in(LATER_MS);
		break;
	case TENDER_DONE:
		report();
		begin_text();
		break;
	}
}

static enum status
held(void)
{
	const struct tender_config cfg = {
	    .root = str_from(k.child->data),
	    .account = str_from(k.account),
	    .clock = &clock_system,
	    .random = &random_system,
	    .times = times_get(),
	    .retention = (int64_t)k.child->config->retention * 1000,
	    .thorough = map_remove(&k.thorough, str_from(k.account)) != NULL,
	};

	return tender_open(&cfg, &k.tender);
}

void
tend_told(struct link *l, struct str body)
{
	struct wire w = wire_of(body);
	uint64_t ask = wire_u64(&w);
	enum status st = wire_u8(&w);
	struct tended done = {
	    .more = wire_u8(&w) != 0,
	    .count = wire_u64(&w),
	};

	if (!wire_end(&w) || !k.account || l != k.home || ask != k.ask)
		return;
	k.ask = 0;
	if (k.tender)
		tender_answered(k.tender, st, &done);
	else if (st != ST_OK || (st = held()) != ST_OK) {
		finish(st);
		return;
	}
	again_in(PIECE_PAUSE_MS);
}

void
tend_lost(struct link *l)
{
	if (k.account && l == k.home)
		finish(ST_CLOSED);
}

static void
begin(char *account)
{
	struct link *homes = k.child->links[ROLE_WORKER];

	k.account = account;
	k.home =
	    &homes[grant_home(str_from(account), k.child->counts[ROLE_WORKER])];
	if (!send(&(struct tend){.kind = TEND_HOLD}))
		finish(ST_CLOSED);
}

/* --- who is next --- */

static void
next_account(void *ctx UNUSED)
{
	char *account;

	if (k.account || k.n_queue == 0)
		return;
	account = k.queue[0];
	memmove(k.queue, k.queue + 1, --k.n_queue * sizeof(*k.queue));
	(void)map_remove(&k.queued, str_from(account));
	begin(account);
}

static void
enqueue(struct str account)
{
	if (k.n_queue >= WAITING_MOST || map_get(&k.queued, account))
		return;
	*VEC_ADD(&k, queue) = str_dup(account);
	(void)map_set(&k.queued, account, &k);
}

void
tend_hint(struct str account)
{
	enqueue(account);
	if (!k.account)
		loop_timer(
		    k.child->loop, &k.next_timer, loop_now(k.child->loop));
}

static void
list_folder(const char *path, void (*fn)(const char *path, const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			fn(path, e->d_name);
	closedir(dir);
}

static void
add_account(const char *path UNUSED, const char *name)
{
	*VEC_ADD(&k, sweep) = str_dup(str_from(name));
}

static void
add_accounts(const char *path, const char *name)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_addf(&b, "%s/%s", path, name);
	if (!buf_full(&b))
		list_folder(b.p, add_account);
	buf_release(&b);
}

static void
forget_sweep(void)
{
	while (k.n_sweep)
		free(k.sweep[--k.n_sweep]);
}

/* From anywhere: a server that is restarted each day comes to all. */
static void
begin_sweep(void)
{
	uint64_t from;
	struct buf b;

	removed_sweep(k.child);
	forget_sweep();
	buf_init(&b, 4096);
	buf_addf(&b, "%s/accounts", k.child->data);
	list_folder(b.p, add_accounts);
	buf_release(&b);
	k.sweep_began = loop_now(k.child->loop);
	random_fill(&random_system, &from, sizeof(from));
	k.at = 0;
	for (size_t i = k.n_sweep; i > 1; i--) {
		size_t j = (size_t)(from = from * 6364136223846793005u +
				   1442695040888963407u) >>
		    16;
		char *swap = k.sweep[i - 1];

		k.sweep[i - 1] = k.sweep[j % i];
		k.sweep[j % i] = swap;
	}
}

static void
sweep(void *ctx UNUSED)
{
	int64_t now = loop_now(k.child->loop), whole, wait;

	whole = (int64_t)k.child->config->sweep * 1000;
	if (k.at == k.n_sweep && (!k.sweep || now - k.sweep_began >= whole))
		begin_sweep();
	if (k.at < k.n_sweep) {
		(void)map_set(&k.thorough, str_from(k.sweep[k.at]), &k);
		tend_hint(str_from(k.sweep[k.at++]));
		wait = whole / (int64_t)k.n_sweep;
	} else {
		wait = k.sweep_began + whole - now;
	}
	if (wait > SWEEP_STEP_MS)
		wait = SWEEP_STEP_MS;
	loop_timer(k.child->loop, &k.sweep_timer, now + (wait > 0 ? wait : 1));
}

void
tend_start(struct child *c)
{
	k.child = c;
	k.timer.fire = step;
	k.sweep_timer.fire = sweep;
	k.next_timer.fire = next_account;
	loop_timer(c->loop, &k.sweep_timer, loop_now(c->loop) + 1000);
}

void
tend_end(void)
{
	text_indexer_close(&k.indexer);
	tender_close(&k.tender);
}

/*
 * The role `keeper`: background work on accounts, at the lowest priority.
 * Workers name an account whose WAL has grown; the keeper moves it into
 * mail.db (S8), or one whose text index lacks messages; and it looks at all
 * accounts from time to time, for what can go or be indexed (keeper_tend.c). It
 * never writes rows (S11). Where a reader is in the way for long, it waits for
 * the account's next change (P11) rather than for time.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "daemon/keeper_int.h"
#include "store/checkpoint.h"

enum {
	IOPRIO_WHO_PROCESS = 1,
	IOPRIO_IDLE = 3 << 13,
	NICE_LOWEST = 19,
	AGAIN_MS = 2 * 1000,  /* a reader was in the way */
	TRIES = 3,            /* then at the account's next change */
	ACCOUNTS_MOST = 4096, /* that wait; the WAL of more has to wait */
};

struct task {
	struct child *child;
	char *account;
	unsigned tries;
	struct timer timer;
	struct board_watch watch;
};

static struct map tasks; /* by account */

static void
task_free(struct task *t)
{
	loop_untimer(t->child->loop, &t->timer);
	board_disarm(t->child->board, &t->watch);
	(void)map_remove(&tasks, str_from(t->account));
	free(t->account);
	free(t);
}

/* The change is worth a look after others of its kind. */
static void
changed(void *ctx)
{
	struct task *t = ctx;

	t->tries = 0;
	loop_timer(
	    t->child->loop, &t->timer, loop_now(t->child->loop) + AGAIN_MS);
}

static void
checkpoint(void *ctx)
{
	struct task *t = ctx;
	struct board *board = t->child->board;
	size_t slot = board_slot(str_from(t->account));
	uint64_t seen = board_read(board, slot);
	struct checkpoint done = {0};
	enum status st = store_checkpoint(
	    str_from(t->child->data), str_from(t->account), &done);

	if (st != ST_OK)
		log_warn(
		    "no checkpoint", LOG_Z("account", t->account), LOG_ST(st));
	else
		log_debug("checkpoint", LOG_Z("account", t->account),
		    LOG_U64("pages", done.pages), LOG_U64("moved", done.moved));
	if (st != ST_OK || done.moved >= done.pages)
		task_free(t);
	else if (++t->tries < TRIES || !board_arm(board, &t->watch, slot, seen))
		loop_timer(t->child->loop, &t->timer,
		    loop_now(t->child->loop) + AGAIN_MS);
}

static void
prepare(struct child *c UNUSED)
{
	(void)setpriority(PRIO_PROCESS, 0, NICE_LOWEST);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
}

static void
start(struct child *c)
{
	times_start(c);
	tend_start(c);
}

static void
lost(struct child *c UNUSED, struct link *l)
{
	tend_lost(l);
}

static void
end(struct child *c UNUSED)
{
	tend_end();
	times_end();
}

static void
message(struct child *c, struct link *l, struct packet *m)
{
	struct wire w = wire_of(m->body);
	struct str account = wire_str(&w);
	struct task *t;

	if (l->role == ROLE_WORKER && m->type == MSG_TENDED)
		tend_told(l, m->body);
	if (l->role == ROLE_WORKER && m->type == MSG_TEXT && wire_end(&w))
		tend_hint(account);
	if (l->role != ROLE_WORKER || m->type != MSG_KEEP || !wire_end(&w))
		return;
	tend_hint(account);
	if (map_get(&tasks, account) || tasks.n >= ACCOUNTS_MOST)
		return;
	t = mem_zalloc(sizeof(*t));
	t->child = c;
	t->account = str_dup(account);
	t->timer.fire = checkpoint;
	t->timer.ctx = t;
	t->watch.changed = changed;
	t->watch.ctx = t;
	(void)map_set(&tasks, account, t);
	loop_timer(c->loop, &t->timer, 0);
}

const struct role_def role_keeper = {
    .role = ROLE_KEEPER,
    .prepare = prepare,
    .start = start,
    .message = message,
    .lost = lost,
    .end = end,
};

#include "cli/target.h"

#include <errno.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/target_int.h"
#include "daemon/data.h"

void
target_as_caller(void)
{
	if (getuid() == 0 && geteuid() != 0)
		ASSERT(seteuid(0) == 0 && setegid(getgid()) == 0);
}

void
target_as_owner(const struct cli_target *t)
{
	if (t->owner_set && geteuid() == 0)
		ASSERT(setegid(t->gid) == 0 && seteuid(t->uid) == 0);
}

/*
 * Mail that root makes must be the server's: of whom the accounts are
 * (daemon/users.h). The rest of DATA is root's, or auth's, which SQLite sees
 * to. The same beside a server, as accounts are lent to us then (MAIL_OP_LEND).
 */
static void
find_owner(struct cli_target *t)
{
	struct buf path;
	struct stat sb;
	bool there;

	if (getuid() != 0)
		return;
	buf_init(&path, 4096);
	buf_addf(&path, "%s/accounts", t->config->data);
	there = stat(path.p, &sb) == 0 || stat(t->config->data, &sb) == 0;
	buf_release(&path);
	if (!there || sb.st_uid == 0)
		return;
	t->owner_set = true;
	t->uid = sb.st_uid;
	t->gid = sb.st_gid;
	target_as_owner(t);
}

enum status
target_give(const struct cli_target *t, const char *path)
{
	char *paths[] = {(char *)(uintptr_t)path, NULL};
	enum status st = ST_OK;
	FTSENT *e;
	FTS *walk;

	if (!t->owner_set)
		return ST_OK;
	walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && st == ST_OK && (e = fts_read(walk)))
		if (e->fts_info != FTS_DP &&
		    lchown(e->fts_accpath, t->uid, t->gid) != 0)
			st = ST_IO;
	if (walk)
		fts_close(walk);
	return walk ? st : ST_IO;
}

static enum status
choose(struct cli_target *t, const char **why_out)
{
	enum status st = data_lock(t->config->data, &t->lock);

	if (st == ST_OK && (st = data_whole(t->config->data)) == ST_STATE) {
		*why_out = "a recovery into it has not ended: say `mailstead "
			   "recover` again, or empty the folder";
		return st;
	}
	if (st == ST_OK) {
		store_make_room(str_from(t->config->data));
		return offline_open(t, why_out);
	}
	if (st == ST_BUSY)
		return remote_open(t, why_out);
	*why_out = st == ST_CANNOT
	    ? "the data folder lies on a network file system"
	    : strerror(errno);
	return st;
}

enum status
target_open(const struct config *config, bool makes, struct cli_target **out,
    const char **why_out)
{
	struct cli_target *t;
	enum status st;

	if (!makes && access(config->data, F_OK) < 0) {
		*why_out = errno == ENOENT ? "there is no data folder"
					   : strerror(errno);
		return ST_NOT_FOUND;
	}
	t = mem_zalloc(sizeof(*t));
	t->config = config;
	t->lock = t->lent_lock = -1;
	buf_init(&t->control, 4096);
	buf_addf(&t->control, "%s/control", config->data);
	st = choose(t, why_out);
	if (st == ST_OK) {
		find_owner(t);
		*out = t;
	} else {
		target_close(&t);
	}
	return st;
}

void
target_close(struct cli_target **tp)
{
	struct cli_target *t = *tp;

	*tp = NULL;
	if (!t)
		return;
	target_release(t);
	remote_close(t);
	offline_close(t);
	if (t->lock >= 0)
		close(t->lock);
	buf_release(&t->control);
	target_as_caller();
	free(t);
}

uint64_t
target_epoch(const struct cli_target *t)
{
	uint64_t epoch = t->epoch;

	if (!t->online)
		return epoch;
	target_as_caller();
	if (data_read_epoch(t->config->data, &epoch) != ST_OK)
		epoch = 0;
	target_as_owner(t);
	return epoch;
}

bool
target_online(const struct cli_target *t)
{
	return t->online;
}

enum status
target_admin(struct cli_target *t, struct str request, struct buf *answer)
{
	return t->online ? remote_admin(t, request, answer)
			 : offline_admin(t, request, answer);
}

enum status
target_post(struct cli_target *t, struct str account, struct str request,
    int fd, uint64_t tag, target_done *done, void *ctx)
{
	struct post *p = mem_zalloc(sizeof(*p));
	enum status st;

	p->target = t;
	p->tag = tag;
	p->done = done;
	p->ctx = ctx;
	st = t->online ? remote_post(t, p, account, request, fd)
		       : offline_post(t, p, request, fd);
	if (st != ST_OK)
		free(p);
	return st;
}

enum status
target_wait(struct cli_target *t)
{
	return t->online ? remote_wait(t, 0) : offline_wait(t, 0);
}

void
target_single_done(
    void *ctx, uint64_t tag UNUSED, enum status st, struct str answer)
{
	struct target_single *s = ctx;

	s->st = st;
	buf_adds(s->answer, answer);
}

enum status
target_mail(struct cli_target *t, struct str account, struct str request,
    int fd, struct buf *answer)
{
	struct target_single s = {answer, ST_CLOSED};
	enum status st;

	st = target_post(t, account, request, fd, 0, target_single_done, &s);
	if (st == ST_OK)
		st = target_wait(t);
	return st == ST_OK ? s.st : st;
}

/* --- accounts that are lent to us --- */

enum { HOLD_MS = 10 * 1000, HOLD_AGAIN_US = 50 * 1000 };

void
target_unlock(struct cli_target *t)
{
	if (t->lent_lock >= 0)
		close(t->lent_lock);
	t->lent_lock = -1;
}

static enum status
lend(struct cli_target *t, struct str account, enum mail_op_kind kind)
{
	struct buf request, answer;
	enum status st;

	buf_init(&request, 4096);
	buf_init(&answer, 4096);
	mail_ask(&request, kind, account, S(""));
	if (kind == MAIL_OP_LEND)
		mail_ask_lend(&request, t->held_alone);
	st = target_mail(t, account, buf_str(&request), -1, &answer);
	buf_release(&request);
	buf_release(&answer);
	return st;
}

/* Sessions need a moment to end. */
static enum status
borrow(struct cli_target *t, struct str account)
{
	int64_t until = clock_mono(&clock_system) + HOLD_MS;
	enum status st;

	for (;;) {
		st = lend(t, account, MAIL_OP_LEND);
		if (st != ST_BUSY || clock_mono(&clock_system) > until)
			return st;
		usleep(HOLD_AGAIN_US);
	}
}

enum status
target_hold(struct cli_target *t, struct str account, bool alone)
{
	enum status st;

	ASSERT(t->held_id.n == 0);
	t->held_alone = alone;
	if (t->online)
		st = borrow(t, account);
	else if (alone)
		st = store_lend(t->store, account);
	else
		st = store_account(t->store, account, &t->held);
	if (st == ST_OK)
		t->held_id = str_of(str_dup(account), account.n);
	return st;
}

void
target_release(struct cli_target *t)
{
	if (t->held_id.n == 0)
		return;
	if (!t->online && t->held_alone)
		store_unlend(t->store, t->held_id);
	account_unref(&t->held);
	/* Should it fail, the end of our connection says the same. */
	if (t->online && lend(t, t->held_id, MAIL_OP_RETURN) != ST_OK)
		channel_free(&t->worker.ch);
	target_unlock(t);
	free((char *)(uintptr_t)t->held_id.p);
	t->held_id = S("");
}

enum status
target_own(struct cli_target *t, struct store **store_out)
{
	struct store_config cfg = {
	    .root = str_from(t->config->data),
	    .clock = &clock_system,
	    .random = &random_system,
	    .epoch = target_epoch(t),
	    .max_open = 1,
	};

	ASSERT(t->held_alone && t->held_id.n);
	return store_open(&cfg, store_out);
}

/*
 * Without a server: this process is DATA's owner, and runs what auth and the
 * workers would run.
 */
#include <fcntl.h>
#include <unistd.h>

#include "cli/target_int.h"
#include "daemon/data.h"

enum { OPEN_ACCOUNTS = 4 };

static void
finish(struct post *p)
{
	p->done(p->ctx, p->tag, p->op.status,
	    p->op.status == ST_OK ? buf_str(&p->op.answer) : S(""));
	mail_op_end(&p->op);
	free(p);
}

static void
answered(void *ctx, uint64_t ask, enum status st, const struct changed *changed)
{
	struct cli_target *t = ctx;
	struct post *p = map_remove_u64(&t->posts, ask);

	ASSERT(p);
	mail_op_answered(&p->op, st, changed);
	finish(p);
}

static void
committed(void *ctx UNUSED, struct account *acct UNUSED, uint64_t modseq UNUSED)
{
}

static enum status
open_files(struct cli_target *t)
{
	struct str data = str_from(t->config->data);
	struct arena a = ARENA_INIT;
	struct store_config cfg = {
	    .root = data,
	    .clock = &clock_system,
	    .random = &random_system,
	    .host = {.ctx = t, .answered = answered, .committed = committed},
	    .flags_sync = t->config->flags == FLAGS_SYNC,
	    .reserve = t->config->reserve,
	    .epoch = t->epoch,
	    .max_open = OPEN_ACCOUNTS,
	};
	enum status st;

	/* First: it sets SQLite up for all. */
	st = store_open(&cfg, &t->store);
	if (st == ST_OK)
		st = directory_open(
		    arena_printf(&a, STR_FMT "/directory.db", STR_ARG(data)).p,
		    &t->directory);
	if (st == ST_OK)
		st = credentials_open(
		    arena_printf(&a, STR_FMT "/credentials.db", STR_ARG(data))
			.p,
		    &random_system, &t->credentials);
	arena_release(&a);
	return st;
}

enum status
offline_open(struct cli_target *t, const char **why_out)
{
	static const char *const made[] = {"directory.db", "directory.db-wal",
	    "directory.db-shm", "credentials.db", "credentials.db-wal",
	    "credentials.db-shm", "reserve"};
	enum status st = data_epoch(t->config->data, &t->epoch);

	if (st == ST_OK)
		st = open_files(t);
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		data_give(t->config->data, made[i]);
	if (st != ST_OK)
		*why_out = status_text(st);
	return st;
}

void
offline_close(struct cli_target *t)
{
	bool clean = t->store != NULL;

	if (t->store)
		store_close(&t->store);
	map_release(&t->posts);
	target_as_caller();
	credentials_close(&t->credentials);
	directory_close(&t->directory);
	/* Without the mark the next start is careful: that is all. */
	if (clean && data_clean(t->config->data, t->epoch) != ST_OK)
		return;
}

enum status
offline_admin(struct cli_target *t, struct str request, struct buf *answer)
{
	struct admin ad = {
	    .directory = t->directory,
	    .credentials = t->credentials,
	    .clock = &clock_system,
	    .random = &random_system,
	    .scram = t->config->scram != 0,
	};
	enum status st;

	/* auth's files are not those of the mail's owner. */
	target_as_caller();
	st = admin_run(&ad, request, answer);
	target_as_owner(t);
	return st;
}

enum status
offline_post(struct cli_target *t, struct post *p, struct str request, int fd)
{
	int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	enum mail_op_next next;
	uint64_t ask;

	if (fd >= 0 && copy < 0)
		return ST_IO;
	next = mail_op_begin(&p->op, t->store, request, &copy);
	if (copy >= 0)
		close(copy);
	if (next == MAIL_OP_DONE) {
		finish(p);
		return ST_OK;
	}
	ask = ++t->last_ask;
	(void)map_set_u64(&t->posts, ask, p);
	store_submit(t->store, p->op.account, &p->op.change, ask);
	return t->posts.n >= TARGET_POSTS ? offline_wait(t, 0) : ST_OK;
}

enum status
offline_wait(struct cli_target *t, size_t most)
{
	while (t->posts.n > most)
		(void)store_run(t->store);
	return ST_OK;
}

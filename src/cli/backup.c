/* `mailstead backup` */
#include <libgen.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/target.h"
#include "cli/verbs.h"
#include "store/backup.h"

enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_IDLE = 3 << 13, NICE_LOWEST = 19 };

static enum status
hold(void *ctx, struct str account)
{
	struct cli *c = ctx;
	enum status st;

	target_as_owner(c->target);
	st = target_hold(c->target, account, false);
	target_as_caller();
	return st;
}

static void
release(void *ctx, struct str account UNUSED)
{
	struct cli *c = ctx;

	target_as_owner(c->target);
	target_release(c->target);
	target_as_caller();
}

/* A bar on a terminal; a line of JSON each where programs listen. */
static void
progress(void *ctx, const struct backup_progress *p)
{
	struct cli *c = ctx;

	cli_bar(c, "backup", p->bytes, p->bytes_all);
	if (c->json && cli_due(c))
		cli_json_line(json_pack("{s:s, s:I, s:I, s:I, s:I}", "event",
		    "progress", "accounts", (json_int_t)p->accounts,
		    "accounts_all", (json_int_t)p->accounts_all, "bytes",
		    (json_int_t)p->bytes, "bytes_all",
		    (json_int_t)p->bytes_all));
}

static void
warn(void *ctx, struct str text)
{
	(void)cli_fail(ctx, STR_FMT, STR_ARG(text));
}

static void
report(struct cli *c, const struct backup_result *r)
{
	struct buf all, read;

	if (c->json)
		cli_json_line(json_pack(
		    "{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		    "event", "done", "folder", cli_json_str(c->words[0]), "run",
		    (json_int_t)r->run, "accounts", (json_int_t)r->accounts,
		    "unchanged", (json_int_t)r->unchanged, "failed",
		    (json_int_t)r->failed, "files", (json_int_t)r->files,
		    "bytes", (json_int_t)r->bytes, "read", (json_int_t)r->read,
		    "linked", (json_int_t)r->linked));
	buf_init(&all, 100);
	buf_init(&read, 100);
	cli_size(r->bytes, &all);
	cli_size(r->read, &read);
	cli_say(c,
	    "%llu accounts (%llu unchanged), " STR_FMT "; " STR_FMT " read",
	    (unsigned long long)r->accounts, (unsigned long long)r->unchanged,
	    STR_ARG(buf_str(&all)), STR_ARG(buf_str(&read)));
	buf_release(&all);
	buf_release(&read);
}

/* It would be a part of what it copies. `dir` may not be there yet. */
static bool
is_within(const char *dir, const char *data, struct arena *a)
{
	char *above = arena_z(a, str_from(dir));
	char *is = realpath(dir, NULL), *root = realpath(data, NULL);
	size_t n = root ? strlen(root) : 0;
	bool within;

	if (!is)
		is = realpath(dirname(above), NULL);
	within = is && root && strncmp(is, root, n) == 0 &&
	    (is[n] == '/' || is[n] == '\0');
	free(is);
	free(root);
	return within;
}

int
cli_backup(struct cli *c)
{
	const char *keys = cli_option(c, "keys"), *copy = cli_option(c, "copy");
	struct backup_config cfg = {
	    .data = c->config->data,
	    .dir = c->words[0].p,
	    .settings = c->config->file,
	    .keys = keys != NULL,
	    .copy = copy != NULL,
	    .clock = &clock_system,
	    .host = {c, hold, release, progress, warn},
	};
	struct backup_result r;
	enum status st;
	struct buf why;

	if (is_within(cfg.dir, cfg.data, &c->arena))
		return cli_fail(
		    c, "a backup does not lie in the data folder: %s", cfg.dir);
	/* Those who read their mail come first. */
	(void)setpriority(PRIO_PROCESS, 0, NICE_LOWEST);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
	buf_init(&why, 8192);
	cfg.epoch = target_epoch(c->target);
	/* The folder may be the caller's alone; DATA is read as it, too. */
	target_as_caller();
	st = backup_run(&cfg, &r, &why);
	target_as_owner(c->target);
	cli_progress_end(c);
	if (st == ST_OK)
		report(c, &r);
	else
		(void)cli_fail(c, STR_FMT, STR_ARG(buf_str(&why)));
	buf_release(&why);
	return st == ST_OK && r.failed == 0 ? CLI_DONE : CLI_NOT_DONE;
}

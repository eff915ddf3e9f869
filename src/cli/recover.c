/* `mailstead recover`: a whole server, and which of the three forms it is. */
#include "cli/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/credentials.h"
#include "cli/verbs.h"
#include "daemon/data.h"

/* --- what all forms share --- */

static void
progress(void *ctx, uint64_t bytes)
{
	struct recovery *v = ctx;

	cli_bar(v->c, "recover", bytes, v->all);
	if (v->c->json && cli_due(v->c))
		cli_json_line(
		    json_pack("{s:s, s:I, s:I}", "event", "progress", "bytes",
			(json_int_t)bytes, "bytes_all", (json_int_t)v->all));
}

/* Recreated files are the server's, whoever runs us. */
static void
own(const char *path, uid_t uid, gid_t gid)
{
	char *paths[] = {(char *)(uintptr_t)path, NULL};
	FTS *walk = getuid() == 0
	    ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL)
	    : NULL;
	FTSENT *e;

	/* What cannot be given away is told of when the server starts. */
	while (walk && (e = fts_read(walk)))
		if (e->fts_info != FTS_DP &&
		    lchown(e->fts_accpath, uid, gid) != 0)
			break;
	if (walk)
		fts_close(walk);
}

enum status
recovery_rewind(struct recovery *v, struct account *a)
{
	uint64_t modseq;
	enum status st;

	if (!v->back)
		return ST_OK;
	if ((st = past_modseq_at(a, v->at_ms, &modseq)) != ST_OK)
		return st;
	return recreate_rewind(a, modseq);
}

struct manifest_folder *
recovery_server(struct recovery *v)
{
	return manifest_find(&v->r.m, S(""));
}

static int
failed(struct recovery *v)
{
	return cli_fail(v->c, STR_FMT, STR_ARG(buf_str(&v->why)));
}

/* --- a whole server --- */

struct whole {
	struct recovery *v;
	const char *data;
	struct arena *a;
	uint64_t epoch, accounts, failed, early, revoked;
};

static const char *
in_data(struct whole *w, const char *name)
{
	return arena_printf(w->a, "%s/%s", w->data, name).p;
}

/*
 * Which backup is being recreated, and how far it is: what a killed run has
 * copied need not be copied again, and what it has opened must not be.
 */
static bool
was_copied(struct whole *w, const char *text)
{
	char got[128] = "";
	int fd = open(in_data(w, "recovering"), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, got, sizeof(got) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 && strcmp(got, text) == 0;
}

static enum status
note_copied(struct whole *w, const char *text)
{
	const char *path = in_data(w, "recovering");
	const char *fresh = in_data(w, "recovering.new");
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);
	bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok && rename(fresh, path) == 0 ? ST_OK : ST_IO;
}

static enum status
recreate_one(struct whole *w, const struct manifest_folder *f, const char *to)
{
	return recreate_account(&w->v->r, f, to);
}

static enum status
mark_one(
    struct whole *w, const struct manifest_folder *f UNUSED, const char *to)
{
	return recreate_mark(&w->v->r, to);
}

static enum status
each_account(struct whole *w,
    enum status (*fn)(
	struct whole *w, const struct manifest_folder *f, const char *to))
{
	const struct manifest *m = &w->v->r.m;
	enum status st = ST_OK;

	for (size_t i = 0; i < m->n_folders && st == ST_OK; i++)
		if (m->folders[i].account)
			st = fn(w, &m->folders[i],
			    arena_printf(w->a, "%s/" STR_FMT, w->data,
				STR_ARG(m->folders[i].name))
				.p);
	return st;
}

static enum status
copy_accounts(struct whole *w)
{
	struct manifest *m = &w->v->r.m;
	struct buf mark;
	enum status st = ST_OK;

	buf_init(&mark, 128);
	buf_addf(&mark, "copied %llu %lld\n", (unsigned long long)m->run,
	    (long long)m->began_ms);
	for (size_t i = 0; i < m->n_folders; i++)
		for (size_t k = 0; k < m->folders[i].n_files; k++)
			w->v->all += m->folders[i].files[k].size;
	if (!was_copied(w, mark.p)) {
		st = each_account(w, recreate_one);
		/* One after the other: all of them, then the disk, then these. */
		if (st == ST_OK)
			st = each_account(w, mark_one);
		if (st == ST_OK)
			st = note_copied(w, mark.p);
	}
	buf_release(&mark);
	return st;
}

/* Opening is what raises its numbers (S22). */
static void
open_account(struct whole *w, struct store *s, struct str id)
{
	struct account *a = NULL;
	enum status st = store_account(s, id, &a);

	if (st == ST_OK)
		st = recovery_rewind(w->v, a);
	account_unref(&a);
	w->accounts++;
	if (st == ST_NOT_FOUND && w->v->back) {
		w->early++;
	} else if (st != ST_OK) {
		w->failed++;
		(void)cli_fail(w->v->c, "account " STR_FMT ": %s", STR_ARG(id),
		    status_text(st));
	}
}

static enum status
open_accounts(struct whole *w)
{
	struct store_config cfg = {
	    .root = str_from(w->data),
	    .clock = &clock_system,
	    .random = &random_system,
	    .epoch = w->epoch,
	    .max_open = 1,
	};
	const struct manifest *m = &w->v->r.m;
	struct store *s;
	enum status st = store_open(&cfg, &s);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < m->n_folders; i++)
		if (m->folders[i].account &&
		    str_starts(m->folders[i].name, S("accounts/")))
			open_account(w, s,
			    str_from_pos(m->folders[i].name,
				sizeof("accounts/ab/") - 1));
	store_close(&s);
	return ST_OK;
}

static enum status
copy_small(struct whole *w, const char *folder, const char *to)
{
	const struct manifest_folder *f =
	    manifest_find(&w->v->r.m, str_from(folder));
	enum status st = ST_OK;

	if (!f)
		return ST_OK;
	if (mkdir(in_data(w, to), 0700) != 0 && errno != EEXIST)
		return ST_IO;
	for (size_t i = 0; i < f->n_files && st == ST_OK; i++) {
		char *name = str_dup(f->files[i].name);

		st = recreate_file(&w->v->r, f, f->files[i].name,
		    arena_printf(w->a, "%s/%s/%s", w->data, to, name).p, 0600);
		free(name);
	}
	return st;
}

/* What was revoked since in the directory that lives on stays revoked. */
static enum status
stay_revoked(struct whole *w)
{
	const char *living = cli_option(w->v->c, "living");
	struct credentials *k;
	enum status st;

	if (!living)
		return ST_OK;
	living = arena_printf(w->a, "%s/credentials.db", living).p;
	if (access(living, R_OK) != 0) {
		buf_addf(&w->v->why, "%s: %s", living, strerror(errno));
		return ST_NOT_FOUND;
	}
	st = credentials_open(in_data(w, "credentials.db"), &random_system, &k);
	if (st == ST_OK) {
		st = credentials_revoke_since(k, living, &w->revoked);
		credentials_close(&k);
	}
	if (st != ST_OK)
		buf_addf(&w->v->why, "%s: %s", living, status_text(st));
	return st;
}

/* The directory comes last: before it, there is no server to be started. */
static enum status
copy_server(struct whole *w)
{
	struct manifest_folder *f = recovery_server(w->v);
	enum status st;

	if (!f) {
		buf_addz(&w->v->why, "the backup has no directory");
		return ST_CORRUPT;
	}
	if ((st = copy_small(w, "tls", "tls")) != ST_OK ||
	    (st = copy_small(w, "settings", "settings-of-backup")) != ST_OK ||
	    (st = recreate_file(&w->v->r, f, S("credentials.db"),
		 in_data(w, "credentials.db"), 0600)) != ST_OK ||
	    (st = stay_revoked(w)) != ST_OK)
		return st;
	return recreate_file(
	    &w->v->r, f, S("directory.db"), in_data(w, "directory.db"), 0600);
}

static enum status
make_server(struct whole *w)
{
	enum status st;

	if (access(in_data(w, "directory.db"), F_OK) == 0) {
		buf_addf(&w->v->why,
		    "%s: there is a server's data already; recover into "
		    "another folder (-d), or one account (--account)",
		    w->data);
		return ST_EXISTS;
	}
	if ((st = data_epoch(w->data, &w->epoch)) != ST_OK ||
	    (st = copy_accounts(w)) != ST_OK ||
	    (st = open_accounts(w)) != ST_OK || (st = copy_server(w)) != ST_OK)
		return st;
	(void)unlink(in_data(w, "recovering"));
	return data_clean(w->data, w->epoch);
}

static int
report(struct whole *w)
{
	struct cli *c = w->v->c;

	cli_progress_end(c);
	if (c->json)
		cli_json_line(json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I}",
		    "event", "done", "data", cli_json_str(str_from(w->data)),
		    "accounts", (json_int_t)w->accounts, "failed",
		    (json_int_t)w->failed, "younger", (json_int_t)w->early,
		    "revoked", (json_int_t)w->revoked, "bytes",
		    (json_int_t)w->v->r.bytes));
	cli_say(c, "%llu accounts recovered into %s.",
	    (unsigned long long)w->accounts, w->data);
	if (w->early)
		cli_say(c,
		    "%llu of them did not exist at that time: they are as the "
		    "backup has them.",
		    (unsigned long long)w->early);
	if (w->revoked)
		cli_say(c, "%llu passwords stay revoked.",
		    (unsigned long long)w->revoked);
	return w->failed ? CLI_NOT_DONE : CLI_DONE;
}

int
recovery_of_server(struct recovery *v)
{
	struct whole w = {
	    .v = v, .data = v->c->config->data, .a = &v->c->arena};
	struct stat sb;
	enum status st;
	int lock = -1;

	st = data_lock(w.data, &lock);
	if (st != ST_OK)
		return cli_fail(v->c, "%s: %s", w.data,
		    st == ST_BUSY ? "a server runs there: recover into another "
				    "folder (-d), or one account (--account)"
				  : status_text(st));
	st = make_server(&w);
	/* Made by root, it is of whom the folder is of. */
	if (stat(w.data, &sb) == 0)
		own(w.data, sb.st_uid, sb.st_gid);
	close(lock);
	if (st == ST_OK)
		return report(&w);
	if (v->why.n == 0)
		buf_addf(&v->why, "%s: %s", w.data, status_text(st));
	return failed(v);
}

/* --- which form --- */

static int
run(struct recovery *v)
{
	const char *account = cli_option(v->c, "account");
	const char *folder = cli_option(v->c, "folder");

	if (folder)
		return recovery_of_folder(
		    v, str_from(account), str_from(folder));
	if (account)
		return recovery_of_account(v, str_from(account));
	return recovery_of_server(v);
}

int
cli_recover(struct cli *c)
{
	struct recovery v = {.c = c, .dir = c->words[0].p};
	struct recreate_host host = {&v, progress};
	const char *at = cli_option(c, "at");
	int rc;

	if (cli_option(c, "folder") && !cli_option(c, "account"))
		return cli_usage(c, "--folder wants --account");
	if (cli_option(c, "living") && cli_option(c, "account"))
		return cli_usage(c, "--living is for a whole server");
	if (at && (rc = past_time(c, at, &v.at_ms)) != CLI_DONE)
		return rc;
	v.back = at != NULL;
	buf_init(&v.why, 8192);
	if (recreate_open(&v.r, v.dir, &host, &v.why) == ST_OK) {
		rc = run(&v);
		recreate_close(&v.r);
	} else {
		rc = failed(&v);
	}
	buf_release(&v.why);
	return rc;
}

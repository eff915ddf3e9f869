/*
 * `mailstead recover`: a whole server. The accounts are copied, opened and set
 * back, then comes the directory: before it there is no server to be started.
 * DATA/recovering says that the copying is done, and of which backup, so that
 * a run that is said again after a kill or a full disk goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/credentials.h"
#include "base/file.h"
#include "cli/recover.h"
#include "daemon/data.h"

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

static enum status
because(struct whole *w, const char *path)
{
	enum status st = file_errno();

	buf_addf(&w->v->why, "%s: %s", path, strerror(errno));
	return st;
}

/*
 * Which backup is being recreated, and how far it is: what a killed run has
 * copied need not be copied again, and what it has opened must not be.
 */
static const char *
mark(struct whole *w, const char *how_far)
{
	const struct manifest *m = &w->v->r.m;

	return arena_printf(w->a, "%s %llu %lld\n", how_far,
	    (unsigned long long)m->run, (long long)m->began_ms)
	    .p;
}

static bool
was_copied(struct whole *w)
{
	char got[128] = "";
	int fd = open(in_data(w, DATA_RECOVERING), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, got, sizeof(got) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 && strcmp(got, mark(w, "copied")) == 0;
}

static enum status
note(struct whole *w, const char *how_far)
{
	const char *text = mark(w, how_far);
	const char *path = in_data(w, DATA_RECOVERING);
	const char *fresh = in_data(w, DATA_RECOVERING ".new");
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);
	bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n &&
	    fsync(fd) == 0 && rename(fresh, path) == 0;
	enum status st = ok ? ST_OK : because(w, path);

	if (fd >= 0)
		close(fd);
	return st;
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
	enum status st = ST_OK;

	for (size_t i = 0; i < m->n_folders; i++)
		for (size_t k = 0; k < m->folders[i].n_files; k++)
			w->v->all += m->folders[i].files[k].size;
	if (was_copied(w))
		return ST_OK;
	if ((st = note(w, "begun")) == ST_OK)
		st = each_account(w, recreate_one);
	/* One after the other: all of them, then the disk, then these. */
	if (st == ST_OK)
		st = each_account(w, mark_one);
	return st == ST_OK ? note(w, "copied") : st;
}

/*
 * Opening is what raises its numbers (S22). An account that is damaged does
 * not keep the others; with a disk that is full or failing there is no going
 * on.
 */
static enum status
open_account(struct whole *w, struct store *s, struct str id)
{
	struct account *a = NULL;
	enum status st = store_account(s, id, &a);

	if (st == ST_OK)
		st = recovery_rewind(w->v, a);
	account_unref(&a);
	if (st == ST_NO_SPACE || st == ST_IO) {
		buf_addf(&w->v->why, "account " STR_FMT ": %s", STR_ARG(id),
		    status_text(st));
		return st;
	}
	w->accounts++;
	if (st == ST_NOT_FOUND && w->v->back) {
		w->early++;
	} else if (st != ST_OK) {
		w->failed++;
		(void)cli_fail(w->v->c, "account " STR_FMT ": %s", STR_ARG(id),
		    status_text(st));
	}
	return ST_OK;
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
	for (size_t i = 0; i < m->n_folders && st == ST_OK; i++)
		if (m->folders[i].account &&
		    str_starts(m->folders[i].name, S("accounts/")))
			st = open_account(w, s,
			    str_from_pos(m->folders[i].name,
				sizeof("accounts/ab/") - 1));
	store_close(&s);
	return st;
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
		return because(w, in_data(w, to));
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

static enum status
put_directory(struct whole *w)
{
	int fd = open(w->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status st = ST_OK;

	if (fd < 0 || syncfs(fd) != 0 ||
	    rename(in_data(w, DATA_RECOVERING "-directory"),
		in_data(w, "directory.db")) != 0 ||
	    fsync(fd) != 0)
		st = because(w, in_data(w, "directory.db"));
	if (fd >= 0)
		close(fd);
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
	st = recreate_file(&w->v->r, f, S("directory.db"),
	    in_data(w, DATA_RECOVERING "-directory"), 0600);
	/* All that stands in it is on the disk before it is there. */
	return st == ST_OK ? put_directory(w) : st;
}

static enum status
fill(struct whole *w)
{
	enum status st;

	if ((st = copy_accounts(w)) != ST_OK ||
	    (st = open_accounts(w)) != ST_OK || (st = copy_server(w)) != ST_OK)
		return st;
	return ST_OK;
}

/* Is all of it there, but that nobody has said so? */
static bool
was_filled(struct whole *w)
{
	return access(in_data(w, "directory.db"), F_OK) == 0 && was_copied(w);
}

static enum status
count_one(
    struct whole *w, const struct manifest_folder *f, const char *to UNUSED)
{
	w->accounts += str_starts(f->name, S("accounts/"));
	return ST_OK;
}

static enum status
make_server(struct whole *w)
{
	bool filled = was_filled(w);
	enum status st;

	if (!filled && access(in_data(w, "directory.db"), F_OK) == 0) {
		buf_addf(&w->v->why,
		    "%s: there is a server's data already; recover into "
		    "another folder (-d), or one account (--account)",
		    w->data);
		return ST_EXISTS;
	}
	if ((st = data_epoch(w->data, &w->epoch)) != ST_OK ||
	    (st = filled ? each_account(w, count_one) : fill(w)) != ST_OK)
		return st;
	return data_clean(w->data, w->epoch);
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
	/* The very last: what comes before it can be done twice. */
	if (st == ST_OK)
		(void)unlink(in_data(&w, DATA_RECOVERING));
	close(lock);
	if (st == ST_OK)
		return report(&w);
	return recovery_fail(v, st, w.data);
}

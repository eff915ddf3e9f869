#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/backup_int.h"

enum status
backup_failed(
    struct backup *b, enum status st, const char *what, struct str which)
{
	if (b->why->n == 0)
		buf_addf(b->why, "%s " STR_FMT ": %s", what, STR_ARG(which),
		    status_text(st));
	return st;
}

enum status
backup_mkdir(struct backup *b, struct str place)
{
	char *path = str_dup(place);
	enum status st = ST_OK;

	for (size_t i = 1; i <= place.n && st == ST_OK; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		if (mkdirat(b->dir, path, 0700) != 0 && errno != EEXIST)
			st = backup_errno();
		if (i < place.n)
			path[i] = '/';
	}
	free(path);
	return st;
}

/* A folder with anything else in it is none of ours to tidy up. */
static bool
is_empty(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	bool empty = d != NULL;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, "lost+found") != 0)
			empty = false;
	if (d)
		closedir(d);
	return empty;
}

/* With the system's word for it: "read-only file system". */
static enum status
folder_failed(struct backup *b, const char *what)
{
	const char *text = strerror(errno);
	enum status st = backup_errno();

	if (b->why->n == 0)
		buf_addf(b->why, "%s %s: %s", what, b->cfg->dir, text);
	return st;
}

static enum status
open_folder(struct backup *b)
{
	const char *dir = b->cfg->dir;
	bool fresh;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return folder_failed(b, "cannot make");
	b->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0)
		return folder_failed(b, "cannot open");
	fresh = faccessat(b->dir, "lock", F_OK, 0) != 0;
	if (fresh && !is_empty(b->dir))
		return backup_failed(b, ST_EXISTS,
		    "there are other files, and no backup, in", str_from(dir));
	b->lock = openat(
	    b->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (b->lock < 0)
		return folder_failed(b, "cannot write in");
	if (flock(b->lock, LOCK_EX | LOCK_NB) != 0)
		return backup_failed(b, ST_BUSY,
		    "another backup is being made in", str_from(dir));
	return ST_OK;
}

/* --- the accounts --- */

struct names {
	struct str *list; /* in the arena of `now` */
	uint64_t *bytes;
	size_t n_list, cap_list, n_bytes, cap_bytes;
};

static uint64_t
folder_bytes(int at, const char *name)
{
	int fd =
	    openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	uint64_t sum = 0;

	while (d && (e = readdir(d))) {
		struct stat sb;

		if (fstatat(fd, e->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(sb.st_mode))
			sum += (uint64_t)sb.st_size;
	}
	if (d)
		closedir(d);
	return sum;
}

/* The folders in `under`; with `deeper`, those in them. */
static void
list_accounts(
    struct backup *b, const char *under, bool deeper, struct names *out)
{
	char path[BACKUP_PATH];
	struct dirent *e;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/%s", b->cfg->data, under);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		struct str name = str_from(e->d_name);
		char below[BACKUP_PATH];

		if (!manifest_name_ok(name))
			continue;
		if (deeper) {
			int n = snprintf(
			    below, sizeof(below), "%s/%s", under, e->d_name);

			if (name.n == 2 && n < BACKUP_PATH)
				list_accounts(b, below, false, out);
			continue;
		}
		*VEC_ADD(out, list) = arena_printf(
		    &b->now.arena, "%s/" STR_FMT, under, STR_ARG(name));
		*VEC_ADD(out, bytes) = folder_bytes(dirfd(d), e->d_name);
		b->progress.bytes_all += out->bytes[out->n_bytes - 1];
	}
	if (d)
		closedir(d);
}

static enum status
take_accounts(struct backup *b)
{
	const struct backup_host *host = &b->cfg->host;
	struct names names = {0};
	enum status st = ST_OK;

	list_accounts(b, "accounts", true, &names);
	list_accounts(b, "removed", false, &names);
	b->progress.accounts_all = names.n_list;
	for (size_t i = 0; i < names.n_list && st == ST_OK; i++) {
		if (host->progress)
			host->progress(host->ctx, &b->progress);
		st = backup_account(b, names.list[i]);
		b->progress.accounts++;
		b->progress.bytes += names.bytes[i];
	}
	if (st == ST_OK && host->progress)
		host->progress(host->ctx, &b->progress);
	free(names.list);
	free(names.bytes);
	return st;
}

/* --- the end --- */

static void
count(struct backup *b)
{
	for (size_t i = 0; i < b->now.n_folders; i++) {
		const struct manifest_folder *f = &b->now.folders[i];

		b->result->files += f->n_files;
		for (size_t k = 0; k < f->n_files; k++)
			b->result->bytes += f->files[k].size;
	}
}

static enum status
run(struct backup *b)
{
	enum status st;

	if ((st = open_folder(b)) != ST_OK ||
	    (st = backup_read_before(b)) != ST_OK ||
	    (st = backup_begin_progress(b)) != ST_OK)
		return st;
	b->now.epoch = b->cfg->epoch;
	b->now.began_ms = clock_wall(b->cfg->clock);
	b->now.version = S(VERSION);
	b->flushed_at = clock_mono(b->cfg->clock);
	st = backup_server(b);
	if (st == ST_OK)
		st = take_accounts(b);
	if (st == ST_OK)
		st = backup_write_manifest(b);
	if (st != ST_OK) {
		/* What was done need not be done again. */
		(void)backup_flush(b);
		return st;
	}
	count(b);
	backup_tidy(b);
	return ST_OK;
}

enum status
backup_run(
    const struct backup_config *cfg, struct backup_result *out, struct buf *why)
{
	struct backup b = {
	    .cfg = cfg,
	    .result = out,
	    .why = why,
	    .dir = -1,
	    .lock = -1,
	    .journal = -1,
	};
	int *fds[] = {&b.journal, &b.lock, &b.dir};
	enum status st;

	*out = (struct backup_result){0};
	manifest_init(&b.before);
	manifest_init(&b.now);
	buf_init(&b.pending, MANIFEST_MAX);
	b.chunk = mem_alloc(BACKUP_CHUNK);
	st = run(&b);
	out->run = b.now.run;
	if (st != ST_OK && why->n == 0)
		buf_addz(why, status_text(st));
	for (size_t i = 0; i < min_size(b.n_written, BACKUP_SYNC_EACH); i++)
		free(b.written[i]);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (*fds[i] >= 0)
			close(*fds[i]);
	map_release(&b.known);
	manifest_release(&b.before);
	manifest_release(&b.now);
	buf_release(&b.pending);
	free(b.chunk);
	return st;
}

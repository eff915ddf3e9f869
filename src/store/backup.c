#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/backup_int.h"
#include "store/pack_int.h"
#include "store/snapshot.h"
#include "store/store_int.h"

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

/* --- files of the backup itself --- */

static enum status
read_whole(int dir, const char *name, struct buf *out)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat sb;
	enum status st;

	if (fd < 0)
		return backup_errno();
	if (fstat(fd, &sb) != 0)
		st = ST_IO;
	else
		st = pack_pread(fd, 0, (size_t)sb.st_size, out);
	close(fd);
	return st;
}

void
backup_wrote(struct backup *b, struct str place, const char *name)
{
	struct buf path;

	if (b->n_written < BACKUP_SYNC_EACH) {
		buf_init(&path, BACKUP_PATH);
		buf_addf(&path, STR_FMT "/%s", STR_ARG(place), name);
		b->written[b->n_written] = str_dup(buf_str(&path));
		buf_release(&path);
	}
	b->n_written++;
}

/* The file, and the folders above it: they may be new. */
static enum status
sync_one(struct backup *b, char *path)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
	enum status st = ST_OK;

	for (char *end = path; end && st == ST_OK;) {
		int fd = openat(b->dir, path, flags);

		if (fd < 0 || fsync(fd) != 0)
			st = backup_errno();
		if (fd >= 0)
			close(fd);
		end = strrchr(path, '/');
		if (end)
			*end = '\0';
	}
	return st;
}

static enum status
sync_written(struct backup *b)
{
	size_t n = min_size(b->n_written, BACKUP_SYNC_EACH);
	enum status st = ST_OK;

	if (b->n_written > BACKUP_SYNC_EACH && syncfs(b->dir) != 0)
		st = backup_errno();
	for (size_t i = 0; i < n; i++) {
		if (b->n_written <= BACKUP_SYNC_EACH && st == ST_OK)
			st = sync_one(b, b->written[i]);
		free(b->written[i]);
	}
	b->n_written = 0;
	if (st == ST_OK && fsync(b->dir) != 0)
		st = backup_errno();
	return st;
}

/* All that was copied is on the disk before a line speaks of it. */
static enum status
flush(struct backup *b)
{
	enum status st = ST_OK;

	if (b->pending.n) {
		st = sync_written(b);
		if (st == ST_OK)
			st = file_write(b->journal, buf_str(&b->pending));
	}
	buf_clear(&b->pending);
	b->unflushed = 0;
	b->flushed_at = clock_mono(b->cfg->clock);
	return st;
}

enum status
backup_note(struct backup *b, const struct manifest_folder *f)
{
	progress_write(f, &b->pending);
	if (b->unflushed >= BACKUP_FLUSH || b->pending.n >= MANIFEST_LINE ||
	    clock_mono(b->cfg->clock) - b->flushed_at >= BACKUP_FLUSH_MS)
		return flush(b);
	return ST_OK;
}

/* --- what is there from before --- */

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

static enum status
open_folder(struct backup *b)
{
	const char *dir = b->cfg->dir;
	bool fresh;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return backup_failed(
		    b, backup_errno(), "cannot make", str_from(dir));
	b->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0)
		return backup_failed(
		    b, backup_errno(), "cannot open", str_from(dir));
	fresh = faccessat(b->dir, "lock", F_OK, 0) != 0;
	if (fresh && !is_empty(b->dir))
		return backup_failed(b, ST_EXISTS,
		    "there are other files, and no backup, in", str_from(dir));
	b->lock = openat(
	    b->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (b->lock < 0)
		return backup_failed(
		    b, backup_errno(), "cannot write in", str_from(dir));
	if (flock(b->lock, LOCK_EX | LOCK_NB) != 0)
		return backup_failed(b, ST_BUSY,
		    "another backup is being made in", str_from(dir));
	return ST_OK;
}

/* "run N" lines stand at its beginning: numbers that were used. */
static void
read_progress(struct backup *b)
{
	struct buf text;
	struct str rest;

	buf_init(&text, MANIFEST_MAX);
	if (read_whole(b->dir, "progress", &text) == ST_OK) {
		uint64_t run = 0;
		struct str line;

		rest = buf_str(&text);
		line = str_cut(&rest, '\n');
		if (str_eq(str_cut(&line, ' '), S("run")) &&
		    str_to_u64(line, &run) && run >= b->before.run) {
			b->now.run = run;
			progress_read(rest, &b->before);
		}
	}
	buf_release(&text);
}

static enum status
read_before(struct backup *b)
{
	struct buf text;
	enum status st;

	buf_init(&text, MANIFEST_MAX);
	st = read_whole(b->dir, "manifest", &text);
	if (st == ST_OK)
		st = manifest_read(buf_str(&text), &b->before);
	buf_release(&text);
	if (st == ST_CORRUPT) {
		backup_warn(
		    b, "the manifest is damaged: everything is copied anew");
		/* Names in use by the damaged one are not used again. */
		b->before.run = (uint64_t)clock_wall(b->cfg->clock) / 1000;
		b->bare = true;
		return ST_OK;
	}
	if (st != ST_OK && st != ST_NOT_FOUND)
		return backup_failed(b, st, "cannot read the manifest in",
		    str_from(b->cfg->dir));
	b->now.run = b->before.run;
	read_progress(b);
	for (size_t i = 0; i < b->before.n_folders; i++)
		(void)map_set(&b->known, b->before.folders[i].name,
		    &b->before.folders[i]);
	return ST_OK;
}

/* The progress so far is kept in the new one: a run may be killed twice. */
static enum status
begin_progress(struct backup *b)
{
	struct buf text;
	enum status st;
	int fd;

	b->now.run =
	    (b->now.run > b->before.run ? b->now.run : b->before.run) + 1;
	buf_init(&text, MANIFEST_MAX);
	buf_addf(&text, "run %llu\n", (unsigned long long)b->now.run);
	for (size_t i = 0; i < b->before.n_folders; i++)
		if (b->before.folders[i].account)
			progress_write(&b->before.folders[i], &text);
	fd = openat(b->dir, "progress.new",
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	st = fd < 0 ? backup_errno() : file_write(fd, buf_str(&text));
	if (st == ST_OK &&
	    (fsync(fd) != 0 ||
		renameat(b->dir, "progress.new", b->dir, "progress") != 0))
		st = backup_errno();
	b->journal = fd;
	buf_release(&text);
	return st == ST_OK
	    ? ST_OK
	    : backup_failed(b, st, "cannot write in", str_from(b->cfg->dir));
}

/* --- what stands in DATA itself --- */

static enum status
server_database(struct backup *b, const char *name, struct manifest_folder *to)
{
	char from[BACKUP_PATH], copy[BACKUP_PATH];
	struct snapshot *s;
	enum status st;
	int n = snprintf(from, sizeof(from), "%s/%s", b->cfg->data, name);
	int k = snprintf(copy, sizeof(copy), "%s/" STR_FMT "/%s", b->cfg->dir,
	    STR_ARG(to->place), name);

	if (n <= 0 || n >= BACKUP_PATH || k <= 0 || k >= BACKUP_PATH)
		return ST_LIMIT;
	st = snapshot_open(from, false, &s);
	if (st == ST_OK) {
		st = snapshot_copy(s, copy);
		snapshot_close(&s);
	}
	if (st == ST_OK)
		st = backup_sum(b, to->place, name, to);
	return st == ST_OK
	    ? ST_OK
	    : backup_failed(b, st, "cannot copy", str_from(name));
}

static struct manifest_folder *
server_folder(struct backup *b, const char *name)
{
	struct manifest_folder f = {
	    .name = str_from(name),
	    .place = arena_printf(&b->now.arena, "%s-%06llu",
		name[0] ? name : "server", (unsigned long long)b->now.run),
	    .db = S(""),
	};

	return manifest_add_folder(&b->now, &f);
}

/* All files of a folder of DATA, or one file of somewhere. */
static enum status
server_files(struct backup *b, const char *name, int from, const char *only)
{
	struct manifest_folder *to = server_folder(b, name);
	enum status st = backup_mkdir(b, to->place);
	DIR *dir = fdopendir(from);
	struct dirent *e;

	while (dir && st == ST_OK && (e = readdir(dir))) {
		struct backup_source src = {
		    .from = from, .name = e->d_name, .limit = UINT64_MAX};
		struct stat sb;

		if ((only && strcmp(only, e->d_name) != 0) ||
		    !manifest_name_ok(str_from(e->d_name)) ||
		    fstatat(from, e->d_name, &sb, 0) != 0 ||
		    !S_ISREG(sb.st_mode))
			continue;
		st = backup_file(b, &src, to->place, NULL, to);
		if (st != ST_OK)
			(void)backup_failed(
			    b, st, "cannot copy", str_from(e->d_name));
	}
	if (dir)
		closedir(dir);
	else
		close(from);
	return st;
}

static enum status
take_settings(struct backup *b)
{
	const char *path = b->cfg->settings, *name;
	char folder[BACKUP_PATH];
	int fd;

	if (!path)
		return ST_OK;
	name = strrchr(path, '/');
	(void)snprintf(folder, sizeof(folder), "%.*s",
	    name ? (int)(name - path) + 1 : 1, name ? path : ".");
	name = name ? name + 1 : path;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? ST_OK : server_files(b, "settings", fd, name);
}

static enum status
take_server(struct backup *b)
{
	struct manifest_folder *to = server_folder(b, "");
	char path[BACKUP_PATH];
	enum status st = backup_mkdir(b, to->place);
	int fd;

	if (st == ST_OK)
		st = server_database(b, "directory.db", to);
	if (st == ST_OK)
		st = server_database(b, "credentials.db", to);
	if (st == ST_OK)
		st = take_settings(b);
	if (st != ST_OK || !b->cfg->keys)
		return st;
	(void)snprintf(path, sizeof(path), "%s/tls", b->cfg->data);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? ST_OK : server_files(b, "tls", fd, NULL);
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

static enum status
write_manifest(struct backup *b)
{
	struct buf text;
	enum status st;
	int fd;

	b->now.ended_ms = clock_wall(b->cfg->clock);
	buf_init(&text, MANIFEST_MAX);
	manifest_write(&b->now, &text);
	st = buf_status(&text);
	if (st == ST_OK)
		st = sync_written(b);
	fd = openat(b->dir, "manifest.new",
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (st == ST_OK)
		st = fd < 0 ? backup_errno() : file_write(fd, buf_str(&text));
	if (st == ST_OK && fsync(fd) != 0)
		st = backup_errno();
	if (fd >= 0)
		close(fd);
	if (st == ST_OK &&
	    (renameat(b->dir, "manifest.new", b->dir, "manifest") != 0 ||
		fsync(b->dir) != 0))
		st = backup_errno();
	buf_release(&text);
	return st == ST_OK
	    ? ST_OK
	    : backup_failed(
		  b, st, "cannot write the manifest in", str_from(b->cfg->dir));
}

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

/* In the folder itself: what a run makes. */
static bool
is_ours(struct str name)
{
	return str_eq(name, S("accounts")) || str_eq(name, S("removed")) ||
	    str_starts(name, S("server-")) ||
	    str_starts(name, S("settings-")) || str_starts(name, S("tls-"));
}

/* Deletes below `path` what the new manifest does not name. */
static void
tidy(struct backup *b, struct map *named, const char *path, unsigned depth)
{
	int fd = openat(b->dir, path[0] ? path : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char below[BACKUP_PATH];
		int n = snprintf(below, sizeof(below), "%s%s%s", path,
		    path[0] ? "/" : "", e->d_name);
		struct stat sb;

		if (e->d_name[0] == '.' || n >= BACKUP_PATH ||
		    (!path[0] && !is_ours(str_from(e->d_name))) ||
		    fstatat(b->dir, below, &sb, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(sb.st_mode) && depth < 4) {
			tidy(b, named, below, depth + 1);
			(void)unlinkat(b->dir, below, AT_REMOVEDIR);
		} else if (path[0] && S_ISREG(sb.st_mode) &&
		    !map_get(named, str_from(below))) {
			(void)unlinkat(b->dir, below, 0);
		}
	}
	if (d)
		closedir(d);
}

static void
tidy_up(struct backup *b)
{
	struct map named = MAP_INIT;

	for (size_t i = 0; i < b->now.n_folders; i++) {
		const struct manifest_folder *f = &b->now.folders[i];

		for (size_t k = 0; k < f->n_files; k++) {
			struct str path =
			    arena_printf(&b->now.arena, STR_FMT "/" STR_FMT,
				STR_ARG(f->place), STR_ARG(f->files[k].name));

			(void)map_set(&named, path, b);
		}
	}
	tidy(b, &named, "", 0);
	map_release(&named);
	(void)unlinkat(b->dir, "progress", 0);
}

static enum status
run(struct backup *b)
{
	enum status st;

	if ((st = open_folder(b)) != ST_OK || (st = read_before(b)) != ST_OK ||
	    (st = begin_progress(b)) != ST_OK)
		return st;
	b->now.epoch = b->cfg->epoch;
	b->now.began_ms = clock_wall(b->cfg->clock);
	b->now.version = S(VERSION);
	b->flushed_at = clock_mono(b->cfg->clock);
	st = take_server(b);
	if (st == ST_OK)
		st = take_accounts(b);
	if (st == ST_OK)
		st = write_manifest(b);
	if (st != ST_OK) {
		(void)flush(b); /* what was done need not be done again */
		return st;
	}
	count(b);
	tidy_up(b);
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

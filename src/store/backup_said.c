/*
 * What a backup says of itself: the manifest of a whole run, and the progress
 * of one that is under way. Either speaks of files that are on the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "store/backup_int.h"

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

enum status
backup_flush(struct backup *b)
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
		return backup_flush(b);
	return ST_OK;
}

/* "run N" lines stand at its beginning: numbers that were used. */
static void
read_progress(struct backup *b)
{
	struct buf text;
	struct str rest;

	buf_init(&text, MANIFEST_MAX);
	if (manifest_text(b->dir, "progress", &text) == ST_OK) {
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

enum status
backup_read_before(struct backup *b)
{
	struct buf text;
	enum status st;

	buf_init(&text, MANIFEST_MAX);
	st = manifest_text(b->dir, "manifest", &text);
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
enum status
backup_begin_progress(struct backup *b)
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

enum status
backup_write_manifest(struct backup *b)
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

#include "store/backup_int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"

enum { TAIL = 4096 }; /* compared to see that a file continues */

enum status
backup_errno(void)
{
	return errno == ENOENT ? ST_NOT_FOUND : file_errno();
}

/* The path of a file of the backup, from its folder. */
static bool
path_of(struct str place, const char *name, char out[BACKUP_PATH])
{
	int n = snprintf(out, BACKUP_PATH, STR_FMT "%s%s", STR_ARG(place),
	    place.n ? "/" : "", name);

	return n > 0 && n < BACKUP_PATH;
}

static int
open_ours(struct backup *b, struct str place, const char *name, int flags)
{
	char path[BACKUP_PATH];

	if (!path_of(place, name, path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return openat(b->dir, path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int64_t
mtime_of(const struct stat *sb)
{
	return (int64_t)sb->st_mtim.tv_sec * 1000000000 + sb->st_mtim.tv_nsec;
}

/* Have both the same bytes at [at, at + n)? */
static bool
same_bytes(int x, int y, uint64_t at, size_t n)
{
	char a[TAIL], b[TAIL];

	return file_pread(x, a, n, at) == (ssize_t)n &&
	    file_pread(y, b, n, at) == (ssize_t)n && memcmp(a, b, n) == 0;
}

bool
backup_continues(struct backup *b, const struct backup_source *src,
    struct str place, const struct manifest_file *before)
{
	int from =
	    openat(src->from, src->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int ours = from < 0 ? -1 : open_ours(b, place, src->name, O_RDONLY);
	struct stat sb, own;
	bool ok = false;

	/*
	 * A link of a file that is no longer DATA's is not written to. The
	 * beginning holds a pack's salt, the end the ids and sums of its last
	 * record: random, so that no other history has the same there.
	 */
	if (ours >= 0 && fstat(from, &sb) == 0 && fstat(ours, &own) == 0 &&
	    (own.st_nlink == 1 || own.st_ino == sb.st_ino) &&
	    (uint64_t)own.st_size >= before->size &&
	    (uint64_t)sb.st_size >= before->size &&
	    src->limit >= before->size) {
		size_t n = (size_t)(before->size < TAIL ? before->size : TAIL);

		ok = same_bytes(from, ours, 0, n) &&
		    same_bytes(from, ours, before->size - n, n);
	}
	if (from >= 0)
		close(from);
	if (ours >= 0)
		close(ours);
	return ok;
}

/* --- copying and summing --- */

static void
piece_end(struct manifest_file *f, struct digest *d, uint64_t n)
{
	struct piece *p = VEC_ADD(f, pieces);

	p->n = n;
	digest_end(d, p->sum);
	f->size += n;
}

/*
 * Reads [f->size, size) of `from`, sums it, and writes it to `to` unless that
 * is -1. Ends early, and well, where the file does.
 */
static enum status
take_bytes(
    struct backup *b, int from, int to, uint64_t size, struct manifest_file *f)
{
	uint64_t at = f->size, began = at;
	enum status st = ST_OK;
	struct digest d;
	ssize_t got = 1;

	digest_begin(&d);
	while (st == ST_OK && at < size && got > 0) {
		size_t n = size - at < BACKUP_CHUNK ? (size_t)(size - at)
						    : BACKUP_CHUNK;

		got = file_pread(from, b->chunk, n, at);
		if (got < 0) {
			st = ST_IO;
			break;
		}
		digest_add(&d, str_of(b->chunk, (size_t)got));
		if (to >= 0 && got > 0)
			st = file_pwrite(to, str_of(b->chunk, (size_t)got), at);
		at += (uint64_t)got;
		if (at - began >= BACKUP_PIECE) {
			piece_end(f, &d, at - began);
			digest_begin(&d);
			began = at;
		}
	}
	piece_end(f, &d, at - began);
	if (f->pieces[f->n_pieces - 1].n == 0)
		f->n_pieces--;
	return st;
}

/*
 * What the new file is before its bytes are read: a link of the source, a
 * clone of it, or (-1 in *to_out) nothing to be written, else an empty one.
 */
static enum status
begin_file(struct backup *b, const struct backup_source *src, int from,
    const struct stat *sb, struct str place, int *to_out)
{
	char path[BACKUP_PATH];
	int to;

	if (!path_of(place, src->name, path))
		return ST_LIMIT;
	(void)unlinkat(b->dir, path, 0); /* of a run that was killed */
	*to_out = -1;
	/* Not of root's making: the link is the server's own file. */
	if (src->sealed && !b->cfg->copy &&
	    linkat(src->from, src->name, b->dir, path, 0) == 0) {
		b->result->linked += (uint64_t)sb->st_size;
		return ST_OK;
	}
	to = openat(b->dir, path,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (to < 0)
		return backup_errno();
	if (src->sealed && !b->cfg->copy && ioctl(to, FICLONE, from) == 0) {
		close(to);
		b->result->linked += (uint64_t)sb->st_size;
		return ST_OK;
	}
	*to_out = to;
	return ST_OK;
}

/* Goes on behind what the run before has; its short last piece is redone. */
static enum status
go_on(struct backup *b, const struct backup_source *src, const struct stat *sb,
    struct str place, const struct manifest_file *before,
    struct manifest_file *f, int *to_out)
{
	struct stat ours;
	int to;

	for (size_t i = 0; i < before->n_pieces; i++) {
		if (i + 1 == before->n_pieces &&
		    before->pieces[i].n < BACKUP_PIECE_LEAST)
			break;
		*VEC_ADD(f, pieces) = before->pieces[i];
		f->size += before->pieces[i].n;
	}
	to = open_ours(b, place, src->name, O_RDWR);
	if (to < 0 || fstat(to, &ours) != 0)
		return backup_errno();
	/* A link: the bytes are there, and DATA's file is not ours to write. */
	if (ours.st_ino == sb->st_ino && ours.st_dev == sb->st_dev) {
		close(to);
		to = -1;
	}
	*to_out = to;
	return ST_OK;
}

static bool
unchanged(struct backup *b, const struct stat *sb, uint64_t size,
    struct str place, const char *name, const struct manifest_file *before)
{
	char path[BACKUP_PATH];
	struct stat ours;

	return before->size == size && before->ino == (uint64_t)sb->st_ino &&
	    before->mtime == mtime_of(sb) && path_of(place, name, path) &&
	    fstatat(b->dir, path, &ours, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (uint64_t)ours.st_size >= size;
}

static enum status
take(struct backup *b, const struct backup_source *src, int from,
    struct str place, const struct manifest_file *before,
    struct manifest_file *f)
{
	struct stat sb;
	uint64_t size, had;
	enum status st;
	int to = -1;

	if (fstat(from, &sb) != 0 || !S_ISREG(sb.st_mode))
		return ST_IO;
	size = (uint64_t)sb.st_size < src->limit ? (uint64_t)sb.st_size
						 : src->limit;
	f->ino = (uint64_t)sb.st_ino;
	f->mtime = mtime_of(&sb);
	if (before && unchanged(b, &sb, size, place, src->name, before)) {
		for (size_t i = 0; i < before->n_pieces; i++)
			*VEC_ADD(f, pieces) = before->pieces[i];
		f->size = before->size;
		return ST_OK;
	}
	st = before ? go_on(b, src, &sb, place, before, f, &to)
		    : begin_file(b, src, from, &sb, place, &to);
	had = f->size;
	if (st == ST_OK)
		st = take_bytes(b, from, to, size, f);
	b->result->read += f->size - had;
	b->unflushed += f->size - had;
	if (to >= 0 && close(to) != 0 && st == ST_OK)
		st = backup_errno();
	backup_wrote(b, place, src->name);
	return st;
}

enum status
backup_file(struct backup *b, const struct backup_source *src, struct str place,
    const struct manifest_file *before, struct manifest_folder *to)
{
	int from = openat(src->from, src->name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct manifest_file *f;
	enum status st;

	if (from < 0)
		return backup_errno();
	f = manifest_add_file(&b->now, to, str_from(src->name));
	st = take(b, src, from, place, before, f);
	close(from);
	return st;
}

enum status
backup_sum(struct backup *b, struct str place, const char *name,
    struct manifest_folder *to)
{
	struct manifest_file *f =
	    manifest_add_file(&b->now, to, str_from(name));
	int fd = open_ours(b, place, name, O_RDONLY);
	enum status st;

	if (fd < 0)
		return backup_errno();
	st = take_bytes(b, fd, -1, UINT64_MAX, f);
	b->unflushed += f->size;
	backup_wrote(b, place, name);
	close(fd);
	return st;
}

/*
 * For power*_test.c only: a disk that forgets. The functions by which a
 * program changes files are defined here, in front of libc's, so that what
 * the store and SQLite do to an account's folder is written to a log. The
 * folder can then be made as a power cut behind any entry of the log may have
 * left it, and any single call can be made to fail.
 *
 * What is promised is what POSIX promises and no more: bytes last once their
 * file was synced, a name once its folder was; before that any part of them
 * may be there, in any order, in pages; what a failed sync covered may be lost
 * although a later one succeeds.
 */
#ifndef STORE_POWER_DISK_H
#define STORE_POWER_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/base.h"
#include "base/vec.h"

enum disk_kind {
	DISK_WRITE,
	DISK_CUT, /* truncate to `at` */
	DISK_SYNC,
	DISK_SYNC_FAILED,
	DISK_CREATE,
	DISK_UNLINK,
	DISK_RENAME, /* the file has that name and no other */
	DISK_FOLDER_SYNC,
};

struct disk_op {
	enum disk_kind kind;
	size_t file;
	uint64_t at;
	size_t n;
	char *bytes; /* or the name */
};

struct disk_file {
	ino_t ino;
};

static struct disk {
	char folder[128]; /* the one that is watched; "": none */
	struct disk_op *ops;
	size_t n_ops, cap_ops;
	struct disk_file *files;
	size_t n_files, cap_files;
	size_t calls;   /* that may fail, so far */
	size_t fail_at; /* the call that fails; 0: none */
	int error;
} disk;

/* The name in the folder that a path or descriptor means, or NULL. */
static inline const char *
disk_watched(const char *path)
{
	size_t n = strlen(disk.folder);

	if (n == 0 || strncmp(path, disk.folder, n) != 0)
		return NULL;
	if (path[n] == '\0')
		return ".";
	return path[n] == '/' && !strstr(path, "-shm") ? path + n + 1 : NULL;
}

static inline const char *
disk_name(int fd, char path[static 512])
{
	char link[64];
	ssize_t n;

	if (!disk.folder[0])
		return NULL;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, 511);
	if (n < 0)
		return NULL;
	path[n] = '\0';
	return disk_watched(path);
}

static inline size_t
disk_file_of_inode(ino_t ino)
{
	for (size_t i = disk.n_files; i > 0; i--)
		if (disk.files[i - 1].ino == ino)
			return i - 1;
	VEC_ADD(&disk, files)->ino = ino;
	return disk.n_files - 1;
}

static inline size_t
disk_file_of(int fd)
{
	struct stat sb;

	ASSERT(fstat(fd, &sb) == 0);
	return disk_file_of_inode(sb.st_ino);
}

static inline void
disk_log(enum disk_kind kind, size_t file, uint64_t at, const void *p, size_t n)
{
	struct disk_op *op = VEC_ADD(&disk, ops);

	*op = (struct disk_op){kind, file, at, n, NULL};
	if (p) {
		op->bytes = mem_alloc(n + 1);
		memcpy(op->bytes, p, n);
		op->bytes[n] = '\0';
	}
}

/* Is this the call that fails? */
static inline bool
disk_fails(void)
{
	if (++disk.calls != disk.fail_at)
		return false;
	errno = disk.error;
	return true;
}

static inline int
disk_open(int dir, const char *path, int flags, mode_t mode)
{
	bool watched = false, made = false;
	char full[512];
	int fd;

	if (disk.folder[0] && (flags & O_CREAT)) {
		if (path[0] == '/')
			(void)snprintf(full, sizeof(full), "%s", path);
		else if (disk_name(dir, full))
			(void)snprintf(full + strlen(full),
			    sizeof(full) - strlen(full), "/%s", path);
		else
			full[0] = '\0';
		watched = disk_watched(full) != NULL;
		made = watched && access(full, F_OK) != 0;
		if (made && disk_fails())
			return -1;
	}
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (fd >= 0 && made) {
		struct stat sb;
		const char *name = disk_watched(full);

		ASSERT(fstat(fd, &sb) == 0);
		VEC_ADD(&disk, files)->ino = sb.st_ino;
		disk_log(DISK_CREATE, disk.n_files - 1, 0, name, strlen(name));
	}
	return fd;
}

#define DISK_EXPORT __attribute__((visibility("default")))

DISK_EXPORT int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return disk_open(AT_FDCWD, path, flags, mode);
}

DISK_EXPORT int
openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return disk_open(dir, path, flags, mode);
}

DISK_EXPORT ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	char path[512];

	if (disk_name(fd, path)) {
		if (disk_fails())
			return -1;
		disk_log(DISK_WRITE, disk_file_of(fd), (uint64_t)at, p, n);
	}
	return syscall(SYS_pwrite64, fd, p, n, at);
}

DISK_EXPORT ssize_t
write(int fd, const void *p, size_t n)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	char path[512];

	if (at < 0 || !disk_name(fd, path))
		return syscall(SYS_write, fd, p, n);
	n = (size_t)pwrite(fd, p, n, at);
	if ((ssize_t)n > 0)
		ASSERT(lseek(fd, (off_t)n, SEEK_CUR) == at + (off_t)n);
	return (ssize_t)n;
}

DISK_EXPORT ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t done = 0, k;

	for (int i = 0; i < n; i++) {
		k = pwrite(fd, v[i].iov_base, v[i].iov_len, at + done);
		if (k < 0)
			return done ? done : -1;
		done += k;
	}
	return done;
}

DISK_EXPORT int
ftruncate(int fd, off_t at)
{
	char path[512];

	if (disk_name(fd, path)) {
		if (disk_fails())
			return -1;
		disk_log(DISK_CUT, disk_file_of(fd), (uint64_t)at, NULL, 0);
	}
	return (int)syscall(SYS_ftruncate, fd, at);
}

DISK_EXPORT int
fdatasync(int fd)
{
	char path[512];
	const char *name = disk_name(fd, path);

	if (!name)
		return 0; /* nobody cuts the power of the machine we run on */
	if (strcmp(name, ".") == 0) {
		if (disk_fails())
			return -1;
		disk_log(DISK_FOLDER_SYNC, 0, 0, NULL, 0);
	} else if (disk_fails()) {
		disk_log(DISK_SYNC_FAILED, disk_file_of(fd), 0, NULL, 0);
		return -1;
	} else {
		disk_log(DISK_SYNC, disk_file_of(fd), 0, NULL, 0);
	}
	return 0;
}

DISK_EXPORT int
fsync(int fd)
{
	return fdatasync(fd);
}

DISK_EXPORT int
unlinkat(int dir, const char *path, int flags)
{
	char full[512];
	const char *name = NULL;

	if (disk.folder[0] && path[0] == '/')
		name = disk_watched(path);
	else if (disk.folder[0] && disk_name(dir, full))
		name = path;
	if (name) {
		if (disk_fails())
			return -1;
		disk_log(DISK_UNLINK, 0, 0, name, strlen(name));
	}
	return (int)syscall(SYS_unlinkat, dir, path, flags);
}

DISK_EXPORT int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

DISK_EXPORT int
renameat(int from_dir, const char *from, int dir, const char *to)
{
	char full[512];
	bool watched = disk.folder[0] && disk_name(dir, full);
	struct stat sb;

	if (watched && disk_fails())
		return -1;
	if (watched && fstatat(from_dir, from, &sb, 0) == 0)
		disk_log(DISK_RENAME, disk_file_of_inode(sb.st_ino), 0, to,
		    strlen(to));
	return (int)syscall(SYS_renameat, from_dir, from, dir, to);
}

/* What was written before the file had a name here. */
static inline void
disk_log_bytes(int fd)
{
	size_t file = disk_file_of(fd);
	char bytes[4096];
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, bytes, sizeof(bytes), at)) > 0;
	     at += n)
		disk_log(DISK_WRITE, file, (uint64_t)at, bytes, (size_t)n);
}

DISK_EXPORT int
linkat(int from_dir, const char *from, int dir, const char *path, int flags)
{
	char full[512];
	int made, fd;

	if (!disk.folder[0] || !disk_name(dir, full))
		return (int)syscall(
		    SYS_linkat, from_dir, from, dir, path, flags);
	if (disk_fails())
		return -1;
	made = (int)syscall(SYS_linkat, from_dir, from, dir, path, flags);
	fd = (int)syscall(SYS_openat, dir, path, O_RDONLY);
	if (made == 0 && fd >= 0)
		disk_log_bytes(fd);
	if (made == 0 && fd >= 0)
		disk_log(DISK_CREATE, disk_file_of(fd), 0, path, strlen(path));
	if (fd >= 0)
		close(fd);
	return made;
}

static inline void
disk_forget(void)
{
	for (size_t i = 0; i < disk.n_ops; i++)
		free(disk.ops[i].bytes);
	free(disk.ops);
	free(disk.files);
	memset(&disk, 0, sizeof(disk));
}

#endif

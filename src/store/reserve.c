/*
 * DATA/reserve: bytes that are given up when the disk is full, so that what
 * makes room, EXPUNGE and DELETE, can still be written (S4). The processes
 * that work on a DATA folder share it, also those that are started when the
 * disk is full already; it grows again when there is space.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/store_int.h"

static int
open_reserve(struct str root, int flags)
{
	struct buf path;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, STR_FMT "/reserve", STR_ARG(root));
	fd = buf_full(&path)
	    ? -1
	    : open(path.p, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	buf_release(&path);
	return fd;
}

void
reserve_fill(struct store *s)
{
	int fd;

	if (!s->cfg.reserve || s->cfg.read_only || s->reserved)
		return;
	fd = open_reserve(s->cfg.root, O_CREAT);
	if (fd < 0)
		return;
	/* Where it cannot be had, turns go on without it. */
	s->reserved = posix_fallocate(fd, 0, RESERVE_BYTES) == 0;
	close(fd);
}

static bool
give_up(struct str root)
{
	int fd = open_reserve(root, 0);
	struct stat sb;
	bool had = fd >= 0 && fstat(fd, &sb) == 0 && sb.st_size > 0 &&
	    ftruncate(fd, 0) == 0;

	if (fd >= 0)
		close(fd);
	return had;
}

bool
reserve_release(struct store *s)
{
	if (!s->cfg.reserve || s->cfg.read_only)
		return false;
	s->reserved = false;
	return give_up(s->cfg.root);
}

void
store_make_room(struct str root)
{
	struct statvfs v;
	char *path = str_dup(root);

	if (statvfs(path, &v) == 0 &&
	    (uint64_t)v.f_bavail * v.f_frsize < STORE_START_BYTES)
		(void)give_up(root);
	free(path);
}

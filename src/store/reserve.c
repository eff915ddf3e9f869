/*
 * DATA/reserve: bytes that are given up when the disk is full, so that what
 * makes room, EXPUNGE and DELETE, can still be written (S4). The processes
 * that work on a DATA folder share it; it grows again when there is space.
 */
#include <fcntl.h>
#include <unistd.h>

#include "store/store_int.h"

static int
open_reserve(const struct store *s)
{
	struct buf path;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, STR_FMT "/reserve", STR_ARG(s->cfg.root));
	fd = buf_full(&path)
	    ? -1
	    : open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	buf_release(&path);
	return fd;
}

void
reserve_fill(struct store *s)
{
	int fd;

	if (!s->cfg.reserve || s->cfg.read_only || s->reserved)
		return;
	fd = open_reserve(s);
	if (fd < 0)
		return;
	/* Where it cannot be had, turns go on without it. */
	s->reserved = posix_fallocate(fd, 0, RESERVE_BYTES) == 0;
	close(fd);
}

bool
reserve_release(struct store *s)
{
	bool had = false;
	int fd;

	if (!s->reserved)
		return false;
	s->reserved = false;
	fd = open_reserve(s);
	if (fd < 0)
		return false;
	had = ftruncate(fd, 0) == 0;
	close(fd);
	return had;
}

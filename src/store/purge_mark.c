/*
 * What a purge is about: the ids of its messages in a file of the account's
 * folder, from before the first of them goes until the last byte of them is
 * gone. A purge that was cut short has taken them from folders and history, so
 * nobody could name them any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/purge_int.h"

enum status
purge_mark_read(struct account *a, struct purge_found *into)
{
	int fd = account_open_file(a, PURGING_MARK, O_RDONLY);
	uint64_t id, at = 0;
	ssize_t n = 0;

	if (fd < 0)
		return errno == ENOENT ? ST_OK : ST_IO;
	while (
	    (n = file_pread(fd, (char *)&id, sizeof(id), at)) == sizeof(id)) {
		*VEC_ADD(into, ids) = id;
		at += sizeof(id);
	}
	close(fd);
	return n == 0 ? ST_OK : ST_IO;
}

enum status
purge_mark_write(struct account *a, const struct purge_found *f)
{
	const char *fresh = PURGING_MARK ".new";
	int fd = account_open_file(a, fresh, O_WRONLY | O_CREAT | O_TRUNC);
	struct str bytes =
	    str_of((const char *)f->ids, f->n_ids * sizeof(*f->ids));
	enum status st;

	if (fd < 0)
		return file_errno();
	st = file_write(fd, bytes);
	if (st == ST_OK &&
	    (fsync(fd) != 0 ||
		renameat(a->dir_fd, fresh, a->dir_fd, PURGING_MARK) != 0 ||
		fsync(a->dir_fd) != 0))
		st = file_errno();
	close(fd);
	return st;
}

enum status
purge_mark_clear(struct account *a)
{
	return unlinkat(a->dir_fd, PURGING_MARK, 0) == 0 &&
		fsync(a->dir_fd) == 0
	    ? ST_OK
	    : ST_IO;
}

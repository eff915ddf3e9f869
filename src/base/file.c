#include "base/file.h"

#include <errno.h>
#include <unistd.h>

enum status
file_errno(void)
{
	/* EFBIG: a memfd or a process at its limit. */
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG
	    ? ST_NO_SPACE
	    : ST_IO;
}

enum status
file_write(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t k = write(fd, bytes.p, bytes.n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return file_errno();
		bytes = str_from_pos(bytes, (size_t)k);
	}
	return ST_OK;
}

enum status
file_pwrite(int fd, struct str bytes, uint64_t at)
{
	while (bytes.n) {
		ssize_t k = pwrite(fd, bytes.p, bytes.n, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return file_errno();
		bytes = str_from_pos(bytes, (size_t)k);
		at += (uint64_t)k;
	}
	return ST_OK;
}

ssize_t
file_pread(int fd, char *to, size_t n, uint64_t at)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k = pread(fd, to + got, n - got, (off_t)(at + got));

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		if (k == 0)
			break;
		got += (size_t)k;
	}
	return (ssize_t)got;
}

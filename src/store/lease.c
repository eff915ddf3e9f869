#include "store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/store_int.h"

static enum status
take(const char *dir, int how, int *out)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	do
		rc = flock(fd, how);
	while (rc != 0 && errno == EINTR);
	if (rc != 0) {
		close(fd);
		return errno == EWOULDBLOCK ? ST_BUSY : ST_IO;
	}
	*out = fd;
	return ST_OK;
}

enum status
lease_take(struct str root, struct str account, int *out)
{
	struct buf path;
	enum status st = ST_NOT_FOUND;

	if (!store_good_id(account))
		return ST_NOT_FOUND;
	buf_init(&path, 4096);
	buf_addf(&path, STR_FMT "/accounts/" STR_FMT "/" STR_FMT, STR_ARG(root),
	    STR_ARG(str_first(account, 2)), STR_ARG(account));
	if (!buf_full(&path))
		st = take(path.p, LOCK_SH, out);
	buf_release(&path);
	return st;
}

enum status
lease_exclude(const char *dir, int *out)
{
	return take(dir, LOCK_EX | LOCK_NB, out);
}

void
lease_end(int *lease)
{
	if (*lease >= 0)
		close(*lease);
	*lease = -1;
}

/* Accounts that are removed, and wait for their retention to pass (S33). */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_int.h"

static enum status
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status st = fd >= 0 && fsync(fd) == 0 ? ST_OK : ST_IO;

	if (fd >= 0)
		close(fd);
	return st;
}

/* DATA/accounts/ab, and behind it /<id>. */
static void
paths(const struct store *s, struct str id, struct buf *parent, struct buf *all)
{
	buf_init(parent, 4096);
	buf_init(all, 4096);
	buf_addf(parent, STR_FMT "/accounts/" STR_FMT, STR_ARG(s->cfg.root),
	    STR_ARG(str_first(id, 2)));
	buf_addf(all, "%s/" STR_FMT, parent->p, STR_ARG(id));
}

static enum status
write_record(const char *folder, struct str record)
{
	struct buf path;
	enum status st = ST_IO;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/account", folder);
	fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0 && errno == ENOENT)
		st = ST_NOT_FOUND;
	else if (fd >= 0 &&
	    write(fd, record.p, record.n) == (ssize_t)record.n &&
	    fsync(fd) == 0)
		st = ST_OK;
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	return st;
}

static enum status
move_away(const struct store *s, struct str id, struct str record)
{
	struct buf parent, from, to;
	enum status st;

	paths(s, id, &parent, &from);
	buf_init(&to, 4096);
	buf_addf(&to, STR_FMT "/removed", STR_ARG(s->cfg.root));
	st = write_record(from.p, record);
	if (st == ST_OK && mkdir(to.p, 0700) != 0 && errno != EEXIST)
		st = ST_IO;
	buf_addf(&to, "/" STR_FMT "-%lld", STR_ARG(id),
	    (long long)clock_wall(s->cfg.clock));
	if (st == ST_OK && rename(from.p, to.p) != 0)
		st = errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (st == ST_OK)
		st = sync_folder(parent.p);
	buf_release(&parent);
	buf_release(&from);
	buf_release(&to);
	return st;
}

enum status
store_remove_account(struct store *s, struct str id, struct str record)
{
	enum status st;

	if (!store_good_id(id))
		return ST_NOT_FOUND;
	/* Closed, and nobody opens it meanwhile. */
	if ((st = store_lend(s, id)) != ST_OK)
		return st;
	st = move_away(s, id, record);
	store_unlend(s, id);
	return st;
}

/* Only one of that account. */
static bool
is_its_name(struct str id, struct str name)
{
	uint64_t ms;

	return str_starts(name, id) && name.n > id.n && name.p[id.n] == '-' &&
	    str_to_u64(str_from_pos(name, id.n + 1), &ms);
}

enum status
store_restore_account(struct store *s, struct str id, struct str name)
{
	struct buf parent, from, to;
	enum status st = ST_OK;

	if (!store_good_id(id) || !is_its_name(id, name))
		return ST_NOT_FOUND;
	paths(s, id, &parent, &to);
	buf_init(&from, 4096);
	buf_addf(&from, STR_FMT "/removed/" STR_FMT, STR_ARG(s->cfg.root),
	    STR_ARG(name));
	if (access(to.p, F_OK) == 0)
		st = ST_EXISTS;
	if (st == ST_OK && mkdir(parent.p, 0700) != 0 && errno != EEXIST)
		st = ST_IO;
	if (st == ST_OK && rename(from.p, to.p) != 0)
		st = errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (st == ST_OK)
		st = sync_folder(parent.p);
	if (st == ST_OK) {
		buf_addz(&to, "/account");
		(void)unlink(to.p);
	}
	buf_release(&parent);
	buf_release(&from);
	buf_release(&to);
	return st;
}

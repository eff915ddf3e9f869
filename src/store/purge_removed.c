/* Legal erasure of what waits in removed/ (S33). */
#include "store/purge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/account_int.h"
#include "store/db_int.h"
#include "store/store_int.h"
#include "store/tend.h"

static int
open_removed(struct str root)
{
	struct buf path;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, STR_FMT "/removed", STR_ARG(root));
	fd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	buf_release(&path);
	return fd;
}

/* All of its files, then itself; what goes as a whole is told. */
static enum status
drop_folder(
    int parent, const char *name, bool untold, const struct purge_host *host)
{
	int fd = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum status st = ST_OK;
	struct dirent *e;

	if (!dir)
		return ST_IO;
	while ((e = readdir(dir)) && st == ST_OK) {
		if (e->d_name[0] == '.')
			continue;
		if (unlinkat(fd, e->d_name, 0) != 0)
			st = ST_IO;
		else if (untold || purge_is_opaque(str_from(e->d_name)))
			host->file(host->ctx, str_from(e->d_name));
	}
	if (st == ST_OK && fsync(fd) != 0)
		st = ST_IO;
	closedir(dir);
	if (st == ST_OK &&
	    (unlinkat(parent, name, AT_REMOVEDIR) != 0 || fsync(parent) != 0))
		st = ST_IO;
	return st;
}

/* Those that an earlier attempt, which was told, did not come to the end of. */
static enum status
drop_rest(int parent, const struct purge_host *host)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum status st = ST_OK;
	struct dirent *e;

	if (!dir)
		return ST_IO;
	while ((e = readdir(dir)) && st == ST_OK)
		if (str_ends(str_from(e->d_name), S(PURGE_ENDING)))
			st = drop_folder(parent, e->d_name, false, host);
	closedir(dir);
	return st;
}

static enum status
each_message(struct account *a, const struct purge_host *host, size_t *n)
{
	uint64_t after = 0, ids[TEND_ITEMS_MAX];
	struct message m;
	enum status st;
	size_t n_ids;

	*n = 0;
	for (;;) {
		st = db_message_ids(a, after, ids, ARRAY_LEN(ids), &n_ids);
		if (st != ST_OK || n_ids == 0)
			return st;
		for (size_t i = 0; i < n_ids && host; i++) {
			if ((st = message_get(a, ids[i], &m)) != ST_OK)
				return st;
			host->message(host->ctx, &m);
		}
		*n += n_ids;
		after = ids[n_ids - 1];
	}
}

static enum status
read_messages(struct str root, struct str name, const struct purge_host *host,
    size_t *n_out)
{
	struct store_config cfg = {.root = root,
	    .clock = &clock_system,
	    .random = &random_system,
	    .read_only = true};
	struct account *a = NULL;
	struct store *s = NULL;
	enum status st;
	struct buf path;

	*n_out = 0;
	buf_init(&path, 4096);
	buf_addf(
	    &path, STR_FMT "/removed/" STR_FMT, STR_ARG(root), STR_ARG(name));
	if ((st = store_open(&cfg, &s)) == ST_OK &&
	    (st = account_open_still(s, path.p, "mail.db", false, &a)) ==
		ST_OK) {
		st = each_message(a, host, n_out);
		account_close(&a);
	}
	store_close(&s);
	buf_release(&path);
	return st;
}

enum status
purge_removed_find(struct str root, struct str name, size_t *n_out)
{
	return read_messages(root, name, NULL, n_out);
}

enum status
purge_removed_run(
    struct str root, struct str name, const struct purge_host *host)
{
	int parent = open_removed(root);
	char *from = str_dup(name);
	enum status st = parent < 0 ? ST_IO : ST_OK;
	struct buf to;
	bool untold;
	size_t n = 0;

	/* What cannot be read has to go, too. */
	untold = read_messages(root, name, host, &n) != ST_OK;
	buf_init(&to, 4096);
	buf_addf(&to, "%s" PURGE_ENDING, from);
	/* From here on nobody brings it back, half of it. */
	if (st == ST_OK && renameat(parent, from, parent, to.p) != 0)
		st = errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (st == ST_OK)
		st = drop_folder(parent, to.p, untold, host);
	if (st == ST_OK)
		st = drop_rest(parent, host);
	log_notice("removed account purged", LOG_STR("folder", name),
	    LOG_U64("messages", n), LOG_ST(st));
	if (parent >= 0)
		close(parent);
	buf_release(&to);
	free(from);
	return st;
}

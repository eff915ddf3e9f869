/* Accounts that were removed so long ago that nobody gets them back (S33). */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/keeper_int.h"
#include "store/purge.h"

/* Names are an id, a dash, and when, in ms. */
static bool
is_over(const struct child *c, struct str name)
{
	struct str rest = name;
	uint64_t ms;

	if (str_ends(name, S(PURGE_ENDING))) /* a purge that was killed */
		return true;
	(void)str_cut(&rest, '-');
	return str_to_u64(rest, &ms) && ms < INT64_MAX &&
	    timeline_old(
		times_get(), (int64_t)ms, (int64_t)c->config->retention * 1000);
}

static void
end_one(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			(void)unlinkat(fd, e->d_name, 0);
	closedir(dir);
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
		log_notice("a removed account is gone for good",
		    LOG_Z("folder", name));
	else
		log_warn("a removed account cannot be deleted",
		    LOG_Z("folder", name));
}

void
removed_sweep(struct child *c)
{
	struct buf path;
	struct dirent *e;
	DIR *dir;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/removed", c->data);
	dir = opendir(path.p);
	buf_release(&path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && is_over(c, str_from(e->d_name)))
			end_one(dirfd(dir), e->d_name);
	if (dir)
		closedir(dir);
}

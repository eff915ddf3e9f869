#include "cli/removed.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

enum { RECORD_MAX = 1024 * 1024 };

static int
open_removed(struct cli *c)
{
	struct buf path;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/removed", c->config->data);
	fd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_release(&path);
	return fd;
}

static bool
read_record(struct cli *c, int dir, const char *name, struct str *out)
{
	struct buf path, b;
	ssize_t n = -1;
	char *to;
	int fd;

	buf_init(&path, 4096);
	buf_init(&b, RECORD_MAX);
	buf_addf(&path, "%s/account", name);
	fd = openat(dir, path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && (to = buf_reserve(&b, RECORD_MAX)))
		n = read(fd, to, RECORD_MAX);
	if (n > 0)
		*out = arena_str(&c->arena, str_of(b.p, (size_t)n));
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	buf_release(&b);
	return n > 0;
}

bool
removed_find(struct cli *c, struct str address, struct removed *out)
{
	int fd = open_removed(c);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	bool found = false;

	while (dir && (e = readdir(dir))) {
		struct removed r = {.name = str_from(e->d_name)};
		struct str rest = r.name;

		(void)str_cut(&rest, '-');
		if (!str_to_u64(rest, &r.ms) || (found && r.ms < out->ms) ||
		    !read_record(c, fd, e->d_name, &r.record) ||
		    !str_eqi(record_get(r.record, "address"), address))
			continue;
		r.name = arena_str(&c->arena, r.name);
		*out = r;
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

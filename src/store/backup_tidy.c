/* What the runs before have left, and no manifest names any more. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup_int.h"

/* In the folder itself: what a run makes. */
static bool
is_ours(struct str name)
{
	return str_eq(name, S("accounts")) || str_eq(name, S("removed")) ||
	    str_starts(name, S("server-")) ||
	    str_starts(name, S("settings-")) || str_starts(name, S("tls-"));
}

/* Deletes below `path` what the new manifest does not name. */
static void
tidy(struct backup *b, struct map *named, const char *path, unsigned depth)
{
	int fd = openat(b->dir, path[0] ? path : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char below[BACKUP_PATH];
		int n = snprintf(below, sizeof(below), "%s%s%s", path,
		    path[0] ? "/" : "", e->d_name);
		struct stat sb;

		if (e->d_name[0] == '.' || n >= BACKUP_PATH ||
		    (!path[0] && !is_ours(str_from(e->d_name))) ||
		    fstatat(b->dir, below, &sb, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(sb.st_mode) && depth < 4) {
			tidy(b, named, below, depth + 1);
			(void)unlinkat(b->dir, below, AT_REMOVEDIR);
		} else if (path[0] && S_ISREG(sb.st_mode) &&
		    !map_get(named, str_from(below))) {
			(void)unlinkat(b->dir, below, 0);
		}
	}
	if (d)
		closedir(d);
}

void
backup_tidy(struct backup *b)
{
	struct map named = MAP_INIT;

	for (size_t i = 0; i < b->now.n_folders; i++) {
		const struct manifest_folder *f = &b->now.folders[i];

		for (size_t k = 0; k < f->n_files; k++) {
			struct str path =
			    arena_printf(&b->now.arena, STR_FMT "/" STR_FMT,
				STR_ARG(f->place), STR_ARG(f->files[k].name));

			(void)map_set(&named, path, b);
		}
	}
	tidy(b, &named, "", 0);
	map_release(&named);
	(void)unlinkat(b->dir, "progress", 0);
}

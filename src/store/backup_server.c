/* What stands in DATA itself: directory, credentials, settings, keys. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup_int.h"
#include "store/snapshot.h"

static enum status
server_database(struct backup *b, const char *name, struct manifest_folder *to)
{
	char from[BACKUP_PATH], copy[BACKUP_PATH];
	struct snapshot *s;
	enum status st;
	int n = snprintf(from, sizeof(from), "%s/%s", b->cfg->data, name);
	int k = snprintf(copy, sizeof(copy), "%s/" STR_FMT "/%s", b->cfg->dir,
	    STR_ARG(to->place), name);

	if (n <= 0 || n >= BACKUP_PATH || k <= 0 || k >= BACKUP_PATH)
		return ST_LIMIT;
	st = snapshot_open(from, false, &s);
	if (st == ST_OK) {
		st = snapshot_copy(s, copy);
		snapshot_close(&s);
	}
	if (st == ST_OK)
		st = backup_sum(b, to->place, name, to);
	return st == ST_OK
	    ? ST_OK
	    : backup_failed(b, st, "cannot copy", str_from(name));
}

static struct manifest_folder *
server_folder(struct backup *b, const char *name)
{
	struct manifest_folder f = {
	    .name = str_from(name),
	    .place = arena_printf(&b->now.arena, "%s-%06llu",
		name[0] ? name : "server", (unsigned long long)b->now.run),
	    .db = S(""),
	};

	return manifest_add_folder(&b->now, &f);
}

/* All files of a folder of DATA, or one file of somewhere. */
static enum status
server_files(struct backup *b, const char *name, int from, const char *only)
{
	struct manifest_folder *to = server_folder(b, name);
	enum status st = backup_mkdir(b, to->place);
	DIR *dir = fdopendir(from);
	struct dirent *e;

	while (dir && st == ST_OK && (e = readdir(dir))) {
		struct backup_source src = {
		    .from = from, .name = e->d_name, .limit = UINT64_MAX};
		struct stat sb;

		if ((only && strcmp(only, e->d_name) != 0) ||
		    !manifest_name_ok(str_from(e->d_name)) ||
		    fstatat(from, e->d_name, &sb, 0) != 0 ||
		    !S_ISREG(sb.st_mode))
			continue;
		st = backup_file(b, &src, to->place, NULL, to);
		if (st != ST_OK)
			(void)backup_failed(
			    b, st, "cannot copy", str_from(e->d_name));
	}
	if (dir)
		closedir(dir);
	else
		close(from);
	return st;
}

static enum status
take_settings(struct backup *b)
{
	const char *path = b->cfg->settings, *name;
	char folder[BACKUP_PATH];
	int fd;

	if (!path)
		return ST_OK;
	name = strrchr(path, '/');
	(void)snprintf(folder, sizeof(folder), "%.*s",
	    name ? (int)(name - path) + 1 : 1, name ? path : ".");
	name = name ? name + 1 : path;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? ST_OK : server_files(b, "settings", fd, name);
}

enum status
backup_server(struct backup *b)
{
	struct manifest_folder *to = server_folder(b, "");
	char path[BACKUP_PATH];
	enum status st = backup_mkdir(b, to->place);
	int fd;

	if (st == ST_OK)
		st = server_database(b, "directory.db", to);
	if (st == ST_OK)
		st = server_database(b, "credentials.db", to);
	if (st == ST_OK)
		st = take_settings(b);
	if (st != ST_OK || !b->cfg->keys)
		return st;
	(void)snprintf(path, sizeof(path), "%s/tls", b->cfg->data);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? ST_OK : server_files(b, "tls", fd, NULL);
}

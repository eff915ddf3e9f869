/* `mailstead import ADDRESS [--folder NAME] [--all] PATH...` */
#include "cli/import.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "cli/folder_list.h"
#include "cli/verbs.h"

static enum status import_path(
    struct import *im, const char *path, struct str folder, unsigned depth);

/* An mbox begins with "From ", a message with a header field. */
static enum status
import_file(struct import *im, const char *path, int fd, struct str folder)
{
	char head[5];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	struct import_folder *to;
	enum status st;

	if (n == 0 && !im->listed)
		return ST_OK;
	if ((st = import_folder(im, folder, &to)) != ST_OK)
		return st;
	if (n == 0)
		return ST_OK;
	if (n == (ssize_t)sizeof(head) && memcmp(head, "From ", 5) == 0)
		return import_mbox(im, path, fd, to);
	return import_eml(im, path, fd, to);
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

enum status
import_names(struct import *im, const char *path, struct arena *a,
    struct str **out, size_t *n_out)
{
	struct {
		struct str *names;
		size_t n_names, cap_names;
	} v = {0};
	DIR *d = import_opendir(im, path);
	struct dirent *e;

	if (!d)
		return import_fail(im, ST_IO, "%s: %s", path, strerror(errno));
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			*VEC_ADD(&v, names) = arena_str(a, str_from(e->d_name));
	closedir(d);
	if (v.n_names > 0)
		qsort(v.names, v.n_names, sizeof(*v.names), by_name);
	*out = ARENA_ARRAY(a, struct str, v.n_names + 1);
	if (v.n_names > 0)
		memcpy(*out, v.names, v.n_names * sizeof(**out));
	*n_out = v.n_names;
	free(v.names);
	return ST_OK;
}

static bool
is_mail(struct str name)
{
	return str_ends(name, S(".eml")) || str_ends(name, S(".EML")) ||
	    str_ends(name, S(".mbox")) || str_find(name, '.') == SIZE_MAX;
}

static struct str
below(struct import *im, struct str folder, struct str name)
{
	struct arena *a = &im->c->arena;

	if (str_ends(name, S(".mbox")))
		name = str_first(name, name.n - 5);
	if (str_eq(folder, S("INBOX")))
		return arena_str(a, name);
	return arena_printf(
	    a, STR_FMT "/" STR_FMT, STR_ARG(folder), STR_ARG(name));
}

/* What we have exported: false when it is not. */
static bool
read_list(struct import *im, const char *path, struct buf *out)
{
	int fd = import_open(
	    im, arena_printf(&im->c->arena, "%s/" LIST_FILE, path).p);
	ssize_t n = 1;
	char *p;

	if (fd < 0)
		return false;
	while (n > 0 && (p = buf_reserve(out, IMPORT_CHUNK)) != NULL)
		if ((n = read(fd, p, IMPORT_CHUNK)) > 0)
			buf_commit(out, (size_t)n);
	close(fd);
	return true;
}

/* Each folder under its own name; superior ones come before. */
static enum status
import_listed(
    struct import *im, const char *path, struct str folder, struct str list)
{
	struct arena *a = &im->c->arena;
	enum status st = ST_OK;
	bool subscribed;
	struct str name;

	im->listed = true;
	while (st == ST_OK && list_next(&list, &name, &subscribed)) {
		struct str to = str_eq(folder, S("INBOX"))
		    ? name
		    : arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(folder),
			  STR_ARG(name));
		const char *sub = list_path(a, str_from(path), name, "").p;
		int fd;

		im->unsubscribed = !subscribed;
		if (import_is_maildir(im, sub)) {
			st = import_maildir(im, sub, to);
			continue;
		}
		sub = list_path(a, str_from(path), name, ".mbox").p;
		fd = import_open(im, sub);
		st = fd < 0
		    ? import_fail(im, ST_IO, "%s: %s", sub, strerror(errno))
		    : import_file(im, sub, fd, to);
		if (fd >= 0)
			close(fd);
	}
	im->listed = im->unsubscribed = false;
	return st;
}

/*
 * A plain folder: .eml files go where it goes; mbox files, Maildirs and folders
 * in it are folders of their own below that.
 */
static enum status
import_dir(
    struct import *im, const char *path, struct str folder, unsigned depth)
{
	struct arena *a = &im->c->arena;
	struct str *names;
	enum status st;
	size_t i, n;

	if ((st = import_names(im, path, a, &names, &n)) != ST_OK)
		return st;
	for (i = 0; i < n && st == ST_OK; i++) {
		struct str name = names[i];
		const char *sub =
		    arena_printf(a, "%s/" STR_FMT, path, STR_ARG(name)).p;
		bool eml =
		    str_ends(name, S(".eml")) || str_ends(name, S(".EML"));
		struct stat sb;
		int rc;

		target_as_caller();
		rc = stat(sub, &sb);
		target_as_owner(im->c->target);
		if (rc == 0 && (S_ISDIR(sb.st_mode) || is_mail(name)))
			st = import_path(im, sub,
			    eml ? folder : below(im, folder, name), depth + 1);
	}
	return st;
}

static enum status
import_dir_or_listed(
    struct import *im, const char *path, struct str folder, unsigned depth)
{
	enum status st;
	struct buf list;

	buf_init(&list, LIST_MAX);
	st = read_list(im, path, &list)
	    ? import_listed(im, path, folder, buf_str(&list))
	    : import_dir(im, path, folder, depth);
	buf_release(&list);
	return st;
}

static enum status
import_path(
    struct import *im, const char *path, struct str folder, unsigned depth)
{
	struct stat sb;
	enum status st;
	int fd;

	if (depth > IMPORT_DEPTH)
		return import_fail(im, ST_LIMIT, "%s: too many levels", path);
	if (strcmp(path, "-") == 0) {
		struct import_folder *to;

		st = import_folder(im, folder, &to);
		return st == ST_OK
		    ? import_eml(im, "standard input", STDIN_FILENO, to)
		    : st;
	}
	fd = import_open(im, path);
	if (fd < 0 || fstat(fd, &sb) < 0)
		st = import_fail(im, ST_IO, "%s: %s", path, strerror(errno));
	else if (!S_ISDIR(sb.st_mode))
		st = import_file(im, path, fd, folder);
	else if (import_is_maildir(im, path))
		st = import_maildir(im, path, folder);
	else
		st = import_dir_or_listed(im, path, folder, depth);
	if (fd >= 0)
		close(fd);
	return st;
}

/* What has been posted is awaited, also when something failed. */
static int
conclude(struct import *im)
{
	struct cli *c = im->c;
	enum status st = target_wait(c->target);

	cli_progress_end(c);
	if (st != ST_OK && im->failed == ST_OK)
		(void)import_fail(im, st, "%s", status_text(st));
	if (im->failed != ST_OK)
		return cli_fail(c, STR_FMT " (%llu messages were imported)",
		    STR_ARG(buf_str(&im->why)), (unsigned long long)im->done);
	c->out = json_object();
	json_object_set_new(c->out, "address", cli_json_str(im->mail.address));
	json_object_set_new(
	    c->out, "imported", json_integer((json_int_t)im->done));
	json_object_set_new(
	    c->out, "skipped", json_integer((json_int_t)im->skipped));
	if (im->skipped > 0)
		cli_say(c, "%llu messages imported; %llu were there already.",
		    (unsigned long long)im->done,
		    (unsigned long long)im->skipped);
	else
		cli_say(
		    c, "%llu messages imported.", (unsigned long long)im->done);
	return CLI_DONE;
}

int
cli_import(struct cli *c)
{
	const char *folder = cli_option(c, "folder");
	struct import *im;
	size_t i;
	int rc;

	im = mem_zalloc(sizeof(*im));
	im->c = c;
	im->all = cli_option(c, "all") != NULL;
	buf_init(&im->why, 4096);
	buf_init(&im->header, IMPORT_HEADER);
	rc = CLI_NOT_DONE;
	if (mail_open(c, &im->mail)) {
		for (i = 1; i < c->n_words; i++)
			if (import_path(im, c->words[i].p,
				folder ? str_from(folder) : S("INBOX"),
				0) != ST_OK)
				break;
		rc = conclude(im);
	}
	import_folders_release(im);
	buf_release(&im->why);
	buf_release(&im->header);
	free(im);
	return rc;
}

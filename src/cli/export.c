/* `mailstead export ADDRESS DIR [--format maildir|mbox]` */
#include "cli/export.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/folder_list.h"
#include "cli/verbs.h"

enum status
export_fail(struct export *ex, enum status st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (ex->why.n == 0)
		buf_vaddf(&ex->why, fmt, ap);
	va_end(ap);
	return st;
}

enum status
export_write(struct export *ex, int fd, struct str bytes)
{
	ssize_t n;

	while (bytes.n > 0) {
		n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return export_fail(ex, ST_IO, "cannot write %s: %s",
			    ex->path, strerror(errno));
		bytes = str_from_pos(bytes, (size_t)n);
	}
	return ST_OK;
}

enum status
export_read(struct export *ex, const struct mail_entry *e,
    enum status (*fn)(void *ctx, struct str bytes), void *ctx)
{
	enum status st = mail_read(&ex->mail, e->message, e->size, fn, ctx);

	return st == ST_OK ? ST_OK
			   : export_fail(ex, st, "a message cannot be read: %s",
				 status_text(st));
}

const char *
export_path(struct export *ex, struct str name, const char *end)
{
	return list_path(&ex->c->arena, str_from(ex->dir), name, end).p;
}

enum status
export_mkdirs(struct export *ex, const char *path)
{
	char *p = arena_z(&ex->c->arena, str_from(path)), *slash = p;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(p, 0700) < 0 && errno != EEXIST)
			break;
		*slash = '/';
	}
	if (!slash && (mkdir(p, 0700) == 0 || errno == EEXIST))
		return ST_OK;
	return export_fail(ex, ST_IO, "cannot make %s: %s", p, strerror(errno));
}

static enum status
export_message(void *ctx, const struct mail_entry *e)
{
	struct export *ex = ctx;
	enum status st = ex->mbox ? export_mbox(ex, e) : export_maildir(ex, e);

	if (st == ST_OK)
		cli_progress(ex->c, "messages exported", ++ex->done);
	return st;
}

static enum status
export_messages(struct export *ex, const struct mailbox *box)
{
	enum status st = mail_entries(&ex->mail, box->id, export_message, ex);

	return st == ST_OK ? ST_OK
			   : export_fail(ex, st, "a folder cannot be read: %s",
				 status_text(st));
}

static enum status
export_folder(struct export *ex, const struct mailbox *box)
{
	enum status st, end;

	st = ex->mbox ? export_mbox_begin(ex, box->name)
		      : export_maildir_begin(ex, box->name);
	if (st != ST_OK)
		return st;
	st = export_messages(ex, box);
	end = ex->mbox ? export_mbox_end(ex) : export_maildir_end(ex);
	return st == ST_OK ? end : st;
}

/* The names as they are; those that only have children come with them. */
static enum status
export_list(struct export *ex, const struct mailbox *list, size_t n)
{
	enum status st = ST_OK;
	struct buf b;
	int fd;

	ex->path = arena_printf(&ex->c->arena, "%s/" LIST_FILE, ex->dir).p;
	buf_init(&b, LIST_MAX);
	for (size_t i = 0; i < n; i++)
		if (list[i].selectable)
			list_add(&b, list[i].name, list[i].subscribed);
	fd = open(ex->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		st = export_write(ex, fd, buf_str(&b));
		if (close(fd) < 0 && st == ST_OK)
			fd = -1;
	}
	if (fd < 0)
		st = export_fail(ex, ST_IO, "cannot write %s: %s", ex->path,
		    strerror(errno));
	buf_release(&b);
	return st;
}

static int
export_all(struct export *ex)
{
	struct mailbox *list;
	size_t i, n = 0;
	enum status st = mail_list(&ex->mail, &list, &n);

	/* Files are the caller's; the account is open by now. */
	target_as_caller();
	if (st == ST_OK && mkdir(ex->dir, 0700) < 0)
		st = export_fail(
		    ex, ST_IO, "cannot make %s: %s", ex->dir, strerror(errno));
	for (i = 0; st == ST_OK && i < n; i++)
		if (list[i].selectable)
			st = export_folder(ex, &list[i]);
	if (st == ST_OK)
		st = export_list(ex, list, n);
	target_as_owner(ex->c->target);
	cli_progress_end(ex->c);
	if (st != ST_OK)
		return cli_fail(ex->c, STR_FMT,
		    STR_ARG(ex->why.n ? buf_str(&ex->why)
				      : str_from(status_text(st))));
	ex->c->out = json_object();
	json_object_set_new(
	    ex->c->out, "address", cli_json_str(ex->mail.address));
	json_object_set_new(
	    ex->c->out, "exported", json_integer((json_int_t)ex->done));
	cli_say(ex->c, "%llu messages exported to %s.",
	    (unsigned long long)ex->done, ex->dir);
	return CLI_DONE;
}

int
cli_export(struct cli *c)
{
	const char *format = cli_option(c, "format");
	struct export ex = {.c = c, .dir = c->words[1].p, .fd = -1};
	int rc = CLI_NOT_DONE;

	if (format && strcmp(format, "mbox") != 0 &&
	    strcmp(format, "maildir") != 0)
		return cli_usage(c, "--format is maildir or mbox");
	ex.mbox = format && strcmp(format, "mbox") == 0;
	buf_init(&ex.why, 4096);
	if (mail_open(c, &ex.mail))
		rc = export_all(&ex);
	buf_release(&ex.why);
	return rc;
}

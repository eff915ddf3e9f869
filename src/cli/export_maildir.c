/*
 * A Maildir for each folder, below each other as the folders are. Line ends
 * are LF there, as every program expects of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/export.h"

enum status
export_maildir_begin(struct export *ex, struct str name)
{
	static const char *const parts[] = {"/cur", "/new", "/tmp"};
	enum status st = ST_OK;
	size_t i;

	ex->path = export_path(ex, name, "");
	ex->letters = ARENA_ARRAY(&ex->c->arena, struct str, EXPORT_LETTERS);
	ex->n_letters = 0;
	for (i = 0; i < ARRAY_LEN(parts) && st == ST_OK; i++)
		st = export_mkdirs(ex, export_path(ex, name, parts[i]));
	return st;
}

/* The letter of a keyword; 0 when all are taken. */
static char
letter_of(struct export *ex, struct str keyword)
{
	size_t i;

	for (i = 0; i < ex->n_letters; i++)
		if (str_eqi(ex->letters[i], keyword))
			return (char)('a' + i);
	if (ex->n_letters == EXPORT_LETTERS)
		return 0;
	ex->letters[i] = arena_str(&ex->c->arena, keyword);
	ex->n_letters++;
	return (char)('a' + i);
}

/* In ASCII order, as the format asks. */
static struct str
suffix(struct export *ex, struct str flags)
{
	static const struct {
		struct str flag;
		char letter;
	} table[] = {
	    {STR_INIT("\\Draft"), 'D'},
	    {STR_INIT("\\Flagged"), 'F'},
	    {STR_INIT("$Forwarded"), 'P'},
	    {STR_INIT("\\Answered"), 'R'},
	    {STR_INIT("\\Seen"), 'S'},
	    {STR_INIT("\\Deleted"), 'T'},
	};
	bool has[128] = {false};
	char *out = arena_alloc(&ex->c->arena, sizeof(has));
	size_t i, n = 0;

	while (flags.n > 0) {
		struct str one = str_cut(&flags, ' ');

		for (i = 0; i < ARRAY_LEN(table); i++)
			if (str_eqi(one, table[i].flag))
				break;
		if (i < ARRAY_LEN(table))
			has[(unsigned char)table[i].letter] = true;
		else if (one.n > 0 && one.p[0] != '\\')
			has[(unsigned char)letter_of(ex, one)] = true;
	}
	for (i = 1; i < ARRAY_LEN(has); i++)
		if (has[i])
			out[n++] = (char)i;
	return str_of(out, n);
}

struct writing {
	struct export *ex;
	int fd;
	bool cr; /* one waits for what follows it */
};

static enum status
unix_lines(void *ctx, struct str bytes)
{
	struct writing *w = ctx;
	enum status st = ST_OK;
	struct buf b;
	size_t i;

	buf_init(&b, bytes.n + 1);
	for (i = 0; i < bytes.n; i++) {
		if (w->cr && bytes.p[i] != '\n')
			buf_addc(&b, '\r');
		w->cr = bytes.p[i] == '\r';
		if (!w->cr)
			buf_addc(&b, bytes.p[i]);
	}
	st = export_write(w->ex, w->fd, buf_str(&b));
	buf_release(&b);
	return st;
}

enum status
export_maildir(struct export *ex, const struct mail_entry *e)
{
	long long s = (long long)(e->date_ms / 1000);
	const char *path =
	    arena_printf(&ex->c->arena, "%s/cur/%lld.u%u.mailstead:2," STR_FMT,
		ex->path, s, e->uid, STR_ARG(suffix(ex, e->flags)))
		.p;
	struct timespec times[2] = {{.tv_sec = s}, {.tv_sec = s}};
	struct writing w = {.ex = ex};
	enum status st;

	w.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w.fd < 0)
		return export_fail(
		    ex, ST_IO, "cannot make %s: %s", path, strerror(errno));
	st = export_read(ex, e, unix_lines, &w);
	if (st == ST_OK && w.cr)
		st = export_write(ex, w.fd, S("\r"));
	(void)futimens(w.fd, times);
	if (close(w.fd) < 0 && st == ST_OK)
		st = export_fail(
		    ex, ST_IO, "cannot write %s: %s", path, strerror(errno));
	return st;
}

/* What the letters mean, as Dovecot and our own import read it. */
enum status
export_maildir_end(struct export *ex)
{
	const char *path =
	    arena_printf(&ex->c->arena, "%s/dovecot-keywords", ex->path).p;
	enum status st;
	struct buf b;
	size_t i;
	int fd;

	if (ex->n_letters == 0)
		return ST_OK;
	buf_init(&b, 64 * 1024);
	for (i = 0; i < ex->n_letters; i++)
		buf_addf(&b, "%zu " STR_FMT "\n", i, STR_ARG(ex->letters[i]));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		st = export_fail(
		    ex, ST_IO, "cannot make %s: %s", path, strerror(errno));
	} else {
		st = export_write(ex, fd, buf_str(&b));
		close(fd);
	}
	buf_release(&b);
	return st;
}

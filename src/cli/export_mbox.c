/*
 * An mboxrd file for each folder, with its flags in Status, X-Status and
 * X-Keywords: fields that our own import takes out again.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/export.h"

enum status
export_mbox_begin(struct export *ex, struct str name)
{
	const char *path = export_path(ex, name, ".mbox");
	char *parent = arena_z(&ex->c->arena, str_from(path));
	enum status st;

	*strrchr(parent, '/') = '\0';
	if ((st = export_mkdirs(ex, parent)) != ST_OK)
		return st;
	ex->path = path;
	ex->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (ex->fd < 0)
		return export_fail(
		    ex, ST_IO, "cannot make %s: %s", path, strerror(errno));
	return ST_OK;
}

enum status
export_mbox_end(struct export *ex)
{
	int rc = close(ex->fd);

	ex->fd = -1;
	if (rc < 0)
		return export_fail(ex, ST_IO, "cannot write %s: %s", ex->path,
		    strerror(errno));
	return ST_OK;
}

static void
add_from(struct buf *b, int64_t ms)
{
	static const char *const days[] = {
	    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct civil c = date_civil((struct date){ms, 0});

	buf_addf(b, "From MAILER-DAEMON %s %s %2d %02d:%02d:%02d %04lld\n",
	    days[c.weekday], months[c.month - 1], c.day, c.hour, c.minute,
	    c.second, (long long)c.year);
}

static void
add_marks(struct buf *b, struct str flags)
{
	struct buf words;
	bool seen = false;

	buf_init(&words, 16 * 1024);
	buf_addz(b, "X-Status: ");
	while (flags.n > 0) {
		struct str one = str_cut(&flags, ' ');

		seen = seen || str_eqi(one, S("\\Seen"));
		if (str_eqi(one, S("\\Answered")))
			buf_addc(b, 'A');
		else if (str_eqi(one, S("\\Flagged")))
			buf_addc(b, 'F');
		else if (str_eqi(one, S("\\Deleted")))
			buf_addc(b, 'D');
		else if (str_eqi(one, S("\\Draft")))
			buf_addc(b, 'T');
		else if (one.n > 0 && one.p[0] != '\\')
			buf_addf(&words, " " STR_FMT, STR_ARG(one));
	}
	buf_addf(b, "\nStatus: %s\n", seen ? "RO" : "O");
	/* The last of ours, always: what follows is the message's own. */
	buf_addf(b, "X-Keywords:" STR_FMT "\n", STR_ARG(buf_str(&words)));
	buf_release(&words);
}

struct quoting {
	struct export *ex;
	struct buf line; /* without its end, or a long one's begin */
	bool middle;     /* of a line: its begin is written */
};

static enum status
put_line(struct quoting *q, bool end)
{
	struct str line = buf_str(&q->line);
	enum status st = ST_OK;
	size_t i = 0;

	if (end && str_ends(line, S("\r")))
		line.n--;
	while (i < line.n && line.p[i] == '>')
		i++;
	if (!q->middle && str_starts(str_from_pos(line, i), S("From ")))
		st = export_write(q->ex, q->ex->fd, S(">"));
	if (st == ST_OK)
		st = export_write(q->ex, q->ex->fd, line);
	if (st == ST_OK && end)
		st = export_write(q->ex, q->ex->fd, S("\n"));
	q->middle = !end;
	buf_clear(&q->line);
	return st;
}

static enum status
quoted(void *ctx, struct str bytes)
{
	struct quoting *q = ctx;
	enum status st = ST_OK;
	size_t lf;

	while (bytes.n > 0 && st == ST_OK) {
		lf = str_find(bytes, '\n');
		buf_adds(&q->line, str_first(bytes, lf));
		bytes = str_from_pos(bytes, lf == SIZE_MAX ? bytes.n : lf + 1);
		if (lf != SIZE_MAX)
			st = put_line(q, true);
		else if (q->line.n > EXPORT_LINE / 2)
			st = put_line(q, false);
	}
	return st;
}

enum status
export_mbox(struct export *ex, const struct mail_entry *e)
{
	struct quoting q = {.ex = ex};
	enum status st;
	struct buf b;

	buf_init(&b, 64 * 1024);
	buf_init(&q.line, EXPORT_LINE);
	add_from(&b, e->date_ms);
	add_marks(&b, e->flags);
	st = export_write(ex, ex->fd, buf_str(&b));
	if (st == ST_OK)
		st = export_read(ex, e, quoted, &q);
	if (st == ST_OK && (q.line.n > 0 || q.middle))
		st = put_line(&q, true);
	if (st == ST_OK)
		st = export_write(ex, ex->fd, S("\n"));
	buf_release(&b);
	buf_release(&q.line);
	return st;
}

#include "mail.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"

struct str
mail_cut_word(struct str *rest)
{
	*rest = str_trim(*rest);
	if (rest->n > 0 && rest->p[0] == '"') {
		*rest = str_from_pos(*rest, 1);
		return str_cut(rest, '"');
	}
	return str_cut(rest, ' ');
}

static bool
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;
	char *to;

	while (fd >= 0 && n > 0) {
		to = buf_reserve(out, 65536);
		n = to ? read(fd, to, 65536) : -1;
		if (n > 0)
			buf_commit(out, (size_t)n);
	}
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 && n == 0;
}

bool
mail_read_mbox(
    const char *path, bool (*each)(void *ctx, struct str mail), void *ctx)
{
	struct buf file, mail;
	struct str rest, line;
	bool any = false, ok;

	buf_init(&file, 1 << 26);
	buf_init(&mail, 1 << 26);
	ok = read_file(path, &file);
	rest = buf_str(&file);
	while (ok && rest.n > 0) {
		line = str_cut(&rest, '\n');
		if (str_starts(line, S("From "))) {
			ok = !any || each(ctx, buf_str(&mail));
			any = true;
			buf_clear(&mail);
			continue;
		}
		if (str_starts(line, S(">From ")))
			line = str_from_pos(line, 1);
		buf_adds(&mail, line);
		buf_addz(&mail, "\r\n");
	}
	ok = ok && (!any || each(ctx, buf_str(&mail)));
	buf_release(&file);
	buf_release(&mail);
	return ok;
}

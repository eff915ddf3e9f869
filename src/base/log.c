#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"

enum { LINE_MAX_BYTES = 1024 };

static const char *const level_names[] = {
    "debug", "info", "notice", "warning", "error", "fatal"};

static struct {
	int fd;
	enum log_level least;
	char name[32];
	uint64_t dropped;
} sink = {.fd = STDERR_FILENO, .least = LOG_INFO, .name = "mailstead"};

void
log_setup(int fd, const char *name, enum log_level least)
{
	sink.fd = fd;
	sink.least = least;
	(void)snprintf(sink.name, sizeof(sink.name), "%s", name);
}

/* Everything that could end a line, start a terminal code or fake a field. */
static void
add_escaped(struct buf *b, struct str s)
{
	bool quote = s.n == 0;

	for (size_t i = 0; i < s.n; i++)
		quote |= s.p[i] == ' ' || s.p[i] == '"' || s.p[i] == '=';
	if (quote)
		buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
			buf_addf(b, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else
			buf_addc(b, (char)c);
	}
	if (quote)
		buf_addc(b, '"');
}

static void
add_field(struct buf *b, const struct log_field *f)
{
	buf_addf(b, " %s=", f->key);
	if (f->type == LOG_F_U64)
		buf_addu(b, f->u);
	else if (f->type == LOG_F_I64)
		buf_addf(b, "%lld", (long long)f->i);
	else
		add_escaped(b, f->s);
}

void
log_line(enum log_level level, const char *msg, const struct log_field *f)
{
	struct buf b;

	if (level < sink.least)
		return;
	buf_init(&b, LINE_MAX_BYTES);
	buf_addf(&b, "%s %s %s", level_names[level], sink.name, msg);
	for (; f->key; f++)
		add_field(&b, f);
	if (sink.dropped)
		add_field(&b, &LOG_U64("dropped_before", sink.dropped));
	b.full = false;
	b.max++;
	buf_addc(&b, '\n');
	if (write(sink.fd, b.p, b.n) == (ssize_t)b.n)
		sink.dropped = 0;
	else
		sink.dropped++;
	buf_release(&b);
}

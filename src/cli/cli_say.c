/* What is said on standard error, and to people on standard output. */
#include <unistd.h>

#include "cli/cli.h"

static void
complain(const char *fmt, va_list ap)
{
	struct buf b, line;

	buf_init(&b, 4096);
	buf_init(&line, 3 * 4096);
	buf_vaddf(&b, fmt, ap);
	cli_shown(buf_str(&b), &line);
	(void)fprintf(stderr, "mailstead: %s\n", buf_str(&line).p);
	buf_release(&line);
	buf_release(&b);
}

int
cli_fail(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	cli_progress_end(c);
	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	return CLI_NOT_DONE;
}

int
cli_usage(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	if (c->row)
		(void)fprintf(stderr, "usage: mailstead %s %s\n", c->row->verb,
		    c->row->usage);
	return CLI_USAGE;
}

void
cli_say(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	struct buf b, line;
	struct str rest;

	if (c->json)
		return;
	buf_init(&b, SIZE_MAX / 2);
	buf_init(&line, SIZE_MAX / 2);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	for (rest = buf_str(&b); rest.n;) {
		cli_shown(str_cut(&rest, '\n'), &line);
		buf_addc(&line, '\n');
	}
	if (b.n == 0)
		buf_addc(&line, '\n');
	(void)fwrite(buf_str(&line).p, 1, line.n, stdout);
	buf_release(&line);
	buf_release(&b);
}

void
cli_progress(const struct cli *c, const char *what, uint64_t done)
{
	if (c->json || !isatty(STDERR_FILENO))
		return;
	(void)fprintf(
	    stderr, "\r%llu %s\x1b[K", (unsigned long long)done, what);
	(void)fflush(stderr);
}

void
cli_progress_end(const struct cli *c)
{
	if (!c->json && isatty(STDERR_FILENO))
		(void)fputs("\r\x1b[K", stderr);
}

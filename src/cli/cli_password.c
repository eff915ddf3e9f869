/* Passwords: read, sent, and told once. */
#include <termios.h>
#include <unistd.h>

#include "auth/password.h"
#include "cli/cli.h"

bool
cli_read_password(struct cli *c, struct str *out)
{
	char line[PASSWORD_MAX + 2];
	size_t n;
	bool ok = false;

	if (fgets(line, sizeof(line), stdin)) {
		n = strlen(line);
		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (n > 0 && line[n - 1] == '\r')
			n--;
		ok = n > 0 && n <= PASSWORD_MAX;
		*out = arena_str(&c->arena, str_of(line, n));
	}
	explicit_bzero(line, sizeof(line));
	if (!ok)
		(void)cli_fail(c, "no password on standard input");
	return ok;
}

bool
cli_add_password(struct cli *c, struct buf *request)
{
	struct str password;

	if (!cli_option(c, "password-stdin"))
		return true;
	if (!cli_read_password(c, &password)) {
		buf_release(request);
		return false;
	}
	record_str(request, "password", password);
	return true;
}

void
cli_say_password(const struct cli *c, struct str answer)
{
	if (record_has(answer, "password"))
		cli_say(c, "Password: " STR_FMT,
		    STR_ARG(record_get(answer, "password")));
}

bool
cli_ask_password(struct cli *c, const char *prompt, struct str *out)
{
	struct termios was, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &was) == 0, ok;

	if (!terminal)
		return cli_read_password(c, out);
	silent = was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	(void)fputs(prompt, stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	ok = cli_read_password(c, out);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	(void)fputc('\n', stderr);
	return ok;
}

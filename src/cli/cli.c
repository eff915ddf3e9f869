#include "cli/cli.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include "auth/password.h"
#include "cli/target.h"
#include "daemon/serve.h"

/* --- what is said --- */

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

static void
help(FILE *to)
{
	size_t i;

	(void)fputs("usage: mailstead VERB [-d DATA] [-c FILE] [--json] ...\n\n"
		    "  serve [-o KEY=VALUE]...\n"
		    "      Run the server in the foreground\n",
	    to);
	for (i = 0; i < n_cli_rows; i++)
		(void)fprintf(to, "  %s%s%s\n      %s\n", cli_rows[i].verb,
		    cli_rows[i].usage[0] ? " " : "", cli_rows[i].usage,
		    cli_rows[i].summary);
}

/* --- options --- */

const char *
cli_option(const struct cli *c, const char *name)
{
	size_t i = c->n_given;

	while (i-- > 0)
		if (strcmp(c->given[i].name, name) == 0)
			return c->given[i].value ? c->given[i].value : "";
	return NULL;
}

/* In "a b= c": 0 not there, 1 a switch, 2 with a value. */
static int
option_kind(const char *options, struct str name)
{
	struct str rest = str_from(options), one;

	while (rest.n > 0) {
		one = str_cut(&rest, ' ');
		if (str_eq(one, name))
			return 1;
		if (one.n == name.n + 1 && str_starts(one, name) &&
		    one.p[name.n] == '=')
			return 2;
	}
	return 0;
}

static int
take_long(struct cli *c, const char *arg, char **argv, int argc, int *i)
{
	struct str rest = str_from(arg), name;
	bool inline_value = str_find(rest, '=') != SIZE_MAX;
	struct cli_given *g;
	int kind;

	name = str_cut(&rest, '=');
	if (str_eq(name, S("json")) && !inline_value) {
		c->json = true;
		return CLI_DONE;
	}
	kind = c->row ? option_kind(c->row->options, name) : 0;
	if (kind == 0 || (kind == 1 && inline_value))
		return cli_usage(c, "unknown option --" STR_FMT, STR_ARG(name));
	if (kind == 2 && !inline_value && *i + 1 >= argc)
		return cli_usage(
		    c, "option --" STR_FMT " wants a value", STR_ARG(name));
	if (c->n_given == CLI_OPTIONS_MAX)
		return cli_usage(c, "too many options");
	g = &c->given[c->n_given++];
	g->name = arena_z(&c->arena, name);
	if (kind == 2)
		g->value = inline_value ? rest.p : argv[++*i];
	return CLI_DONE;
}

static int
take_short(struct cli *c, const char *arg, char **argv, int argc, int *i)
{
	const char **to = arg[1] == 'd' ? &c->data : &c->file;

	if (arg[1] != 'c' && arg[1] != 'd')
		return cli_usage(c, "unknown option %s", arg);
	if (arg[2] != '\0')
		*to = arg + 2;
	else if (*i + 1 < argc)
		*to = argv[++*i];
	else
		return cli_usage(c, "option %s wants a value", arg);
	return CLI_DONE;
}

/* Options may stand anywhere, "--" ends them, "-" is a word. */
static int
take_arguments(struct cli *c, int argc, char **argv, int i)
{
	bool over = false;
	int rc;

	for (; i < argc; i++) {
		const char *arg = argv[i];

		rc = CLI_DONE;
		if (!over && strcmp(arg, "--") == 0)
			over = true;
		else if (!over && arg[0] == '-' && arg[1] == '-')
			rc = take_long(c, arg + 2, argv, argc, &i);
		else if (!over && arg[0] == '-' && arg[1] != '\0')
			rc = take_short(c, arg, argv, argc, &i);
		else if (c->n_words == CLI_WORDS_MAX)
			rc = cli_usage(c, "too many words");
		else
			c->words[c->n_words++] = str_from(arg);
		if (rc != CLI_DONE)
			return rc;
	}
	if (c->n_words < c->row->least)
		return cli_usage(c, "something is missing");
	if (c->n_words > c->row->most)
		return cli_usage(c, "too many words: " STR_FMT,
		    STR_ARG(c->words[c->row->most]));
	return CLI_DONE;
}

/* --- verbs --- */

/* How many arguments from argv[1] on spell the verb; 0: they do not. */
static int
spells(const char *verb, int argc, char **argv)
{
	struct str rest = str_from(verb);
	int n = 0;

	while (rest.n > 0) {
		if (n + 1 >= argc ||
		    !str_eq(str_cut(&rest, ' '), str_from(argv[n + 1])))
			return 0;
		n++;
	}
	return n;
}

static const struct cli_row *
find_row(int argc, char **argv, int *words_out)
{
	size_t i;

	for (i = 0; i < n_cli_rows; i++) {
		*words_out = spells(cli_rows[i].verb, argc, argv);
		if (*words_out > 0)
			return &cli_rows[i];
	}
	return NULL;
}

/* "account" alone, or "account foo": which there are. */
static int
no_verb(struct cli *c, const char *word)
{
	struct str rest;
	struct buf b;
	int rc;

	buf_init(&b, 1024);
	for (size_t i = 0; i < n_cli_rows; i++) {
		rest = str_from(cli_rows[i].verb);
		if (str_eq(str_cut(&rest, ' '), str_from(word)) && rest.n)
			buf_addf(
			    &b, "%s" STR_FMT, b.n ? ", " : "", STR_ARG(rest));
	}
	if (b.n)
		rc = cli_usage(c, "\"%s\" wants one of: " STR_FMT, word,
		    STR_ARG(buf_str(&b)));
	else
		rc = cli_usage(
		    c, "there is no verb \"%s\" (mailstead help)", word);
	buf_release(&b);
	return rc;
}

bool
cli_open(struct cli *c, bool makes)
{
	const char *why = "";
	enum status st = target_open(c->config, makes, &c->target, &why);

	if (st != ST_OK)
		(void)cli_fail(c, "%s: %s", c->config->data, why);
	return st == ST_OK;
}

static int
run(struct cli *c)
{
	const char *why = "";
	enum status st;
	int rc;

	st = serve_settings(c->file, c->data, NULL, 0, &c->config, &why);
	if (st != ST_OK)
		return cli_fail(c, "%s", why);
	if (c->row->makes != CLI_LATER &&
	    !cli_open(c, c->row->makes == CLI_MAKES))
		return CLI_NOT_DONE;
	rc = c->row->run(c);
	target_close(&c->target);
	if (rc == CLI_DONE && c->json && c->out) {
		(void)json_dumpf(c->out, stdout,
		    JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
		(void)putchar('\n');
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		rc = cli_fail(c, "cannot write: %s", strerror(errno));
	return rc;
}

int
cli_main(int argc, char **argv)
{
	struct cli *c = mem_zalloc(sizeof(*c));
	int rc, words = 0;

	if (argc < 2) {
		help(stderr);
		rc = CLI_USAGE;
	} else if (strcmp(argv[1], "help") == 0 ||
	    strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(stdout);
		rc = CLI_DONE;
	} else if (strcmp(argv[1], "--version") == 0) {
		(void)printf("mailstead %s\n", VERSION);
		rc = CLI_DONE;
	} else if (!(c->row = find_row(argc, argv, &words))) {
		rc = no_verb(c, argv[1]);
	} else {
		rc = take_arguments(c, argc, argv, words + 1);
		if (rc == CLI_DONE)
			rc = run(c);
	}
	json_decref(c->out);
	config_free(&c->config);
	arena_release(&c->arena);
	free(c);
	return rc;
}

/* --- asking auth --- */

void
cli_request(struct buf *b, const char *verb)
{
	buf_init(b, 64 * 1024);
	record_str(b, "verb", str_from(verb));
}

bool
cli_admin(struct cli *c, const struct buf *request, struct str *answer_out)
{
	enum status st;
	struct buf b;

	buf_init(&b, 16 * 1024 * 1024);
	st = target_admin(c->target, buf_str(request), &b);
	if (st == ST_OK)
		*answer_out = arena_str(&c->arena, buf_str(&b));
	else
		(void)cli_fail(c, STR_FMT,
		    STR_ARG(b.n ? buf_str(&b) : str_from(status_text(st))));
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_release(&b);
	return st == ST_OK;
}

bool
cli_account(struct cli *c, struct str address, struct str *id_out,
    struct str *address_out)
{
	struct str answer;
	struct buf b;
	bool ok;

	cli_request(&b, "account.find");
	record_str(&b, "address", address);
	record_end(&b);
	ok = cli_admin(c, &b, &answer);
	buf_release(&b);
	if (!ok)
		return false;
	*id_out = record_get(answer, "id");
	*address_out = record_get(answer, "address");
	return true;
}

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
cli_ask(struct cli *c, struct buf *request, struct str *answer_out)
{
	bool ok;

	record_end(request);
	ok = cli_admin(c, request, answer_out);
	explicit_bzero(request->p, request->n);
	buf_release(request);
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

#include <errno.h>

#include "cli/cli_int.h"
#include "cli/target.h"
#include "daemon/serve.h"

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

static json_t *
row_json(const char *verb, const char *usage, const char *summary)
{
	return json_pack("{s:s, s:s, s:s}", "verb", verb, "usage", usage,
	    "summary", summary);
}

/* "help --json" */
static void
help_json(void)
{
	json_t *list = json_array();

	json_array_append_new(list,
	    row_json("serve", "[-o KEY=VALUE]...",
		"Run the server in the foreground"));
	for (size_t i = 0; i < n_cli_rows; i++)
		json_array_append_new(list,
		    row_json(cli_rows[i].verb, cli_rows[i].usage,
			cli_rows[i].summary));
	(void)json_dumpf(list, stdout, JSON_PRESERVE_ORDER);
	(void)fputc('\n', stdout);
	json_decref(list);
}

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
		if (argc > 2 && strcmp(argv[2], "--json") == 0)
			help_json();
		else
			help(stdout);
		rc = CLI_DONE;
	} else if (strcmp(argv[1], "--version") == 0) {
		(void)printf("mailstead %s\n", VERSION);
		rc = CLI_DONE;
	} else if (!(c->row = find_row(argc, argv, &words))) {
		rc = no_verb(c, argv[1]);
	} else {
		rc = cli_take_arguments(c, argc, argv, words + 1);
		if (rc == CLI_DONE)
			rc = run(c);
	}
	json_decref(c->out);
	config_free(&c->config);
	arena_release(&c->arena);
	free(c);
	return rc;
}

/* Options and words of a command line, as the row of its verb allows them. */
#include "cli/cli_int.h"

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

int
cli_take_arguments(struct cli *c, int argc, char **argv, int i)
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

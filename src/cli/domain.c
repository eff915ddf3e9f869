/* `mailstead domain add|list|set|remove` */
#include "cli/verbs.h"

/* A request about the domain in the first word. */
static bool
ask(struct cli *c, const char *verb, const char *key, struct str value,
    struct str *answer_out)
{
	struct buf b;
	bool ok;

	cli_request(&b, verb);
	if (c->n_words > 0)
		record_str(&b, "domain", c->words[0]);
	if (key)
		record_str(&b, key, value);
	record_end(&b);
	ok = cli_admin(c, &b, answer_out);
	buf_release(&b);
	return ok;
}

static int
answer_one(struct cli *c, struct str answer, const char *what)
{
	cli_json_one(c, answer);
	cli_say(c, "Domain " STR_FMT " %s.",
	    STR_ARG(record_get(answer, "unicode")), what);
	return CLI_DONE;
}

int
cli_domain_add(struct cli *c)
{
	struct str answer;

	if (!ask(c, "domain.add", NULL, S(""), &answer))
		return CLI_NOT_DONE;
	return answer_one(c, answer, "added");
}

int
cli_domain_list(struct cli *c)
{
	struct str answer;

	if (!ask(c, "domain.list", NULL, S(""), &answer))
		return CLI_NOT_DONE;
	cli_json_all(c, answer);
	cli_table(
	    c, answer, "unicode:DOMAIN accounts:ACCOUNTS catch_all:CATCH-ALL");
	return CLI_DONE;
}

int
cli_domain_set(struct cli *c)
{
	const char *to = cli_option(c, "catch-all");
	bool none = cli_option(c, "no-catch-all") != NULL;
	struct str answer;

	if ((to != NULL) == none)
		return cli_usage(c, "say --catch-all or --no-catch-all");
	if (!ask(c, "domain.set", "catch_all", none ? S("") : str_from(to),
		&answer))
		return CLI_NOT_DONE;
	return answer_one(c, answer, "changed");
}

int
cli_domain_remove(struct cli *c)
{
	struct str answer;

	if (!ask(c, "domain.remove", NULL, S(""), &answer))
		return CLI_NOT_DONE;
	return answer_one(c, answer, "removed");
}

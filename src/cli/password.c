/* `mailstead password` and `mailstead app-password add|list|revoke` */
#include "cli/verbs.h"

int
cli_password(struct cli *c)
{
	struct str answer;
	struct buf b;

	cli_request(&b, "password.set");
	record_str(&b, "address", c->words[0]);
	if (!cli_add_password(c, &b) || !cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	cli_say(c, "Password of " STR_FMT " changed.",
	    STR_ARG(record_get(answer, "address")));
	cli_say_password(c, answer);
	return CLI_DONE;
}

static bool
begin(struct cli *c, const char *verb, struct buf *b)
{
	const char *name = cli_option(c, "name");

	if (!name)
		return false;
	cli_request(b, verb);
	record_str(b, "address", c->words[0]);
	record_str(b, "name", str_from(name));
	return true;
}

int
cli_app_password_add(struct cli *c)
{
	const char *role = cli_option(c, "for");
	struct str answer;
	struct buf b;

	if (!begin(c, "app.add", &b))
		return cli_usage(c, "--name says what it is for");
	if (role)
		record_str(&b, "role", str_from(role));
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	cli_say_password(c, answer);
	return CLI_DONE;
}

int
cli_app_password_list(struct cli *c)
{
	struct str answer;
	struct buf b;

	cli_request(&b, "app.list");
	record_str(&b, "address", c->words[0]);
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	cli_json_all(c, answer);
	cli_table(c, answer,
	    "name:NAME created:CREATED used:LAST-USED "
	    "suspended:SUSPENDED role:FOR");
	return CLI_DONE;
}

int
cli_app_password_revoke(struct cli *c)
{
	struct str answer;
	struct buf b;

	if (!begin(c, "app.revoke", &b))
		return cli_usage(c, "--name says which");
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	cli_say(c, "App password \"" STR_FMT "\" revoked.",
	    STR_ARG(record_get(answer, "name")));
	return CLI_DONE;
}

int
cli_resume(struct cli *c)
{
	struct str answer;
	struct buf b;

	cli_request(&b, "resume");
	record_str(&b, "address", c->words[0]);
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	if (record_number(answer, "resumed") == 0)
		cli_say(c, "No password of " STR_FMT " is suspended.",
		    STR_ARG(record_get(answer, "address")));
	else
		cli_say(c, "%llu password(s) of " STR_FMT " let in again.",
		    (unsigned long long)record_number(answer, "resumed"),
		    STR_ARG(record_get(answer, "address")));
	return CLI_DONE;
}

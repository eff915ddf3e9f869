/* `mailstead status` */
#include "cli/space.h"
#include "cli/verbs.h"

enum { STATUS_ACCOUNTS = 200 };

int
cli_status(struct cli *c)
{
	bool online = target_online(c->target);
	struct str answer;
	struct buf b;
	bool ok;

	cli_request(&b, "status");
	record_end(&b);
	ok = cli_admin(c, &b, &answer);
	buf_release(&b);
	if (!ok)
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	json_object_set_new(c->out, "running", json_boolean(online));
	json_object_set_new(c->out, "version", json_string(VERSION));
	json_object_set_new(
	    c->out, "data", cli_json_str(str_from(c->config->data)));
	cli_say(c, "Mailstead %s, data in %s", VERSION, c->config->data);
	cli_say(c, "The server %s.", online ? "runs" : "does not run");
	cli_say(c, "%llu accounts in %llu domains",
	    (unsigned long long)record_number(answer, "accounts"),
	    (unsigned long long)record_number(answer, "domains"));
	/* Each account has to be opened for it. */
	if (cli_option(c, "space") ||
	    record_number(answer, "accounts") <= STATUS_ACCOUNTS) {
		if (space_all(c) != ST_OK)
			return CLI_NOT_DONE;
	} else {
		cli_say(c, "What each of them takes: mailstead status --space");
	}
	return CLI_DONE;
}

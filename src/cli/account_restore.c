/* `mailstead account restore`: an account that was removed comes back (S33). */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/mail.h"
#include "cli/removed.h"
#include "cli/verbs.h"

static int
not_there(struct cli *c, struct str address)
{
	return cli_fail(c,
	    "no removed account " STR_FMT " is kept (history.retention)",
	    STR_ARG(address));
}

/* What the directory knew of it, under another address when asked. */
static bool
back_into_directory(struct cli *c, const struct removed *r, struct str *answer)
{
	const char *as = cli_option(c, "as");
	struct str password;
	struct buf b;
	bool ok;

	cli_request(&b, "account.restore");
	record_str(&b, "address",
	    as ? str_from(as) : record_get(r->record, "address"));
	record_str(&b, "id", record_get(r->record, "id"));
	record_u64(&b, "quota", record_number(r->record, "quota"));
	record_bool(&b, "imap", record_number(r->record, "imap") != 0);
	record_bool(&b, "pop3", record_number(r->record, "pop3") != 0);
	record_time(
	    &b, "created", (int64_t)record_number(r->record, "created"));
	record_list(&b, "aliases", record_get(r->record, "aliases"));
	record_list(&b, "roles_then", record_get(r->record, "roles_then"));
	record_list(&b, "members_then", record_get(r->record, "members_then"));
	if (cli_option(c, "password-stdin")) {
		if (!cli_read_password(c, &password)) {
			buf_release(&b);
			return false;
		}
		record_str(&b, "password", password);
	}
	record_end(&b);
	ok = cli_admin(c, &b, answer);
	explicit_bzero(b.p, b.n);
	buf_release(&b);
	return ok;
}

static enum status
folder_back(struct mail *m, const struct removed *r)
{
	struct str ignored;
	struct buf b;
	enum status st;

	buf_init(&b, 4096);
	mail_ask(&b, MAIL_OP_BRING_BACK, m->id, m->address);
	wire_put_str(&b, r->name);
	st = mail_ask_run(m, &b, &ignored);
	buf_release(&b);
	/* Cut short behind this step the last time. */
	return st == ST_EXISTS ? ST_OK : st;
}

int
cli_account_restore(struct cli *c)
{
	struct mail m = {.c = c};
	struct removed r;
	struct str answer, ignored;
	enum status st;
	struct buf b;
	bool ok;

	if (!removed_find(c, c->words[0], &r))
		return not_there(c, c->words[0]);
	if (!back_into_directory(c, &r, &answer))
		return CLI_NOT_DONE;
	m.id = record_get(answer, "id");
	m.address = record_get(answer, "address");
	if ((st = folder_back(&m, &r)) != ST_OK)
		return cli_fail(c,
		    "the mail cannot be brought back from removed/" STR_FMT
		    ": %s",
		    STR_ARG(r.name), status_text(st));
	cli_request(&b, "account.ready");
	record_str(&b, "id", m.id);
	record_end(&b);
	ok = cli_admin(c, &b, &ignored);
	buf_release(&b);
	if (!ok)
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	cli_say(c, "Account " STR_FMT " restored.", STR_ARG(m.address));
	if (record_has(answer, "password"))
		cli_say(c, "New password: " STR_FMT,
		    STR_ARG(record_get(answer, "password")));
	if (record_get(answer, "aliases_taken").n)
		cli_say(c, "Aliases that others have by now: " STR_FMT,
		    STR_ARG(record_get(answer, "aliases_taken")));
	if (record_get(answer, "members_gone").n)
		cli_say(c,
		    "Of its memberships, those with accounts that are gone did "
		    "not come back: " STR_FMT,
		    STR_ARG(record_get(answer, "members_gone")));
	return CLI_DONE;
}

/* `mailstead account add|show|list|set|remove` */
#include <unistd.h>

#include "auth/address.h"
#include "cli/mail.h"
#include "cli/space.h"
#include "cli/verbs.h"

enum { REMOVE_TRIES = 50, REMOVE_WAIT_US = 100 * 1000 };

static struct str
readable(struct cli *c, struct str address)
{
	return address_readable(address, &c->arena);
}

/* --- add --- */

/*
 * Three steps, of which the last lets mail and people in: what is cut short
 * between them can be added again.
 */
int
cli_account_add(struct cli *c)
{
	struct str answer, ignored;
	struct mail m = {.c = c};
	enum status st;
	struct buf b;

	cli_request(&b, "account.begin");
	record_str(&b, "address", c->words[0]);
	if (!cli_add_password(c, &b) || !cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	m.id = record_get(answer, "id");
	m.address = record_get(answer, "address");
	st = mail_run(&m, MAIL_OP_MAKE, &ignored);
	if (st != ST_OK && st != ST_EXISTS)
		return cli_fail(c, "the account's folder cannot be made: %s",
		    status_text(st));
	cli_request(&b, "account.ready");
	record_str(&b, "id", m.id);
	if (!cli_ask(c, &b, &ignored))
		return CLI_NOT_DONE;
	cli_json_one(c, answer);
	cli_say(
	    c, "Account " STR_FMT " added.", STR_ARG(readable(c, m.address)));
	cli_say_password(c, answer);
	return CLI_DONE;
}

/* --- show and list --- */

static void
say_field(struct cli *c, const char *title, struct str text)
{
	if (text.n > 0)
		cli_say(c, "%-10s " STR_FMT, title, STR_ARG(text));
}

static void
say_list(struct cli *c, const char *title, struct str texts)
{
	struct wire w = wire_of(texts);

	while (wire_ok(&w) && !wire_end(&w))
		say_field(c, title, wire_str(&w));
}

static void
say_usage(struct cli *c, struct str answer, const struct account_usage *u)
{
	uint64_t quota = record_number(answer, "quota");
	struct buf b;

	buf_init(&b, 200);
	buf_addf(&b, "%llu, ", (unsigned long long)u->messages);
	cli_size(u->bytes, &b);
	if (quota > 0) {
		buf_addz(&b, " of ");
		cli_size(quota, &b);
	}
	say_field(c, "Messages", buf_str(&b));
	buf_release(&b);
}

int
cli_account_show(struct cli *c)
{
	struct account_usage u = {0};
	struct str answer, usage;
	struct mail m;
	enum status st;
	struct buf b;

	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	cli_request(&b, "account.show");
	record_str(&b, "address", m.address);
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	st = mail_run(&m, MAIL_OP_USAGE, &usage);
	if (st == ST_OK)
		st = mail_answer_usage(usage, &u);
	if (st != ST_OK)
		return cli_fail(
		    c, "the account cannot be read: %s", status_text(st));
	cli_json_one(c, answer);
	json_object_set_new(
	    c->out, "messages", json_integer((json_int_t)u.messages));
	json_object_set_new(c->out, "bytes", json_integer((json_int_t)u.bytes));
	json_object_set_new(c->out, "space", space_json(c, &u));
	buf_init(&b, 64);
	cli_time((int64_t)record_number(answer, "created"), &b);
	say_field(c, "Address", readable(c, m.address));
	say_list(c, "Alias", record_get(answer, "aliases"));
	say_list(c, "Member", record_get(answer, "members"));
	say_usage(c, answer, &u);
	space_say(c, &u);
	say_field(
	    c, "IMAP", record_number(answer, "imap") ? S("on") : S("off"));
	say_field(
	    c, "POP3", record_number(answer, "pop3") ? S("on") : S("off"));
	say_field(c, "Created", buf_str(&b));
	if (record_number(answer, "past_until") > 0) {
		buf_clear(&b);
		cli_time((int64_t)record_number(answer, "past_until"), &b);
		say_field(c, "Past until", buf_str(&b));
	}
	say_field(c, "Folder", m.id);
	buf_release(&b);
	return CLI_DONE;
}

int
cli_account_list(struct cli *c)
{
	struct str answer;
	struct buf b;

	cli_request(&b, "account.list");
	if (c->n_words > 0)
		record_str(&b, "domain", c->words[0]);
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	cli_json_all(c, answer);
	cli_table(c, answer,
	    "unicode:ADDRESS imap:IMAP pop3:POP3 created:CREATED "
	    "aliases:ALIASES");
	return CLI_DONE;
}

/* --- set --- */

static int
add_switch(struct cli *c, struct buf *b, const char *name)
{
	const char *v = cli_option(c, name);

	if (!v)
		return CLI_DONE;
	if (strcmp(v, "on") != 0 && strcmp(v, "off") != 0)
		return cli_usage(c, "--%s is on or off", name);
	record_bool(b, name, strcmp(v, "on") == 0);
	return CLI_DONE;
}

static void
add_texts(
    const struct cli *c, struct buf *b, const char *option, const char *key)
{
	struct buf list;
	size_t i;

	buf_init(&list, 64 * 1024);
	for (i = 0; i < c->n_given; i++)
		if (strcmp(c->given[i].name, option) == 0)
			wire_put_str(&list, str_from(c->given[i].value));
	if (list.n > 0)
		record_list(b, key, buf_str(&list));
	buf_release(&list);
}

/* The directory shows the quota, the account's history enforces it. */
static enum status
set_quota(struct cli *c, struct str answer)
{
	struct change change = {
	    .kind = CHANGE_QUOTA, .quota = record_number(answer, "quota")};
	struct changed changed;
	struct mail m = {.c = c,
	    .id = record_get(answer, "id"),
	    .address = record_get(answer, "address")};

	return mail_change(&m, &change, &changed);
}

static int
fill_set(struct cli *c, struct buf *b)
{
	const char *quota = cli_option(c, "quota");
	uint64_t bytes = 0;
	int rc;

	cli_request(b, "account.set");
	record_str(b, "address", c->words[0]);
	if (quota && strcmp(quota, "none") != 0 &&
	    !str_to_size(str_from(quota), &bytes))
		return cli_usage(c, "\"%s\" is not a size", quota);
	if (quota)
		record_u64(b, "quota", bytes);
	if ((rc = add_switch(c, b, "imap")) != CLI_DONE ||
	    (rc = add_switch(c, b, "pop3")) != CLI_DONE ||
	    (rc = add_switch(c, b, "past")) != CLI_DONE)
		return rc;
	add_texts(c, b, "alias", "add_aliases");
	add_texts(c, b, "no-alias", "remove_aliases");
	add_texts(c, b, "member", "add_members");
	add_texts(c, b, "no-member", "remove_members");
	return CLI_DONE;
}

int
cli_account_set(struct cli *c)
{
	struct str answer;
	enum status st;
	struct buf b;
	int rc;

	if (c->n_given == 0)
		return cli_usage(c, "nothing to set");
	rc = fill_set(c, &b);
	if (rc != CLI_DONE) {
		buf_release(&b);
		return rc;
	}
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	if (cli_option(c, "quota") && (st = set_quota(c, answer)) != ST_OK)
		return cli_fail(
		    c, "the quota cannot be set: %s", status_text(st));
	cli_json_one(c, answer);
	cli_say(c, "Account " STR_FMT " changed.",
	    STR_ARG(readable(c, record_get(answer, "address"))));
	return CLI_DONE;
}

/* --- remove --- */

/* Into removed/, with what the directory knew of it. */
static enum status
move_away(struct mail *m, struct str record)
{
	enum status st = ST_BUSY;
	struct str ignored;
	struct buf b;

	buf_init(&b, MAIL_ASK_MAX);
	mail_ask(&b, MAIL_OP_REMOVE, m->id, m->address);
	wire_put_str(&b, record);
	/* Its sessions are being ended; the folder can go when they have. */
	for (int i = 0; i < REMOVE_TRIES && st == ST_BUSY; i++) {
		if (i > 0)
			usleep(REMOVE_WAIT_US);
		st = mail_ask_run(m, &b, &ignored);
	}
	buf_release(&b);
	return st;
}

int
cli_account_remove(struct cli *c)
{
	struct str answer;
	enum status st;
	struct mail m = {.c = c};
	struct buf b;

	cli_request(&b, "account.remove");
	record_str(&b, "address", c->words[0]);
	if (!cli_ask(c, &b, &answer))
		return CLI_NOT_DONE;
	m.id = record_get(answer, "id");
	m.address = record_get(answer, "address");
	st = move_away(&m, answer);
	if (st != ST_OK && st != ST_NOT_FOUND)
		return cli_fail(c,
		    "the account is gone, but its folder " STR_FMT
		    " cannot be moved to removed/: %s",
		    STR_ARG(m.id), status_text(st));
	cli_json_one(c, answer);
	cli_say(
	    c, "Account " STR_FMT " removed.", STR_ARG(readable(c, m.address)));
	return CLI_DONE;
}

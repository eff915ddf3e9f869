/* `mailstead check` */
#include <sys/stat.h>

#include "cli/recover.h"
#include "cli/target.h"
#include "cli/verbs.h"
#include "store/proof.h"
#include "store/repair.h"

struct checking {
	struct cli *c;
	struct str address; /* of the account that is looked at */
	const char *backup; /* or the folder of one */
	bool named;         /* names are known */
	struct map names;   /* of its accounts, by their folders */
	bool repair;
	uint64_t lost;
};

/* Whose folder in a backup it is; they are read when the first is asked for. */
static const struct str *
name_of(struct checking *k, struct str where)
{
	if (!k->named)
		recovery_names(k->c, k->backup, &k->names);
	k->named = true;
	return map_get(&k->names, where);
}

static void
say(void *ctx, struct str where, struct str what, const char *event)
{
	struct checking *k = ctx;
	const struct str *name;

	if (k->address.n)
		where = k->address;
	else if (k->backup && (name = name_of(k, where)) != NULL)
		where = arena_printf(&k->c->arena, STR_FMT " (" STR_FMT ")",
		    STR_ARG(where), STR_ARG(*name));
	cli_progress_end(k->c);
	cli_say(k->c, STR_FMT ": " STR_FMT, STR_ARG(where), STR_ARG(what));
	if (k->c->json)
		cli_json_line(json_pack("{s:s, s:o, s:o}", "event", event,
		    "where", cli_json_str(where), "what", cli_json_str(what)));
}

static void
found(void *ctx, struct str where, struct str what)
{
	say(ctx, where, what, "found");
}

static void
note(void *ctx, struct str where, struct str what)
{
	say(ctx, where, what, "note");
}

static void
progress(void *ctx, uint64_t bytes, uint64_t all)
{
	struct cli *c = ((struct checking *)ctx)->c;

	if (all)
		cli_bar(c, "check", bytes, all);
	else
		cli_progress(c, "bytes", bytes);
	if (c->json && cli_due(c))
		cli_json_line(json_pack("{s:s, s:I, s:I}", "event", "progress",
		    "bytes", (json_int_t)bytes, "bytes_all", (json_int_t)all));
}

static int
report(struct checking *k, const struct proof_result *r)
{
	struct cli *c = k->c;

	cli_progress_end(c);
	if (c->json)
		cli_json_line(json_pack(
		    "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		    "event", "done", "accounts", (json_int_t)r->accounts,
		    "files", (json_int_t)r->files, "bytes",
		    (json_int_t)r->bytes, "mailboxes", (json_int_t)r->mailboxes,
		    "entries", (json_int_t)r->entries, "messages",
		    (json_int_t)r->messages, "records", (json_int_t)r->records,
		    "found", (json_int_t)r->found, "lost",
		    (json_int_t)k->lost));
	cli_say(c, "%llu accounts, %llu messages looked at; %s",
	    (unsigned long long)r->accounts, (unsigned long long)r->messages,
	    r->found ? "see above for what is wrong" : "all is well");
	if (r->found == 0 && k->lost == 0)
		return CLI_DONE;
	if (r->found == 0)
		return cli_fail(c, "repaired, but some was lost");
	return cli_fail(c, "%llu %s found", (unsigned long long)r->found,
	    r->found == 1 ? "fault" : "faults");
}

static int
check_backup(struct checking *k, const struct proof_host *host)
{
	struct cli *c = k->c;
	struct proof_result r;
	enum status st;
	struct buf why;
	int rc;

	k->backup = c->words[0].p;
	buf_init(&why, 8192);
	st = proof_backup(c->words[0].p, host, &r, &why);
	rc = st == ST_OK ? report(k, &r)
			 : cli_fail(c, STR_FMT, STR_ARG(buf_str(&why)));
	buf_release(&why);
	map_release(&k->names);
	return rc;
}

/* One that cannot even be opened is a fault that was found, too. */
static void
look(struct checking *k, struct str id, const struct proof_host *host,
    struct proof_result *r)
{
	enum status st = target_hold(k->c->target, id, false);

	if (st == ST_OK || st == ST_CORRUPT || st == ST_IO || st == ST_READONLY)
		st = proof_account(k->c->config->data, id, host, r);
	if (st != ST_OK) {
		r->found++;
		found(k, id, str_from(status_text(st)));
	}
	target_release(k->c->target);
}

static void
did(void *ctx, struct str what)
{
	say(ctx, S(""), what, "repaired");
}

static void
lost(void *ctx, struct str what)
{
	struct checking *k = ctx;
	struct buf b;

	k->lost++;
	buf_init(&b, 8192);
	buf_addz(&b, "lost: ");
	buf_adds(&b, what);
	say(ctx, S(""), buf_str(&b), "lost");
	buf_release(&b);
}

/* Its owner closes it and stays away meanwhile. */
static enum status
mend(struct checking *k, struct str id)
{
	struct repair_host host = {k, did, lost};
	struct cli_target *t = k->c->target;
	struct store *s = NULL;
	enum status st = target_hold(t, id, true);

	if (st == ST_OK)
		st = target_own(t, &s);
	if (st == ST_OK)
		st = repair_account(s, id, &host);
	store_close(&s);
	target_release(t);
	return st;
}

static void
check_account(struct checking *k, struct str id, const struct proof_host *host,
    struct proof_result *r)
{
	uint64_t before = r->found;
	struct proof_result fresh = {0};
	enum status st;

	look(k, id, host, r);
	if (r->found == before || !k->repair)
		return;
	st = mend(k, id);
	if (st != ST_OK) {
		(void)cli_fail(k->c, STR_FMT ": not repaired: %s",
		    STR_ARG(k->address),
		    st == ST_BUSY ? "it is in use, try again"
				  : status_text(st));
		return;
	}
	/* What is left is what counts. */
	look(k, id, host, &fresh);
	r->found = before + fresh.found;
}

static int
check_accounts(struct checking *k, const struct proof_host *host)
{
	struct cli *c = k->c;
	struct proof_result r = {0};
	struct str answer, one;
	struct buf b;
	bool ok;

	cli_request(&b, c->n_words ? "account.show" : "account.list");
	if (c->n_words)
		record_str(&b, "address", c->words[0]);
	record_end(&b);
	ok = cli_admin(c, &b, &answer);
	buf_release(&b);
	if (!ok)
		return CLI_NOT_DONE;
	while (record_take(&answer, &one)) {
		k->address = record_get(one, "address");
		check_account(k, record_get(one, "id"), host, &r);
	}
	return report(k, &r);
}

static bool
is_folder(struct str word)
{
	struct stat sb;

	return str_find(word, '/') != SIZE_MAX ||
	    (stat(word.p, &sb) == 0 && S_ISDIR(sb.st_mode));
}

int
cli_check(struct cli *c)
{
	struct checking k = {.c = c};
	struct proof_host host = {&k, found, note, progress};

	if (c->n_words && is_folder(c->words[0])) {
		if (cli_option(c, "repair"))
			return cli_usage(c,
			    "a backup is not repaired: make "
			    "a new one");
		return check_backup(&k, &host);
	}
	k.repair = cli_option(c, "repair") != NULL;
	if (!cli_open(c, false))
		return CLI_NOT_DONE;
	return check_accounts(&k, &host);
}

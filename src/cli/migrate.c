/* `mailstead migrate ADDRESS imap://USER@HOST [--pop3 pop3://USER@HOST] ...` */
#include "cli/migrate.h"

#include <unistd.h>

#include "cli/verbs.h"
#include "store/message.h"

/* --- what is here --- */

static enum status
ask(struct migration *m, const struct buf *request, struct buf *answer)
{
	buf_clear(answer);
	return target_mail(
	    m->c->target, m->im.mail.id, buf_str(request), -1, answer);
}

static enum status
load_known(struct migration *m)
{
	struct buf request, answer;
	enum status st;
	uint64_t from = 0;

	buf_init(&request, 4096);
	buf_init(&answer, MAIL_OP_ANSWER);
	do {
		struct str ids;

		buf_clear(&request);
		mail_ask(&request, MAIL_OP_EMAILIDS, m->im.mail.id,
		    m->im.mail.address);
		mail_ask_emailids(&request, from);
		st = ask(m, &request, &answer);
		if (st == ST_OK)
			st =
			    mail_answer_emailids(buf_str(&answer), &ids, &from);
		for (size_t i = 0; st == ST_OK && i < ids.n;
		     i += INCOMING_EMAILID)
			(void)map_set(
			    &m->known, str_of(ids.p + i, INCOMING_EMAILID), m);
	} while (st == ST_OK && from > 0);
	buf_release(&request);
	buf_release(&answer);
	return st;
}

struct from {
	struct migration *m;
	uint64_t mailbox;
};

static enum status
note_entry(void *ctx, const struct mail_entry *e)
{
	struct from *from = ctx;
	struct arena *a = &from->m->c->arena;
	struct migrate_entry *mine = ARENA_NEW(a, struct migrate_entry);

	*mine = (struct migrate_entry){
	    from->mailbox, e->uid, arena_str(a, e->flags)};
	(void)map_set(&from->m->entries, e->emailid, mine);
	return ST_OK;
}

static enum status
load(struct migration *m)
{
	enum status st = load_known(m);
	struct mailbox *list;
	size_t n = 0;

	if (st == ST_OK && m->with_flags)
		st = mail_list(&m->im.mail, &list, &n);
	for (size_t i = 0; i < n && st == ST_OK; i++)
		if (list[i].selectable) {
			struct from from = {m, list[i].id};

			st = mail_entries(
			    &m->im.mail, list[i].id, note_entry, &from);
		}
	return st == ST_OK
	    ? ST_OK
	    : import_fail(&m->im, st, "the account cannot be read: %s",
		  status_text(st));
}

/* --- the run --- */

static enum status
connect_again(struct migration *m)
{
	enum status st;

	imap_client_close(&m->client);
	buf_clear(&m->im.why);
	st = imap_client_open(&m->imap, &m->client, &m->im.why);
	if (st != ST_OK)
		m->im.failed = st;
	return st;
}

/* A folder; after a break of the connection it goes on where it was. */
static enum status
folder(struct migration *m, size_t i)
{
	unsigned tries = 0;
	enum status st;

	for (;;) {
		uint64_t already = m->already;

		m->progress = false;
		st = m->client ? migrate_folder(m, &m->folders[i], m->names[i])
			       : ST_CLOSED;
		if (st != ST_CLOSED || m->im.failed != ST_OK)
			return st;
		m->already = already;
		tries = m->progress ? 0 : tries + 1;
		if (tries >= MIGRATE_TRIES)
			return import_fail(&m->im, st,
			    "the connection to the former server breaks again"
			    " and again in \"" STR_FMT
			    "\"; the next run goes on from here",
			    STR_ARG(m->folders[i].name));
		(void)sleep(tries);
		st = connect_again(m);
		if (st == ST_CLOSED && tries + 1 < MIGRATE_TRIES)
			m->im.failed = ST_OK; /* once more */
		else if (st != ST_OK)
			return st;
	}
}

static void
tell_uidls(void *ctx, uint64_t done)
{
	cli_progress(ctx, "unique-ids read", done);
}

static enum status
prepare(struct migration *m)
{
	struct cli *c = m->c;
	enum status st;

	if ((st = load(m)) != ST_OK)
		return st;
	if (m->pop3.host.n > 0) {
		st = uidls_load(&m->pop3, tell_uidls, c, &m->uidls, &m->im.why);
		cli_progress_end(c);
	}
	if (st == ST_OK)
		st = imap_client_open(&m->imap, &m->client, &m->im.why);
	if (st == ST_OK) {
		st = imap_client_folders(
		    m->client, &c->arena, &m->folders, &m->n_folders);
		if (st != ST_OK)
			buf_addf(&m->im.why,
			    "the former server does not list its folders: %s",
			    status_text(st));
	}
	if (st == ST_OK)
		st = migrate_names(m);
	if (st != ST_OK && m->im.failed == ST_OK)
		m->im.failed = st;
	return st;
}

static void
report(struct migration *m, uint64_t folders)
{
	struct cli *c = m->c;

	c->out = json_pack("{s:o,s:I,s:I,s:I,s:I,s:I}", "address",
	    cli_json_str(m->im.mail.address), "folders", (json_int_t)folders,
	    "migrated", (json_int_t)m->im.done, "already",
	    (json_int_t)m->already, "flagged", (json_int_t)m->flagged,
	    "unreadable", (json_int_t)m->unreadable);
	cli_say(c,
	    "%llu messages of %llu folders migrated; %llu were there already.",
	    (unsigned long long)m->im.done, (unsigned long long)folders,
	    (unsigned long long)m->already);
	if (m->flagged > 0)
		cli_say(c, "Flags of %llu messages brought up to date.",
		    (unsigned long long)m->flagged);
	if (m->uidls && m->without_uidl > 0)
		cli_say(c,
		    "%llu messages have no unique-id on the POP3 server: its"
		    " clients will download them again.",
		    (unsigned long long)m->without_uidl);
}

static int
run(struct migration *m)
{
	enum status st = prepare(m), end;
	uint64_t folders = 0;

	for (size_t i = 0; i < m->n_folders && st == ST_OK; i++)
		if (m->folders[i].selectable) {
			st = folder(m, i);
			folders += st == ST_OK;
		}
	end = target_wait(m->c->target);
	cli_progress_end(m->c);
	if (st == ST_OK)
		st = end;
	if (st != ST_OK && m->im.failed == ST_OK)
		(void)import_fail(&m->im, st, "%s", status_text(st));
	if (m->im.failed != ST_OK)
		return cli_fail(m->c, STR_FMT " (%llu messages were migrated)",
		    STR_ARG(buf_str(&m->im.why)),
		    (unsigned long long)m->im.done);
	report(m, folders);
	if (m->unreadable > 0)
		return cli_fail(m->c,
		    "%llu messages could not be read from the former server"
		    " (" STR_FMT "); run it once more to try them again",
		    (unsigned long long)m->unreadable,
		    STR_ARG(buf_str(&m->lost)));
	return CLI_DONE;
}

/* --- the command line --- */

static bool
server(struct migration *m, struct str url, bool pop3, struct mail_server *out)
{
	struct cli *c = m->c;

	if (mail_server_parse(url, &c->arena, out) != ST_OK ||
	    out->pop3 != pop3) {
		(void)cli_usage(c,
		    STR_FMT " is not %s://USER@HOST (an @ in the user"
			    " name is written %%40)",
		    STR_ARG(url), pop3 ? "pop3s" : "imaps");
		return false;
	}
	out->unverified = cli_option(c, "unverified") != NULL;
	out->cleartext = cli_option(c, "cleartext") != NULL;
	return true;
}

static int
with_account(struct migration *m)
{
	struct str password;

	if (!mail_open(m->c, &m->im.mail) ||
	    !cli_ask_password(
		m->c, "Password on the former server: ", &password))
		return CLI_NOT_DONE;
	m->imap.password = m->pop3.password = password;
	return run(m);
}

int
cli_migrate(struct cli *c)
{
	const char *pop3 = cli_option(c, "pop3");
	struct migration *m = mem_zalloc(sizeof(*m));
	int rc = CLI_USAGE;

	m->c = m->im.c = c;
	m->im.all = true; /* EMAILIDs tell what is here */
	m->with_flags = cli_option(c, "flags") != NULL;
	buf_init(&m->im.why, 4096);
	buf_init(&m->im.header, IMPORT_HEADER);
	buf_init(&m->lost, 4096);
	if (server(m, c->words[1], false, &m->imap) &&
	    (!pop3 || server(m, str_from(pop3), true, &m->pop3)))
		rc = with_account(m);
	imap_client_close(&m->client);
	uidls_free(&m->uidls);
	map_release(&m->known);
	map_release(&m->entries);
	import_folders_release(&m->im);
	uidset_release(&m->wanted);
	buf_release(&m->im.why);
	buf_release(&m->im.header);
	buf_release(&m->lost);
	free(m);
	return rc;
}

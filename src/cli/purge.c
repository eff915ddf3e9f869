/* `mailstead purge`: legal erasure. */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/past.h"
#include "cli/removed.h"
#include "cli/verbs.h"
#include "store/purge.h"

struct purging {
	struct cli *c;
	struct str address, id;
	json_t *messages, *files;
	int record; /* DATA/purged.log */
};

static void
note(struct purging *p, struct str line)
{
	/* Lost when the disk is full: what goes, goes. */
	if (write(p->record, line.p, line.n) != (ssize_t)line.n)
		(void)cli_fail(p->c, "DATA/purged.log cannot be written");
}

static void
message(void *ctx, const struct message *m)
{
	struct purging *p = ctx;
	struct buf b, date;

	buf_init(&b, 1024);
	buf_init(&date, 64);
	cli_time(m->internaldate_ms, &date);
	buf_addf(&b,
	    "%lld purged account=" STR_FMT " address=" STR_FMT
	    " emailid=%s bytes=%llu received=%lld\n",
	    (long long)clock_wall(&clock_system) / 1000, STR_ARG(p->id),
	    STR_ARG(p->address), m->emailid, (unsigned long long)m->size,
	    (long long)(m->internaldate_ms / 1000));
	note(p, buf_str(&b));
	json_array_append_new(p->messages,
	    json_pack("{s:s, s:I, s:o}", "emailid", m->emailid, "bytes",
		(json_int_t)m->size, "received",
		past_time_json(m->internaldate_ms)));
	cli_say(p->c, "%s  %llu bytes  received " STR_FMT, m->emailid,
	    (unsigned long long)m->size, STR_ARG(buf_str(&date)));
	buf_release(&date);
	buf_release(&b);
}

static void
file(void *ctx, struct str name)
{
	struct purging *p = ctx;
	struct buf b;

	buf_init(&b, 1024);
	buf_addf(&b,
	    "%lld purged account=" STR_FMT " address=" STR_FMT " file=" STR_FMT
	    "\n",
	    (long long)clock_wall(&clock_system) / 1000, STR_ARG(p->id),
	    STR_ARG(p->address), STR_ARG(name));
	note(p, buf_str(&b));
	json_array_append_new(p->files, cli_json_str(name));
	cli_say(p->c, STR_FMT ": removed, as nobody can tell what is in it",
	    STR_ARG(name));
	buf_release(&b);
}

/* NULL: it is said what to purge. */
static const char *
read_what(struct cli *c, struct purge_what *out)
{
	const char *folder = cli_option(c, "folder");
	const char *uid = cli_option(c, "uid");
	const char *message_id = cli_option(c, "message-id");
	bool all = cli_option(c, "all") != NULL;
	bool removed = cli_option(c, "removed") != NULL;

	if ((folder != NULL) + (message_id != NULL) + all + removed != 1)
		return "one of --folder, --message-id, --all and --removed is "
		       "needed";
	if (uid && !folder)
		return "--uid needs --folder";
	*out = (struct purge_what){.all = all};
	if (folder)
		out->folder = str_from(folder);
	if (message_id)
		out->message_id = str_from(message_id);
	for (struct str rest = uid ? str_from(uid) : S(""), word; rest.n;) {
		uint32_t first, last;

		word = str_cut(&rest, ',');
		if (!str_to_u32(str_cut(&word, ':'), &first) || first == 0)
			return "--uid is like 5 or 3:8,12";
		last = first;
		if (word.n && (!str_to_u32(word, &last) || last < first))
			return "--uid is like 5 or 3:8,12";
		uidset_add(&out->uids, first, last);
	}
	return NULL;
}

/* True: go on. */
static bool
may(struct cli *c, size_t n_messages, struct str address)
{
	char answer[16];
	ssize_t n;

	if (cli_option(c, "yes"))
		return true;
	if (!isatty(STDIN_FILENO)) {
		(void)cli_fail(c, "%zu messages would be purged; --yes does it",
		    n_messages);
		return false;
	}
	fprintf(stderr,
	    "%zu messages of " STR_FMT " will be gone for good, from the past "
	    "as well. Type \"purge\": ",
	    n_messages, STR_ARG(address));
	n = read(STDIN_FILENO, answer, sizeof(answer));
	if (n > 0 && str_eq(str_trim(str_of(answer, (size_t)n)), S("purge")))
		return true;
	(void)cli_fail(c, "nothing was purged");
	return false;
}

static int
open_record(struct purging *p)
{
	struct buf path;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/purged.log", p->c->config->data);
	p->record = open(path.p,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	buf_release(&path);
	return p->record < 0
	    ? cli_fail(p->c, "DATA/purged.log cannot be written")
	    : CLI_DONE;
}

static int
run(struct purging *p, struct store *s, const struct purge_what *what)
{
	const struct purge_host host = {p, message, file};
	struct purge_found f = {0};
	struct account *a = NULL;
	enum status st = store_account(s, p->id, &a);
	int rc = CLI_DONE;

	if (st == ST_OK)
		st = purge_find(a, what, &f);
	if (st == ST_NOT_FOUND)
		rc = cli_fail(p->c, "there is no such message or folder");
	else if (st == ST_OK && may(p->c, f.n_ids, p->address))
		st = purge_run(s, a, &f, &host);
	else if (st == ST_OK)
		rc = CLI_NOT_DONE;
	if (rc == CLI_DONE && st != ST_OK)
		rc = cli_fail(p->c,
		    "not all of it could be purged, do it again: %s",
		    st == ST_CORRUPT ? "a pack is damaged (check --repair)"
			: st == ST_BUSY
			? "a backup or the keeper is at work on the account"
			: status_text(st));
	if (rc == CLI_DONE)
		cli_say(p->c, "%zu messages purged.", f.n_ids);
	purge_found_release(&f);
	account_unref(&a);
	return rc;
}

/* All that was removed under that address, one after the other. */
static int
run_removed(struct purging *p)
{
	const struct purge_host host = {p, message, file};
	struct str root = str_from(p->c->config->data);
	struct removed r;
	enum status st;
	size_t n, accounts = 0;
	int rc;

	while (removed_find(p->c, p->address, &r)) {
		p->id = record_get(r.record, "id");
		st = purge_removed_find(root, r.name, &n);
		if (st != ST_OK)
			(void)cli_say(p->c,
			    "removed/" STR_FMT
			    " cannot be read (%s): its files "
			    "go without a list of messages",
			    STR_ARG(r.name), status_text(st));
		if (!may(p->c, n, p->address))
			return CLI_NOT_DONE;
		st = purge_removed_run(root, r.name, &host);
		if (st != ST_OK)
			return cli_fail(p->c,
			    "not all of removed/" STR_FMT
			    " could be purged, do it again: %s",
			    STR_ARG(r.name), status_text(st));
		cli_say(p->c, "%zu messages purged.", n);
		accounts++;
	}
	rc = accounts ? CLI_DONE
		      : cli_fail(p->c, "no removed account " STR_FMT " is kept",
			    STR_ARG(p->address));
	return rc;
}

static int
run_living(struct purging *p, const struct purge_what *what)
{
	struct cli *c = p->c;
	struct store *s = NULL;
	enum status st;
	int rc;

	st = target_hold(c->target, p->id, true);
	if (st == ST_OK)
		st = target_own(c->target, &s);
	rc = st == ST_OK ? run(p, s, what)
			 : cli_fail(c, "the account cannot be had alone: %s",
			       status_text(st));
	store_close(&s);
	target_release(c->target);
	return rc;
}

int
cli_purge(struct cli *c)
{
	bool removed = cli_option(c, "removed") != NULL;
	struct purge_what what = {0};
	struct purging p = {.c = c, .record = -1, .address = c->words[0]};
	const char *why = read_what(c, &what);
	struct mail m;
	int rc;

	if (why)
		return cli_usage(c, "%s", why);
	if (!removed) {
		if (!mail_open(c, &m))
			return CLI_NOT_DONE;
		p.id = m.id;
		p.address = m.address;
	}
	if ((rc = open_record(&p)) != CLI_DONE)
		return rc;
	p.messages = json_array();
	p.files = json_array();
	rc = removed ? run_removed(&p) : run_living(&p, &what);
	if (fsync(p.record) != 0 && rc == CLI_DONE)
		rc = cli_fail(c, "DATA/purged.log is not on the disk");
	close(p.record);
	uidset_release(&what.uids);
	c->out =
	    json_pack("{s:o, s:o}", "messages", p.messages, "files", p.files);
	return rc;
}

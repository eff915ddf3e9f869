/*
 * `mailstead recover --account --folder`: the messages of one folder, with
 * their flags, come into the account that lives on, as new messages. What the
 * folder there has already is not doubled.
 */
#include "cli/import.h"
#include "cli/recover.h"
#include "store/message.h"

struct bringing {
	struct recovery *v;
	struct account *from; /* in the backup */
	struct import im;
	struct import_folder *to;
};

static enum status
bring_bytes(struct bringing *b, uint64_t message, uint64_t size)
{
	enum status st = import_start(&b->im);
	struct buf bytes;
	uint64_t at = 0;

	buf_init(&bytes, 2 * IMPORT_CHUNK);
	while (st == ST_OK && at < size) {
		buf_clear(&bytes);
		st = message_read(b->from, message, at, IMPORT_CHUNK, &bytes);
		if (st == ST_OK && bytes.n == 0)
			st = ST_CORRUPT;
		if (st == ST_OK)
			st = import_feed(&b->im, buf_str(&bytes));
		at += bytes.n;
	}
	buf_release(&bytes);
	return st;
}

static enum status
bring(struct bringing *b, const struct entry *e)
{
	const struct flagset *f = account_flagset(b->from, e->flagset);
	struct import_facts facts = {.dated = true};
	unsigned char emailid[16];
	struct message m;
	struct buf uidl;
	enum status st = message_get(b->from, e->message, &m);

	buf_init(&uidl, INCOMING_UIDL_MAX);
	if (st == ST_OK)
		st = message_uidl(b->from, e->message, &uidl);

	if (st == ST_OK)
		st = recreate_emailid(b->from, e->message, emailid);
	if (st == ST_OK)
		st = bring_bytes(b, e->message, m.size);
	if (st != ST_OK) {
		incoming_free(&b->im.in);
		buf_release(&uidl);
		return import_fail(&b->im, st, "uid %u cannot be read: %s",
		    e->uid, status_text(st));
	}
	if (f) {
		facts.bits = f->flags.bits;
		facts.keywords = f->flags.keywords;
		facts.n_keywords = f->flags.n_keywords;
	}
	facts.date_ms = m.internaldate_ms;
	facts.zone = m.internaldate_zone;
	facts.emailid = emailid;
	facts.uidl = buf_str(&uidl);
	st = import_finish(&b->im, b->to, &facts);
	buf_release(&uidl);
	return st;
}

/* The folder as it was, by the name that it had then. */
static enum status
find_then(struct bringing *b, struct str folder, struct past_state *out)
{
	struct arena *a = &b->v->c->arena;
	struct account_usage usage;
	struct mailbox *list;
	enum status st = ST_OK;
	uint64_t modseq;
	size_t n;

	account_usage(b->from, &usage);
	modseq = usage.modseq;
	if (b->v->back)
		st = past_modseq_at(b->from, b->v->at_ms, &modseq);
	if (st == ST_OK)
		st = past_mailboxes(b->from, modseq, a, &list, &n);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].name, folder))
			return past_mailbox(
			    b->from, list[i].id, modseq, a, out);
	return ST_NOT_FOUND;
}

static int
report(struct bringing *b, struct str folder)
{
	struct cli *c = b->v->c;

	cli_progress_end(c);
	if (c->json)
		cli_json_line(json_pack("{s:s, s:o, s:I, s:I}", "event", "done",
		    "folder", cli_json_str(folder), "messages",
		    (json_int_t)b->im.done, "there",
		    (json_int_t)b->im.skipped));
	cli_say(c,
	    "%llu messages recovered into " STR_FMT
	    ", %llu were there already.",
	    (unsigned long long)b->im.done, STR_ARG(folder),
	    (unsigned long long)b->im.skipped);
	return CLI_DONE;
}

static int
bring_all(struct bringing *b, struct str folder)
{
	struct past_state then;
	enum status st = find_then(b, folder, &then);

	if (st != ST_OK)
		return cli_fail(b->v->c,
		    "the backup has no folder " STR_FMT "%s: %s",
		    STR_ARG(folder), b->v->back ? " of that time" : "",
		    status_text(st));
	st = import_folder(&b->im, folder, &b->to);
	for (size_t i = 0; i < then.n && st == ST_OK; i++)
		st = bring(b, &then.entries[i]);
	/* However it went: answers that are still to come are for us. */
	if (target_wait(b->v->c->target) != ST_OK && st == ST_OK)
		st = import_fail(&b->im, ST_CLOSED, "the server went away");
	if (st == ST_OK)
		st = b->im.failed;
	return st == ST_OK
	    ? report(b, folder)
	    : cli_fail(b->v->c, STR_FMT, STR_ARG(buf_str(&b->im.why)));
}

int
recovery_of_folder(struct recovery *v, struct str address, struct str folder)
{
	struct bringing b = {.v = v, .im = {.c = v->c, .again = true}};
	struct manifest_folder *f = recovery_find(v, address);
	struct store *s;
	int rc = CLI_NOT_DONE;

	if (!f || !cli_open(v->c, false))
		return CLI_NOT_DONE;
	b.im.mail.c = v->c;
	if (!cli_account(v->c, address, &b.im.mail.id, &b.im.mail.address))
		return CLI_NOT_DONE;
	if (str_eqi(folder, S("INBOX")))
		folder = S("INBOX");
	buf_init(&b.im.why, 8192);
	buf_init(&b.im.header, IMPORT_HEADER);
	target_as_caller();
	if (recreate_look(&v->r, v->dir, f, &s, &b.from) == ST_OK) {
		target_as_owner(v->c->target);
		rc = bring_all(&b, folder);
		recreate_look_end(&s, &b.from);
	} else {
		target_as_owner(v->c->target);
		(void)cli_fail(v->c, STR_FMT, STR_ARG(buf_str(&v->why)));
	}
	import_folders_release(&b.im);
	buf_release(&b.im.why);
	buf_release(&b.im.header);
	return rc;
}

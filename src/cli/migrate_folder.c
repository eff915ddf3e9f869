/* One folder: what is there, what is missing here, and fetching that. */
#include <sodium.h>

#include "cli/migrate.h"
#include "store/flagset.h"
#include "store/message.h"

static void
add(crypto_generichash_state *state, struct str s)
{
	crypto_generichash_update(state, (const unsigned char *)s.p, s.n);
	crypto_generichash_update(state, (const unsigned char *)"\0", 1);
}

/* Not the host: its name changes when people move, the mailbox stays. */
static void
emailid_of(const struct migration *m, uint32_t uid,
    unsigned char out[INCOMING_EMAILID])
{
	crypto_generichash_state state;
	char numbers[32];

	(void)snprintf(
	    numbers, sizeof(numbers), "%u/%u", m->examined.uidvalidity, uid);
	crypto_generichash_init(&state, NULL, 0, INCOMING_EMAILID);
	add(&state, S("mailstead migrate"));
	add(&state, str_first(m->imap.user, str_find(m->imap.user, '*')));
	add(&state, m->folder->wire);
	add(&state, str_from(numbers));
	crypto_generichash_final(&state, out, INCOMING_EMAILID);
}

static struct str
key(const unsigned char emailid[INCOMING_EMAILID])
{
	return str_of((const char *)emailid, INCOMING_EMAILID);
}

/* --- flags of what is here --- */

static bool
same_flags(struct str text, const struct flags *f)
{
	struct arena a = ARENA_INIT;
	struct flags have;
	size_t found = 0;
	bool same;

	same = flags_parse(text, &a, &have) == ST_OK && have.bits == f->bits &&
	    have.n_keywords == f->n_keywords;
	for (size_t i = 0; same && i < have.n_keywords; i++)
		for (size_t k = 0; k < f->n_keywords; k++)
			found += str_eqi(have.keywords[i], f->keywords[k]);
	same = same && found == have.n_keywords;
	arena_release(&a);
	return same;
}

static enum status
set_flags(struct migration *m, const struct migrate_entry *e,
    const struct flags *flags)
{
	struct change change = {
	    .kind = CHANGE_FLAGS,
	    .mailbox = e->mailbox,
	    .op = FLAGS_SET,
	    .flags = *flags,
	};
	struct changed changed;
	enum status st;

	uidset_add(&change.uids, e->uid, e->uid);
	st = mail_change(&m->im.mail, &change, &changed);
	uidset_release(&change.uids);
	if (st != ST_OK)
		return import_fail(
		    &m->im, st, "flags were not taken: %s", status_text(st));
	m->flagged++;
	return ST_OK;
}

static enum status
listed(void *ctx, const struct imap_message *msg)
{
	unsigned char emailid[INCOMING_EMAILID];
	struct migration *m = ctx;
	struct migrate_entry *e;
	char text[33];

	emailid_of(m, msg->uid, emailid);
	if (!map_get(&m->known, key(emailid))) {
		uidset_add(&m->wanted, msg->uid, msg->uid);
		return ST_OK;
	}
	m->already++;
	message_emailid_text(emailid, text);
	e = map_get(&m->entries, str_from(text));
	return e && !same_flags(e->flags, &msg->flags)
	    ? set_flags(m, e, &msg->flags)
	    : ST_OK;
}

/* --- fetching --- */

static enum status
begin(void *ctx)
{
	struct migration *m = ctx;

	incoming_free(&m->im.in); /* one that broke off before its end */
	return import_start(&m->im);
}

static enum status
bytes(void *ctx, struct str piece)
{
	return import_feed(&((struct migration *)ctx)->im, piece);
}

static enum status
end(void *ctx, const struct imap_message *msg)
{
	unsigned char emailid[INCOMING_EMAILID];
	struct migration *m = ctx;
	struct import_facts facts = {
	    .bits = msg->flags.bits,
	    .keywords = msg->flags.keywords,
	    .n_keywords = msg->flags.n_keywords,
	    .dated = msg->dated,
	    .date_ms = msg->date.ms,
	    .zone = msg->date.zone,
	    .emailid = emailid,
	};
	enum status st;

	if (!uidset_has(&m->wanted, msg->uid)) {
		incoming_free(&m->im.in);
		return ST_OK;
	}
	if (!msg->dated)
		import_date(&m->im, clock_wall(&clock_system), &facts);
	if (m->uidls && str_eq(m->folder->name, S("INBOX"))) {
		facts.uidl = uidls_take(m->uidls, buf_str(&m->im.header));
		m->without_uidl += facts.uidl.n == 0;
	}
	emailid_of(m, msg->uid, emailid);
	st = import_finish(&m->im, m->target, &facts);
	uidset_remove(&m->wanted, msg->uid, msg->uid);
	(void)map_set(&m->known, key(emailid), m);
	m->progress = true;
	return st;
}

/* The first messages of those that are wanted, as a set. */
static void
next_batch(const struct migration *m, struct uidset *batch)
{
	size_t pos = 0;
	uint32_t uid = 0;

	for (int n = 0;
	     n < MIGRATE_BATCH && uidset_next(&m->wanted, &pos, &uid); n++)
		uidset_add(batch, uid, uid);
}

/* What a batch did not bring the server cannot give: said, not forgotten. */
static void
note_lost(struct migration *m, const struct uidset *batch)
{
	struct uidset lost = {0};
	size_t pos = 0;
	uint32_t uid = 0;

	while (uidset_next(batch, &pos, &uid))
		if (uidset_has(&m->wanted, uid)) {
			uidset_add(&lost, uid, uid);
			uidset_remove(&m->wanted, uid, uid);
			m->unreadable++;
		}
	if (uidset_count(&lost) > 0) {
		buf_addf(&m->lost, "%s" STR_FMT " UID ", m->lost.n ? "; " : "",
		    STR_ARG(m->folder->name));
		uidset_write(&lost, &m->lost);
	}
	uidset_release(&lost);
}

static enum status
fetch(struct migration *m)
{
	const struct imap_sink sink = {begin, bytes, end, m};
	struct uidset batch = {0};
	enum status st = ST_OK;
	struct buf set;

	buf_init(&set, 16 * 1024);
	while (st == ST_OK && uidset_count(&m->wanted) > 0) {
		uidset_clear(&batch);
		buf_clear(&set);
		next_batch(m, &batch);
		uidset_write(&batch, &set);
		st = imap_client_fetch(m->client, buf_str(&set), &sink);
		if (st == ST_DENIED) /* NO: some are gone; the rest came */
			st = ST_OK;
		if (st == ST_OK)
			note_lost(m, &batch);
	}
	buf_release(&set);
	uidset_release(&batch);
	incoming_free(&m->im.in);
	return st;
}

/* Here as it was there: subscribed, or not. */
static enum status
target(struct migration *m, struct str name)
{
	struct change change = {.kind = CHANGE_SUBSCRIBE, .name = name};
	struct changed changed;
	struct mailbox box;
	enum status st = mail_find(&m->im.mail, name, &box);
	bool made = st == ST_NOT_FOUND;

	if (st == ST_OK || made)
		st = import_folder(&m->im, name, &m->target);
	if (st == ST_OK && made && !m->folder->subscribed)
		st = mail_change(&m->im.mail, &change, &changed);
	return st;
}

enum status
migrate_folder(
    struct migration *m, const struct imap_folder *f, struct str name)
{
	enum status st;

	m->folder = f;
	uidset_clear(&m->wanted);
	if ((st = target(m, name)) != ST_OK)
		return import_fail(&m->im, st,
		    "the folder \"" STR_FMT "\" cannot be made: %s",
		    STR_ARG(name), status_text(st));
	st = imap_client_examine(m->client, f->wire, &m->examined);
	if (st == ST_DENIED || st == ST_SYNTAX)
		return import_fail(&m->im, st,
		    "the former server does not open \"" STR_FMT "\": " STR_FMT,
		    STR_ARG(f->name), STR_ARG(imap_client_text(m->client)));
	if (st == ST_OK && m->examined.messages > 0)
		st = imap_client_list(m->client, listed, m);
	if (st == ST_OK)
		st = fetch(m);
	if (st == ST_OK || st == ST_CLOSED || m->im.failed != ST_OK)
		return st;
	return import_fail(&m->im, st,
	    "the former server's answers on \"" STR_FMT "\": %s; " STR_FMT,
	    STR_ARG(f->name), status_text(st),
	    STR_ARG(imap_client_text(m->client)));
}

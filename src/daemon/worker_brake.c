/*
 * When the brake on mass deletion catches: a note to the account, and a line
 * in the log.
 */
#include "base/base64.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "daemon/worker_int.h"
#include "store/past_group.h"

enum { NOTE_MAX = 64 * 1024, NOTE_ID = 12 };

/* A note that is being delivered. */
struct note {
	struct worker *worker;
	struct home *home;
	struct incoming *message;
	struct incoming *messages[1];
	struct change change;
	struct viewer viewer;
	struct origin origin;
	struct arena arena;
};

struct caught {
	struct served *v;
	struct str folder;
	uint64_t modseq, removed, left;
	int64_t now_ms;
};

void
brake_watch(struct served *v, const struct change *c, struct asked *q)
{
	const struct mailbox *box;
	uint64_t n = 0;

	if (c->kind != CHANGE_EXPUNGE && c->kind != CHANGE_POP3_QUIT &&
	    c->kind != CHANGE_DELETE)
		return;
	if (mailbox_by_id(v->home->account, c->viewer, c->mailbox, &box) !=
	    ST_OK)
		return;
	n = c->kind == CHANGE_DELETE ? box->messages : uidset_count(&c->uids);
	if (n == 0)
		return;
	q->removes = n < box->messages ? n : box->messages;
	q->change = c;
	q->folder = str_dup(box->name);
}

static void
add_time(struct buf *b, int64_t ms)
{
	struct civil t = date_civil((struct date){ms, date_local_zone(ms)});

	buf_addf(b, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)t.year,
	    t.month, t.day, t.hour, t.minute, t.second);
}

/* "Subject: =?UTF-8?B?...?=" */
static void
add_subject(struct buf *b, const char *text)
{
	buf_addz(b, "Subject: =?UTF-8?B?");
	base64_encode(str_from(text), b);
	buf_addz(b, "?=\r\n");
}

static void
add_header(struct buf *b, const struct caught *k)
{
	struct str address = k->v->grant.address;
	size_t at = str_find(address, '@');
	struct str domain =
	    at == SIZE_MAX ? address : str_from_pos(address, at + 1);
	unsigned char random[NOTE_ID];

	random_fill(&random_system, random, sizeof(random));
	buf_addf(
	    b, "From: Mailstead <postmaster@" STR_FMT ">\r\n", STR_ARG(domain));
	buf_addf(b, "To: <" STR_FMT ">\r\nDate: ", STR_ARG(address));
	date_write_rfc5322(
	    (struct date){k->now_ms, date_local_zone(k->now_ms)}, b);
	buf_addz(b, "\r\n");
	add_subject(b, "Viele Nachrichten gelöscht / Many messages deleted");
	buf_addz(b, "Message-ID: <");
	for (size_t i = 0; i < sizeof(random); i++)
		buf_addf(b, "%02x", random[i]);
	buf_addf(b,
	    "@" STR_FMT ">\r\nAuto-Submitted: auto-generated\r\n"
	    "Importance: high\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n",
	    STR_ARG(domain));
}

/* "iPhone" (imap, iPhone Mail, 192.0.2.1) */
static void
add_device(struct buf *b, const struct caught *k, const struct origin *o)
{
	buf_addf(b, "\"" STR_FMT "\" (" STR_FMT, STR_ARG(o->credential),
	    STR_ARG(o->protocol));
	if (!str_eq(o->person, k->v->grant.address))
		buf_addf(b, ", " STR_FMT, STR_ARG(o->person));
	if (o->client.n > 0)
		buf_addf(b, ", " STR_FMT, STR_ARG(o->client));
	buf_addf(b, ", " STR_FMT ")", STR_ARG(o->peer));
}

static void
add_commands(struct buf *b, const struct caught *k)
{
	buf_addf(b, "\r\n    mailstead undo " STR_FMT " ",
	    STR_ARG(k->v->grant.address));
	past_id_write(k->modseq, b);
	buf_addz(b, "\r\n\r\n");
}

static void
add_all(struct buf *b, const struct caught *k)
{
	buf_addf(b, "\r\n    mailstead restore " STR_FMT " --all --at ",
	    STR_ARG(k->v->grant.address));
	add_time(b, k->now_ms - BRAKE_WINDOW_MS);
	buf_addz(b, "\r\n\r\n");
}

static void
add_suspended(struct buf *b, const struct caught *k, const char *text)
{
	buf_addf(b, "\r\n%s\r\n\r\n    mailstead resume " STR_FMT "\r\n", text,
	    STR_ARG(k->v->grant.person));
}

static void
add_text(struct buf *b, const struct caught *k, const struct origin *o)
{
	uint64_t all = k->removed + k->left;
	uint64_t keep = k->v->worker->child->config->retention;
	bool suspended = k->v->worker->child->config->brake_suspend;

	buf_addz(b, "In den letzten zehn Minuten hat ");
	add_device(b, k, o);
	buf_addf(b,
	    "\r\n%llu von %llu Nachrichten dieses Postfachs gelöscht, "
	    "zuletzt im Ordner\r\n" STR_FMT ".\r\n\r\n",
	    (unsigned long long)k->removed, (unsigned long long)all,
	    STR_ARG(k->folder));
	buf_addz(b,
	    "War das ein Versehen, so holt der Betreiber des Servers "
	    "die letzte Löschung\r\nmit einem Befehl zurück:\r\n");
	add_commands(b, k);
	buf_addz(b, "oder alles, was in diesen zehn Minuten verschwand:\r\n");
	add_all(b, k);
	buf_addz(b, "Das geht bis ");
	add_time(b, k->now_ms + (int64_t)keep * 1000);
	buf_addz(b, ".\r\n");
	if (suspended)
		add_suspended(b, k,
		    "Dieses Passwort öffnet vorerst nichts mehr; wieder "
		    "zugelassen wird es mit");
	buf_addz(b, "\r\n-- \r\n\r\nWithin the last ten minutes ");
	add_device(b, k, o);
	buf_addf(b,
	    "\r\nhas deleted %llu of the %llu messages of this "
	    "account, at last in the\r\nfolder " STR_FMT ".\r\n\r\n",
	    (unsigned long long)k->removed, (unsigned long long)all,
	    STR_ARG(k->folder));
	buf_addz(b,
	    "If that was a mistake, the operator of the server takes "
	    "the last deletion back\r\nwith one command:\r\n");
	add_commands(b, k);
	buf_addz(b, "or brings back all that went in these ten minutes:\r\n");
	add_all(b, k);
	buf_addz(b, "That works until ");
	add_time(b, k->now_ms + (int64_t)keep * 1000);
	buf_addz(b, ".\r\n");
	if (suspended)
		add_suspended(b, k,
		    "This password opens nothing for now; it is let in again "
		    "with");
}

static void
note_free(struct note *n)
{
	struct worker *w = n->worker;

	incoming_free(&n->message);
	if (n->home)
		home_close(n->home);
	arena_release(&n->arena);
	free(n);
	w->n_deliveries--;
	worker_may_end(w);
}

void
note_answer(struct asked *q, enum status st)
{
	if (st != ST_OK)
		log_error("the note on a mass deletion was not delivered",
		    LOG_STR("account", q->note->viewer.person), LOG_ST(st));
	note_free(q->note);
}

static enum status
fill(struct note *n, const struct caught *k, const struct origin *o)
{
	enum status st;
	struct buf b;

	buf_init(&b, NOTE_MAX);
	add_header(&b, k);
	add_text(&b, k, o);
	n->message = incoming_new(-1, NOTE_MAX);
	st = incoming_write(n->message, buf_str(&b));
	buf_release(&b);
	if (st == ST_OK)
		st = incoming_finish(n->message);
	if (st == ST_OK)
		st = home_open(n->worker, k->v->grant.account, &n->home);
	return st;
}

static void
note_new(const struct caught *k, const struct origin *o)
{
	struct note *n = mem_zalloc(sizeof(*n));
	enum status st;

	n->worker = k->v->worker;
	n->worker->n_deliveries++;
	n->viewer = (struct viewer){
	    arena_str(&n->arena, k->v->grant.address), RIGHT_ALL};
	n->origin = (struct origin){.person = S("mailstead"),
	    .credential = S(""),
	    .protocol = S("brake"),
	    .client = S(""),
	    .peer = S("")};
	st = fill(n, k, o);
	if (st != ST_OK) {
		note_answer(&(struct asked){.note = n}, st);
		return;
	}
	n->messages[0] = n->message;
	n->change = (struct change){.kind = CHANGE_DELIVER,
	    .viewer = &n->viewer,
	    .origin = &n->origin,
	    .name = S(""),
	    .messages = n->messages,
	    .n_messages = 1};
	worker_submit(n->worker, n->home->account, &n->change,
	    &(struct asked){.kind = ASKED_BY_BRAKE, .note = n});
}

/* P9: auth ends its sessions, here and wherever it has any. */
static void
suspend(const struct caught *k)
{
	struct buf b;

	buf_init(&b, 4096);
	wire_put_str(&b, k->v->grant.account);
	wire_put_str(&b, k->v->grant.credential);
	link_tell(&k->v->worker->child->links[ROLE_AUTH][0], MSG_SUSPEND,
	    buf_str(&b));
	buf_release(&b);
}

/*
 * A program that downloads and deletes does so each time. Who has done it
 * before, as far back as history goes, does it on purpose.
 */
static bool
is_habit(const struct caught *k, const struct origin *o)
{
	bool before = false;

	if (!str_eq(o->protocol, S("pop3")))
		return false;
	if (past_removed_before(k->v->home->account, o->credential, o->protocol,
		k->now_ms - BRAKE_WINDOW_MS, &before) != ST_OK)
		return false;
	return before;
}

void
brake_done(struct asked *q, uint64_t modseq)
{
	const struct config *config = q->served->worker->child->config;
	const struct brake_limits limits = {
	    config->brake_share, config->brake_messages};
	struct caught k = {.v = q->served,
	    .folder = str_from(q->folder),
	    .modseq = modseq,
	    .now_ms = clock_wall(&clock_system)};
	struct account_usage usage;

	account_usage(k.v->home->account, &usage);
	k.left = usage.messages;
	if (brake_count(&k.v->worker->brake, k.v->grant.account,
		k.v->grant.credential, q->removes, usage.messages, &limits,
		clock_mono(&clock_system), &k.removed) &&
	    !is_habit(&k, q->change->origin)) {
		log_warn("mass deletion",
		    LOG_STR("account", k.v->grant.address),
		    LOG_STR("person", k.v->grant.person),
		    LOG_STR("credential", k.v->grant.device),
		    LOG_STR("peer", k.v->peer.address),
		    LOG_U64("removed", k.removed), LOG_U64("left", k.left));
		note_new(&k, q->change->origin);
		if (config->brake_suspend)
			suspend(&k);
	}
}

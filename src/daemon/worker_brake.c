/*
 * When the brake on mass deletion catches: a note to the account, and a line
 * in the log.
 */
#include "base/clock.h"
#include "base/log.h"
#include "daemon/brake_note.h"
#include "daemon/worker_int.h"
#include "store/past_group.h"

enum { NOTE_MAX = 64 * 1024 };

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

/* Before the window, or where the past begins: to the next full second. */
static int64_t
begin_of(const struct caught *k)
{
	int64_t from = k->now_ms - BRAKE_WINDOW_MS, known;

	return past_horizon(k->v->home->account, &known) == ST_OK &&
		known > from
	    ? known + 999
	    : from;
}

static enum status
fill(struct note *n, const struct caught *k, const struct origin *o)
{
	const struct config *config = k->v->worker->child->config;
	const struct brake_note text = {
	    .address = k->v->grant.address,
	    .person = k->v->grant.person,
	    .origin = o,
	    .folder = k->folder,
	    .modseq = k->modseq,
	    .removed = k->removed,
	    .left = k->left,
	    .now_ms = k->now_ms,
	    .from_ms = begin_of(k),
	    .until_ms = k->now_ms + (int64_t)config->retention * 1000,
	    .suspended = config->brake_suspend,
	};
	enum status st;
	struct buf b;

	buf_init(&b, NOTE_MAX);
	brake_note_write(&text, &random_system, &b);
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

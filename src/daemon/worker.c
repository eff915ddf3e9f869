#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/worker_int.h"

static struct worker worker;

static struct worker *
worker_of(struct child *c)
{
	worker.child = c;
	return &worker;
}

struct worker *
worker_get(void)
{
	return &worker;
}

/* --- accounts in use --- */

enum status
home_open(struct worker *w, struct str account, struct home **out)
{
	struct home *h = map_get(&w->homes, account);
	enum status st;

	if (!h) {
		struct account *a = NULL;

		if (grant_home(account, w->child->counts[ROLE_WORKER]) !=
		    w->child->index)
			return ST_STATE;
		if (map_get(&w->refused, account))
			return ST_BUSY;
		crash_note(w->crash, w->child->index, account, "open");
		st = store_account(w->store, account, &a);
		if (st != ST_OK)
			return st;
		h = mem_zalloc(sizeof(*h));
		h->worker = w;
		h->account = a;
		(void)map_set(&w->homes, account, h);
	}
	h->uses++;
	*out = h;
	return ST_OK;
}

void
home_close(struct home *h)
{
	struct worker *w = h->worker;

	if (--h->uses)
		return;
	for (size_t i = 0; i < w->n_changed; i++)
		if (w->changed[i] == h)
			w->changed[i] = NULL;
	(void)map_remove(&w->homes, account_id(h->account));
	account_unref(&h->account);
	free(h);
}

/* --- the store's turns --- */

void
worker_submit(struct worker *w, struct account *a, const struct change *c,
    const struct asked *who)
{
	struct asked *q = mem_alloc(sizeof(*q));
	uint64_t id = ++w->last_ask;

	*q = *who;
	(void)map_set_u64(&w->asked, id, q);
	store_submit(w->store, a, c, id);
}

static void
answered(void *ctx, uint64_t ask, enum status st, const struct changed *changed)
{
	struct worker *w = ctx;
	struct asked *q = map_remove_u64(&w->asked, ask);

	ASSERT(q);
	if (q->kind == ASKED_BY_SESSION)
		served_answer(q, st, changed);
	else if (q->kind == ASKED_BY_DELIVERY)
		delivery_answer(q, st, changed);
	else if (q->kind == ASKED_BY_BRAKE)
		note_answer(q, st);
	else
		controlled_answer(q, st, changed);
	free(q);
}

/*
 * P11: whoever waits elsewhere is told now; our own sessions when the store's
 * run is over: they may ask again.
 */
static void
committed(void *ctx, struct account *acct, uint64_t modseq UNUSED)
{
	struct worker *w = ctx;
	struct home *h = map_get(&w->homes, account_id(acct));

	board_bump(w->child->board, board_slot(account_id(acct)));
	if (!h || h->changed)
		return;
	h->changed = true;
	*VEC_ADD(w, changed) = h;
}

static void
reading(void *ctx, struct account *acct UNUSED, uint64_t message)
{
	struct worker *w = ctx;

	crash_note_message(w->crash, w->child->index, message);
	if (w->current)
		w->current->message = message;
}

static void
tell_keeper(struct worker *w, enum message_type type, struct account *acct)
{
	struct buf b;

	buf_init(&b, 256);
	wire_put_str(&b, account_id(acct));
	link_tell(&w->child->links[ROLE_KEEPER][0], type, buf_str(&b));
	buf_release(&b);
}

static void
wal_grown(void *ctx, struct account *acct, uint32_t pages UNUSED)
{
	tell_keeper(ctx, MSG_KEEP, acct);
}

static void
text_behind(void *ctx, struct account *acct)
{
	tell_keeper(ctx, MSG_TEXT, acct);
}

static void
tell_changed(struct worker *w)
{
	for (size_t i = 0; i < w->n_changed; i++) {
		struct home *h = w->changed[i];
		struct served *next;

		if (!h)
			continue;
		h->changed = false;
		for (struct served *v = h->first; v; v = next) {
			next = v->next;
			if (!v->dead)
				session_event(&v->session, EVENT_CHANGED);
		}
	}
	w->n_changed = 0;
}

static bool
after(void *ctx)
{
	struct worker *w = ctx;
	bool more;
	int64_t at;

	crash_done(w->crash, w->child->index);
	w->current = NULL;
	more = store_run(w->store);

	tell_changed(w);
	if (w->stopped)
		return false;
	at = store_deadline(w->store);
	if (at == INT64_MAX)
		loop_untimer(w->child->loop, &w->store_timer);
	else
		loop_timer(w->child->loop, &w->store_timer, at);
	return more;
}

/* Being awake is all it takes: `after` does the rest. */
static void
store_time(void *ctx UNUSED)
{
}

/* --- the role --- */

static void
fail(struct child *c, const char *what, enum status st)
{
	struct buf b;

	buf_init(&b, 256);
	buf_addf(&b, "%s: %s", what, status_text(st));
	channel_tell(c->up, MSG_FAILED, buf_str(&b));
	buf_release(&b);
	log_error("worker cannot start", LOG_Z("what", what), LOG_ST(st));
}

static size_t
most_sessions(void)
{
	size_t others =
	    WORKER_OPEN_ACCOUNTS * WORKER_FDS_ACCOUNT + WORKER_FDS_SPARE;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur < others + 64)
		return 64;
	return (size_t)r.rlim_cur - others;
}

static void
make_opaque(struct worker *w)
{
	for (size_t i = 0; i < w->n_opaque; i++) {
		store_opaque(w->store, str_from(w->opaque[i].account),
		    w->opaque[i].message);
		free(w->opaque[i].account);
	}
	w->n_opaque = 0;
}

static void
start(struct child *c)
{
	struct worker *w = worker_of(c);
	struct store_config cfg = {
	    .root = str_from(c->data),
	    .clock = &clock_system,
	    .random = &random_system,
	    .host = {.ctx = w,
		.sync = worker_sync,
		.answered = answered,
		.committed = committed,
		.reading = reading,
		.wal_grown = wal_grown,
		.tended = worker_tended,
		.text_behind = text_behind},
	    .flags_sync = c->config->flags == FLAGS_SYNC,
	    .reserve = c->config->reserve,
	    .epoch = c->epoch,
	    .max_open = WORKER_OPEN_ACCOUNTS,
	};
	enum status st = store_open(&cfg, &w->store);

	w->most = most_sessions();
	w->syncing = mem_zalloc(c->counts[ROLE_SYNC] * sizeof(*w->syncing) + 1);
	w->data = open(c->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (st == ST_OK && w->data < 0)
		st = ST_IO;
	if (st != ST_OK) {
		fail(c, "the store", st);
		return;
	}
	make_opaque(w);
	w->store_timer.fire = store_time;
	loop_after(c->loop, after, w);
}

static void
end_sessions(struct worker *w, struct str body)
{
	struct wire in = wire_of(body);
	struct str account = wire_str(&in), credential = wire_str(&in);

	if (!wire_end(&in))
		return;
	ticket_revoke(w, account, credential);
	served_revoke(w, account, credential);
}

/* What crashed those before us (P10); the store is not open yet. */
static void
charged(struct worker *w, struct str body)
{
	struct wire in = wire_of(body);
	enum crash_verdict v = (enum crash_verdict)wire_u8(&in);
	struct str account = wire_str(&in);
	uint64_t message = wire_u64(&in);

	if (!wire_end(&in))
		return;
	if (v == CRASH_VERDICT_OPAQUE) {
		struct opaque *o = VEC_ADD(w, opaque);

		o->account = str_dup(account);
		o->message = message;
		log_error("message is opaque after two crashes",
		    LOG_STR("account", account), LOG_U64("message", message));
	} else if (!map_set(&w->refused, account, w)) {
		log_error("account refused after crashes",
		    LOG_STR("account", account));
	}
}

static void
shared(struct child *c, enum shared_kind kind, int fd)
{
	ASSERT(kind == SHARED_CRASHES);
	worker_of(c)->crash = crash_open(fd);
	close(fd);
}

static void
told(struct child *c, struct packet *m)
{
	if (m->type == MSG_CHARGED) {
		charged(worker_of(c), m->body);
	} else if (m->type == MSG_CONTROL && worker_of(c)->store)
		worker_control(&worker, m);
}

static void
message(struct child *c, struct link *l, struct packet *m)
{
	struct worker *w = worker_of(c);

	if (l->role == ROLE_AUTH && m->type == MSG_GRANT)
		ticket_grant(w, m->body);
	else if (l->role == ROLE_AUTH && m->type == MSG_REVOKE)
		end_sessions(w, m->body);
	else if (l->role == ROLE_LOGIN && m->type == MSG_HANDOVER)
		ticket_handover(w, l, m);
	else if (l->role == ROLE_DELIVER && m->type == MSG_DELIVER)
		delivery_new(w, l, m);
	else if (l->role == ROLE_SYNC && m->type == MSG_SYNCED)
		worker_synced(w, m->body);
	else if (l->role == ROLE_KEEPER && m->type == MSG_TEND)
		worker_tend(w, m->body);
}

static void
lost(struct child *c, struct link *l)
{
	if (l->role == ROLE_SYNC)
		worker_sync_lost(worker_of(c), l->index);
	else if (l->role == ROLE_KEEPER)
		worker_tend_end(S(""));
}

void
worker_may_end(struct worker *w)
{
	if (!w->child->draining || w->stopped || w->n_served ||
	    w->n_deliveries || w->n_controlled || w->tickets.n)
		return;
	w->stopped = true;
	child_done(w->child);
}

static void
drain(struct child *c)
{
	struct worker *w = worker_of(c);

	ticket_drain(w);
	served_drain(w);
	worker_may_end(w);
}

static void
end(struct child *c)
{
	struct worker *w = worker_of(c);

	lend_end(w);
	worker_tend_end(S(""));
	store_close(&w->store);
}

const struct role_def role_worker = {
    .role = ROLE_WORKER,
    .start = start,
    .shared = shared,
    .told = told,
    .message = message,
    .lost = lost,
    .drain = drain,
    .end = end,
};

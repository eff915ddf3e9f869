/*
 * The command line's operations on mail of our accounts (daemon/mail_op.h),
 * asked over DATA/control.
 */
#include "base/log.h"
#include "daemon/control_serve.h"
#include "daemon/mail_op.h"
#include "daemon/worker_int.h"

struct controlled {
	struct worker *worker;
	uint64_t client;
	uint32_t id;
	struct mail_op op;
};

static void
finish(struct controlled *c)
{
	struct worker *w = c->worker;
	struct control_answer answer = {
	    .id = c->id,
	    .status = c->op.status,
	    .body = c->op.status == ST_OK ? buf_str(&c->op.answer) : S(""),
	};

	control_reply(c->client, &answer);
	mail_op_end(&c->op);
	free(c);
	w->n_controlled--;
	worker_may_end(w);
}

void
controlled_answer(
    struct asked *q, enum status st, const struct changed *changed)
{
	mail_op_answered(&q->controlled->op, st, changed);
	finish(q->controlled);
}

/* S1: an account of another worker is none of our business. */
static bool
is_ours(const struct worker *w, struct str request)
{
	struct wire in = wire_of(request);
	struct str account;

	(void)wire_u8(&in);
	account = wire_str(&in);
	return wire_ok(&in) &&
	    grant_home(account, w->child->counts[ROLE_WORKER]) ==
	    w->child->index;
}

static void
asked(struct child *child UNUSED, uint64_t client,
    const struct control_ask *ask, int *fd)
{
	struct worker *w = worker_get();
	struct controlled *c = mem_zalloc(sizeof(*c));

	c->worker = w;
	c->client = client;
	c->id = ask->id;
	w->n_controlled++;
	if (!is_ours(w, ask->body)) {
		control_reply(client,
		    &(struct control_answer){
			.id = ask->id, .status = ST_STATE, .body = S("")});
		free(c);
		w->n_controlled--;
		return;
	}
	if (lend_asked(w, client, ask)) {
		free(c);
		w->n_controlled--;
		return;
	}
	if (ask->body.n && ask->body.p[0] == MAIL_OP_REMOVE)
		worker_tend_end(S("")); /* it need not wait for a keeper */
	if (mail_op_begin(&c->op, w->store, ask->body, fd) == MAIL_OP_DONE) {
		finish(c);
		return;
	}
	worker_submit(w, c->op.account, &c->op.change,
	    &(struct asked){.kind = ASKED_BY_CONTROL, .controlled = c});
}

static void
gone(struct child *child UNUSED, uint64_t client)
{
	lend_gone(worker_get(), client);
}

void
worker_control(struct worker *w, struct packet *m)
{
	control_serve(w->child, m, asked, gone);
}

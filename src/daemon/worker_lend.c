/*
 * Accounts lent to the command line (MAIL_OP_LEND): to be read beside us
 * while we have them open, or to be owned while we stay away. A client that
 * goes away has given back what it had.
 */
#include <fcntl.h>

#include "base/log.h"
#include "daemon/control_serve.h"
#include "daemon/mail_op.h"
#include "daemon/worker_int.h"

struct lent {
	struct lent *next;
	uint64_t client;
	struct str id;           /* owned */
	struct account *account; /* NULL: it is theirs alone */
};

static void
take_back(struct worker *w, struct lent *l)
{
	if (l->account)
		account_unref(&l->account);
	else
		store_unlend(w->store, l->id);
	free((char *)(uintptr_t)l->id.p);
	free(l);
}

/* Those of one client; an empty id: all of them. */
static void
take_back_of(struct worker *w, uint64_t client, struct str id)
{
	struct lent **at = &w->lent, *l;

	while ((l = *at)) {
		if (l->client != client || (id.n && !str_eq(l->id, id))) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		take_back(w, l);
	}
}

static enum status
lend(struct worker *w, uint64_t client, struct str id, bool alone)
{
	struct account *a = NULL;
	struct lent *l;
	enum status st;

	if (w->child->draining)
		return ST_CLOSED;
	if (alone) {
		worker_tend_end(id);
		ticket_revoke(w, id, S(""));
		served_revoke(w, id, S(""));
		st = store_lend(w->store, id);
	} else {
		st = store_account(w->store, id, &a);
	}
	if (st != ST_OK)
		return st;
	l = mem_zalloc(sizeof(*l));
	l->client = client;
	l->id = str_of(str_dup(id), id.n);
	l->account = a;
	l->next = w->lent;
	w->lent = l;
	if (alone)
		log_info("account lent", LOG_STR("account", id));
	return ST_OK;
}

bool
lend_asked(struct worker *w, uint64_t client, const struct control_ask *ask)
{
	struct control_answer answer = {.id = ask->id, .body = S("")};
	struct wire in = wire_of(ask->body);
	uint8_t kind = wire_u8(&in);
	struct str id = wire_str(&in);
	int fd = -1;

	(void)wire_str(&in);
	if (kind != MAIL_OP_LEND && kind != MAIL_OP_RETURN)
		return false;
	if (kind == MAIL_OP_RETURN) {
		take_back_of(w, client, id);
		answer.status = ST_OK;
	} else {
		bool alone = wire_u8(&in) != 0;

		answer.status =
		    wire_end(&in) ? lend(w, client, id, alone) : ST_SYNTAX;
	}
	/* S1: who may open DATA has the lock, as long as it may. */
	if (kind == MAIL_OP_LEND && answer.status == ST_OK)
		fd = fcntl(w->child->lock, F_DUPFD_CLOEXEC, 0);
	control_reply_fd(client, &answer, fd);
	return true;
}

void
lend_gone(struct worker *w, uint64_t client)
{
	take_back_of(w, client, S(""));
}

void
lend_end(struct worker *w)
{
	struct lent *l;

	while ((l = w->lent)) {
		w->lent = l->next;
		take_back(w, l);
	}
}

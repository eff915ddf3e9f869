/* Mailboxes, those of now and those of a time: how they are told and read. */
#include "base/wire.h"
#include "daemon/mail_op_int.h"
#include "daemon/mail_past.h"

static void
put_mailbox(struct buf *b, const struct mailbox *m)
{
	wire_put_var(b, m->id);
	wire_put_str(b, m->name);
	wire_put_u8(b, m->selectable);
	wire_put_u8(b, m->subscribed);
	wire_put_u32(b, m->special_use);
	wire_put_u32(b, m->uidvalidity);
	wire_put_u32(b, m->uidnext);
	wire_put_u32(b, m->messages);
	wire_put_u32(b, m->unseen);
	wire_put_var(b, m->size);
}

static void
get_mailbox(struct wire *w, struct mailbox *m)
{
	m->name = wire_str(w);
	m->selectable = wire_u8(w) != 0;
	m->subscribed = wire_u8(w) != 0;
	m->special_use = wire_u32(w);
	m->uidvalidity = wire_u32(w);
	m->uidnext = wire_u32(w);
	m->messages = wire_u32(w);
	m->unseen = wire_u32(w);
	m->size = wire_var(w);
}

/* --- the side that owns the account --- */

enum status
mail_mailboxes_now(struct mail_op *op)
{
	const struct mailbox *m;
	size_t i, n;

	m = account_mailboxes(op->account, &op->viewer, &n);
	wire_put_u32(&op->answer, (uint32_t)n);
	for (i = 0; i < n; i++)
		put_mailbox(&op->answer, &m[i]);
	return ST_OK;
}

/* Ends with id 0 and where to go on. */
enum status
mail_mailboxes_then(struct mail_op *op, struct wire *w)
{
	int64_t at = wire_svar(w);
	uint32_t from = wire_u32(w), next = 0;
	const struct mailbox *m;
	uint64_t modseq;
	enum status st;
	size_t i, n;

	if (!wire_end(w))
		return ST_SYNTAX;
	if ((st = past_modseq_at(op->account, at, &modseq)) != ST_OK ||
	    (st = past_list(op->account, modseq, &m, &n)) != ST_OK)
		return st;
	wire_put_var(&op->answer, modseq);
	for (i = from; i < n; i++) {
		if (i == from + MAIL_PAST_BOXES ||
		    op->answer.n > MAIL_OP_CHUNK) {
			next = (uint32_t)i;
			break;
		}
		put_mailbox(&op->answer, &m[i]);
	}
	wire_put_var(&op->answer, 0);
	wire_put_u32(&op->answer, next);
	return ST_OK;
}

/* --- the side that asks --- */

void
mail_ask_past_mailboxes(struct buf *out, int64_t at_ms, uint32_t from)
{
	wire_put_svar(out, at_ms);
	wire_put_u32(out, from);
}

enum status
mail_answer_mailboxes(
    struct str in, struct arena *a, struct mailbox **out, size_t *n_out)
{
	struct wire w = wire_of(in);
	struct mailbox *list;
	uint32_t i, n = wire_u32(&w);

	if (!wire_ok(&w) || n > in.n)
		return ST_SYNTAX;
	list = ARENA_ARRAY(a, struct mailbox, n + 1);
	for (i = 0; i < n; i++) {
		list[i].id = wire_var(&w);
		get_mailbox(&w, &list[i]);
	}
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = list;
	*n_out = n;
	return ST_OK;
}

enum status
mail_answer_past_mailboxes(struct str in, struct arena *a, uint64_t *modseq_out,
    struct mailbox **out, size_t *n_out, uint32_t *next_out)
{
	struct mailbox *list = ARENA_ARRAY(a, struct mailbox, MAIL_PAST_BOXES);
	struct wire w = wire_of(in);
	uint64_t id, modseq = wire_var(&w);
	uint32_t next;
	size_t n = 0;

	while ((id = wire_var(&w)) != 0 && n < MAIL_PAST_BOXES) {
		list[n] = (struct mailbox){.id = id};
		get_mailbox(&w, &list[n++]);
	}
	next = wire_u32(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*modseq_out = modseq;
	*out = list;
	*n_out = n;
	*next_out = next;
	return ST_OK;
}

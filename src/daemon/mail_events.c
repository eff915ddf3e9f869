/* What happened to an account, and since when that is known: how it is told and read. */
#include "base/wire.h"
#include "daemon/mail_op_int.h"
#include "daemon/mail_past.h"

/* What most events share with the one before is not said again. */
enum { EVENT_TRASH = 1, EVENT_SAME_ORIGIN = 2, EVENT_SAME_PLACE = 4 };

static unsigned
event_bits(const struct past_event *e, const struct past_event *before)
{
	unsigned bits = e->trash ? EVENT_TRASH : 0;

	if (!before)
		return bits;
	if (e->origin_id == before->origin_id)
		bits |= EVENT_SAME_ORIGIN;
	if (e->mailbox == before->mailbox && e->target == before->target &&
	    str_eq(e->name, before->name) &&
	    str_eq(e->new_name, before->new_name))
		bits |= EVENT_SAME_PLACE;
	return bits;
}

static void
put_event(struct buf *b, const struct past_event *e, unsigned bits)
{
	wire_put_var(b, e->modseq);
	wire_put_svar(b, e->wall_ms);
	wire_put_u8(b, (uint8_t)e->kind);
	wire_put_u8(b, (uint8_t)bits);
	if (!(bits & EVENT_SAME_ORIGIN)) {
		wire_put_str(b, e->origin.person);
		wire_put_str(b, e->origin.credential);
		wire_put_str(b, e->origin.protocol);
		wire_put_str(b, e->origin.client);
		wire_put_str(b, e->origin.peer);
	}
	if (!(bits & EVENT_SAME_PLACE)) {
		wire_put_var(b, e->mailbox);
		wire_put_var(b, e->target);
		wire_put_str(b, e->name);
		wire_put_str(b, e->new_name);
	}
	wire_put_var(b, e->count);
	wire_put_var(b, e->gone);
	wire_put_var(b, e->folders);
}

static void
get_event(struct wire *w, struct past_event *e, const struct past_event *before)
{
	unsigned bits;

	e->wall_ms = wire_svar(w);
	e->kind = (enum change_kind)wire_u8(w);
	bits = before ? wire_u8(w) : wire_u8(w) & EVENT_TRASH;
	e->trash = bits & EVENT_TRASH;
	if (bits & EVENT_SAME_ORIGIN) {
		e->origin = before->origin;
	} else {
		e->origin.person = wire_str(w);
		e->origin.credential = wire_str(w);
		e->origin.protocol = wire_str(w);
		e->origin.client = wire_str(w);
		e->origin.peer = wire_str(w);
	}
	if (bits & EVENT_SAME_PLACE) {
		e->mailbox = before->mailbox;
		e->target = before->target;
		e->name = before->name;
		e->new_name = before->new_name;
	} else {
		e->mailbox = wire_var(w);
		e->target = wire_var(w);
		e->name = wire_str(w);
		e->new_name = wire_str(w);
	}
	e->count = wire_var(w);
	e->gone = wire_var(w);
	e->folders = wire_var(w);
}

/* --- the side that owns the account --- */

enum status
mail_horizon(struct mail_op *op, struct wire *w)
{
	struct account_usage u;
	int64_t wall;
	enum status st;

	if (!wire_end(w))
		return ST_SYNTAX;
	if ((st = past_horizon(op->account, &wall)) != ST_OK)
		return st;
	account_usage(op->account, &u);
	wire_put_svar(&op->answer, wall);
	wire_put_var(&op->answer, past_from(op->account));
	wire_put_var(&op->answer, u.modseq);
	return ST_OK;
}

/* Ends with modseq 0 and where to go on. */
enum status
mail_events(struct mail_op *op, struct wire *w)
{
	uint64_t from = wire_var(w), next = 0;
	struct past_event *e;
	enum status st;
	size_t i, n;

	if (!wire_end(w))
		return ST_SYNTAX;
	st = past_events(
	    op->account, from, MAIL_PAST_EVENTS, &op->arena, &e, &n);
	if (st != ST_OK)
		return st;
	for (i = 0; i < n && op->answer.n < MAIL_OP_CHUNK; i++)
		put_event(&op->answer, &e[i],
		    event_bits(&e[i], i > 0 ? &e[i - 1] : NULL));
	if (i < n || n == MAIL_PAST_EVENTS)
		next = e[i - 1].modseq;
	wire_put_var(&op->answer, 0);
	wire_put_var(&op->answer, next);
	return ST_OK;
}

/* --- the side that asks --- */

void
mail_ask_events(struct buf *out, uint64_t from)
{
	wire_put_var(out, from);
}

enum status
mail_answer_horizon(struct str in, struct mail_horizon *out)
{
	struct wire w = wire_of(in);
	struct mail_horizon h;

	h.from_ms = wire_svar(&w);
	h.history_from = wire_var(&w);
	h.modseq = wire_var(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = h;
	return ST_OK;
}

enum status
mail_answer_events(struct str in, struct arena *a, struct past_event **out,
    size_t *n_out, uint64_t *next_out)
{
	struct past_event *list =
	    ARENA_ARRAY(a, struct past_event, MAIL_PAST_EVENTS + 1);
	struct wire w = wire_of(in);
	uint64_t modseq, next;
	size_t n = 0;

	while ((modseq = wire_var(&w)) != 0 && n < MAIL_PAST_EVENTS) {
		list[n] = (struct past_event){.modseq = modseq};
		get_event(&w, &list[n], n > 0 ? &list[n - 1] : NULL);
		n++;
	}
	next = wire_var(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = list;
	*n_out = n;
	*next_out = next;
	return ST_OK;
}

/*
 * What deliver asks of auth and of workers for the sessions of LMTP.
 */
#include <fcntl.h>
#include <unistd.h>

#include "daemon/deliver_int.h"
#include "store/incoming.h"

/* A question that auth or a worker has. */
struct pending {
	uint32_t id;
	struct reception *reception; /* NULL: it has hung up */
	const struct link *at;
	char *address; /* of auth's */
	uint64_t seen; /* the directory's counter before it was asked */
};

static struct pending *
wait_for(struct reception *r, uint32_t id, const struct link *at)
{
	struct pending *p = mem_zalloc(sizeof(*p));

	p->id = id;
	p->reception = r;
	p->at = at;
	r->asking++;
	(void)map_set_u64(&deliver.pending, id, p);
	return p;
}

static struct reception *
answered(uint64_t id)
{
	struct pending *p = map_remove_u64(&deliver.pending, id);
	struct reception *r = p ? p->reception : NULL;

	if (r)
		r->asking--;
	if (p)
		free(p->address);
	free(p);
	return r;
}

static void
answer_status(struct reception *r, uint32_t id, enum status st)
{
	session_answer(&r->session, &(struct answer){.id = id, .status = st});
}

static enum status
ask_recipient(struct reception *r, const struct question *q)
{
	struct link *to = &deliver.child->links[ROLE_AUTH][0];
	uint64_t seen = board_read(deliver.child->board, BOARD_DIRECTORY);
	const struct recipient *known =
	    recipients_find(&deliver.recipients, q->recipient, seen);
	enum status st;
	struct buf b;

	if (known) {
		session_answer(&r->session,
		    &(struct answer){
			.id = q->id, .status = ST_OK, .recipient = known});
		return ST_OK;
	}
	buf_init(&b, 4096);
	wire_put_u64(&b, q->id);
	wire_put_str(&b, q->recipient);
	st = buf_full(&b) ? ST_NOT_FOUND
			  : link_send(to, MSG_RECIPIENT, buf_str(&b), -1);
	buf_release(&b);
	if (st == ST_OK) {
		struct pending *p = wait_for(r, q->id, to);

		p->address = str_dup(q->recipient);
		p->seen = seen;
	}
	return st;
}

static enum status
ask_deliver(struct reception *r, const struct question *q)
{
	const struct deliver_ask *d = &q->deliver;
	/* The machine lends us the message; only the store changes one. */
	struct incoming *in = (struct incoming *)(uintptr_t)d->message;
	int fd = incoming_fd(in);
	struct link *to;
	enum status st;
	struct buf b;

	if (d->to->home >= deliver.child->counts[ROLE_WORKER])
		return ST_STATE;
	fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return ST_IO;
	to = &deliver.child->links[ROLE_WORKER][d->to->home];
	buf_init(&b, CHANNEL_MESSAGE - 64);
	wire_put_u64(&b, q->id);
	wire_put_str(&b, d->to->account);
	wire_put_str(&b, d->to->address);
	wire_put_str(&b, d->to->detail);
	wire_put_str(&b, d->return_path);
	wire_put_str(&b, S(""));
	wire_put_str(&b, r->peer.address);
	wire_put_str(&b, d->trace);
	{
		struct buf text;

		buf_init(&text, CHANNEL_MESSAGE);
		incoming_encode(in, &text);
		wire_put_str(&b, buf_str(&text));
		buf_release(&text);
	}
	st = buf_full(&b) ? ST_LIMIT
			  : link_send(to, MSG_DELIVER, buf_str(&b), fd);
	buf_release(&b);
	if (st == ST_OK)
		(void)wait_for(r, q->id, to);
	else
		close(fd);
	return st;
}

void
deliver_ask(struct session *s, const struct question *q)
{
	struct reception *r = s->owner;
	enum status st;

	if (q->kind == ASK_RECIPIENT)
		st = ask_recipient(r, q);
	else
		st = ask_deliver(r, q);
	if (st != ST_OK)
		answer_status(r, q->id, st == ST_CLOSED ? ST_BUSY : st);
}

static void
remember(uint64_t id, const struct recipient *who)
{
	const struct pending *p = map_get_u64(&deliver.pending, id);

	if (p && p->address)
		recipients_add(
		    &deliver.recipients, str_from(p->address), p->seen, who);
}

void
deliver_recipient_is(struct str body)
{
	struct wire w = wire_of(body);
	uint64_t id = wire_u64(&w);
	struct answer a = {.id = (uint32_t)id};
	struct recipient who;
	struct reception *r;

	a.status = (enum status)wire_u32(&w);
	who.account = wire_str(&w);
	who.address = wire_str(&w);
	who.detail = wire_str(&w);
	who.home = wire_u32(&w);
	if (wire_end(&w) && a.status == ST_OK)
		remember(id, &who);
	r = wire_end(&w) ? answered(id) : NULL;
	if (!r)
		return;
	a.recipient = &who;
	session_answer(&r->session, &a);
}

void
deliver_delivered(struct str body)
{
	struct wire w = wire_of(body);
	uint64_t id = wire_u64(&w);
	enum status st = (enum status)wire_u32(&w);
	struct reception *r = wire_end(&w) ? answered(id) : NULL;

	if (!r)
		return;
	if (!r->asking)
		deliver_forget_spool(r);
	answer_status(r, (uint32_t)id, st);
}

void
deliver_forget_questions(struct reception *r)
{
	size_t pos = 0;
	void *value;

	/* A worker goes on with what it has. */
	while (r->asking && map_next(&deliver.pending, &pos, NULL, &value)) {
		struct pending *p = value;

		if (p->reception == r) {
			p->reception = NULL;
			r->asking--;
		}
	}
}

/*
 * V7: what a worker that died has done with a message is unknown; auth has
 * only not answered.
 */
void
deliver_unanswered(const struct link *l)
{
	enum status st = l->role == ROLE_WORKER ? ST_UNKNOWN : ST_BUSY;
	size_t pos = 0;
	void *value;

	while (map_next(&deliver.pending, &pos, NULL, &value)) {
		struct pending *p = value;
		uint32_t id = p->id;
		struct reception *r;

		if (p->at != l)
			continue;
		r = answered(id);
		if (r)
			answer_status(r, id, st);
	}
}

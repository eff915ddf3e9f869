/*
 * A message that deliver has received, for one of our accounts (P4): a sealed
 * memfd and what its parsing gave.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/worker_int.h"
#include "store/mailbox.h"

struct delivery {
	struct worker *worker;
	struct link *from;
	unsigned generation; /* of the link */
	uint64_t ask;        /* deliver's own number */
	struct arena arena;
	struct home *home;
	struct incoming *message;
	struct incoming *messages[1];
	struct timer timer; /* while a large message is moved */
	struct change change;
	struct viewer viewer;
	struct origin origin;
};

static void
reply(struct link *from, uint64_t ask, enum status st)
{
	struct buf b;

	buf_init(&b, 16);
	wire_put_u64(&b, ask);
	wire_put_u32(&b, (uint32_t)st);
	link_tell(from, MSG_DELIVERED, buf_str(&b));
	buf_release(&b);
}

static void
delivery_free(struct delivery *d)
{
	struct worker *w = d->worker;

	incoming_free(&d->message);
	loop_untimer(w->child->loop, &d->timer);
	if (d->home)
		home_close(d->home);
	arena_release(&d->arena);
	free(d);
	if (!--w->n_deliveries)
		mem_settle();
	worker_may_end(w);
}

/*
 * Where mail went is the first thing an operator is asked. The sender stands
 * last: what he chose is followed by nothing that he could have meant.
 */
static void
note(const struct delivery *d, enum status st, const struct changed *changed)
{
	const struct mailbox *box = NULL;
	uint32_t uid = 0;
	size_t pos = 0;

	if (st != ST_OK) {
		log_notice("not delivered",
		    LOG_STR("account", d->viewer.person), LOG_ST(st),
		    LOG_STR("peer", d->origin.peer),
		    LOG_STR("from", d->origin.person));
		return;
	}
	if (mailbox_by_id(
		d->home->account, &d->viewer, changed->mailbox, &box) != ST_OK)
		box = NULL;
	(void)uidset_next(&changed->to, &pos, &uid);
	log_info("delivered", LOG_STR("account", d->viewer.person),
	    LOG_STR("folder", box ? box->name : S("")), LOG_U64("uid", uid),
	    LOG_U64("bytes", incoming_size(d->message)),
	    LOG_STR("peer", d->origin.peer), LOG_STR("from", d->origin.person));
}

void
delivery_answer(struct asked *q, enum status st, const struct changed *changed)
{
	struct delivery *d = q->delivery;

	note(d, st, changed);
	if (d->from->generation == d->generation)
		reply(d->from, d->ask, st);
	delivery_free(d);
}

static enum status
decode(struct delivery *d, struct packet *m)
{
	struct wire w = wire_of(m->body);
	struct str account, prefix, text;
	enum status st;
	int fd;

	d->ask = wire_u64(&w);
	account = wire_str(&w);
	d->viewer.person = arena_str(&d->arena, wire_str(&w));
	d->viewer.rights = RIGHT_ALL;
	d->change.name = arena_str(&d->arena, wire_str(&w));
	d->origin.person = arena_str(&d->arena, wire_str(&w));
	d->origin.client = arena_str(&d->arena, wire_str(&w));
	d->origin.peer = arena_str(&d->arena, wire_str(&w));
	d->origin.protocol = S("lmtp");
	prefix = arena_str(&d->arena, wire_str(&w));
	text = wire_str(&w);
	fd = packet_take(m, 0);
	if (!wire_end(&w) || fd < 0) {
		if (fd >= 0)
			close(fd);
		return ST_SYNTAX;
	}
	st = incoming_decode(text, fd, &d->message);
	if (st != ST_OK)
		return st;
	incoming_set_prefix(d->message, prefix);
	return home_open(d->worker, account, &d->home);
}

static void
submit(struct delivery *d)
{
	d->messages[0] = d->message;
	d->change.kind = CHANGE_DELIVER;
	d->change.viewer = &d->viewer;
	d->change.origin = &d->origin;
	d->change.messages = d->messages;
	d->change.n_messages = 1;
	worker_submit(d->worker, d->home->account, &d->change,
	    &(struct asked){.kind = ASKED_BY_DELIVERY, .delivery = d});
}

static void
refuse(struct delivery *d, enum status st)
{
	note(d, st, NULL);
	if (d->from->generation == d->generation)
		reply(d->from, d->ask, st);
	delivery_free(d);
}

/* The next piece of a large message, in turn with everybody else. */
static void
move(struct delivery *d, int fd)
{
	struct loop *loop = d->worker->child->loop;
	enum status st = incoming_move(d->message, fd);

	if (st == ST_BUSY)
		loop_timer(loop, &d->timer, loop_now(loop));
	else if (st == ST_OK)
		submit(d);
	else
		refuse(d, st);
}

static void
move_more(void *ctx)
{
	move(ctx, -1);
}

void
delivery_new(struct worker *w, struct link *from, struct packet *m)
{
	struct delivery *d = mem_zalloc(sizeof(*d));
	enum status st;
	int fd;

	d->worker = w;
	d->from = from;
	d->generation = from->generation;
	w->n_deliveries++;
	st = decode(d, m);
	if (st != ST_OK) {
		log_error("delivery not taken", LOG_ST(st));
		refuse(d, st);
		return;
	}
	/* S6: a memfd cannot be linked into the account. */
	fd = incoming_is_large(d->message) ? worker_unnamed_file(w) : -1;
	if (fd < 0) {
		submit(d);
		return;
	}
	d->timer = (struct timer){.fire = move_more, .ctx = d};
	move(d, fd);
}

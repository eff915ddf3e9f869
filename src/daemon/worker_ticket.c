/*
 * P1: a connection is accepted only with a ticket that auth has sent, once,
 * within five seconds. Grant and connection come over different channels, so
 * either may be first; whatever waits, waits here.
 */
#include <unistd.h>

#include "daemon/worker_int.h"

struct waiting {
	struct worker *worker;
	unsigned char ticket[TICKET_SIZE];
	struct arena arena;
	struct timer timer;
	bool is_grant;
	struct grant grant;
	struct arrival arrival;
};

static struct str
ticket_of(const struct waiting *t)
{
	return str_of((const char *)t->ticket, TICKET_SIZE);
}

static void
waiting_free(struct waiting *t)
{
	(void)map_remove(&t->worker->tickets, ticket_of(t));
	loop_untimer(t->worker->child->loop, &t->timer);
	if (!t->is_grant && t->arrival.fd >= 0)
		close(t->arrival.fd);
	arena_release(&t->arena);
	free(t);
}

static void
too_late(void *ctx)
{
	struct waiting *t = ctx;
	struct worker *w = t->worker;

	waiting_free(t);
	worker_may_end(w);
}

static struct waiting *
waiting_new(struct worker *w)
{
	struct waiting *t = mem_zalloc(sizeof(*t));

	t->worker = w;
	t->arrival.fd = -1;
	t->timer.fire = too_late;
	t->timer.ctx = t;
	return t;
}

static void
wait_for_other(struct waiting *t)
{
	struct worker *w = t->worker;

	if (map_get(&w->tickets, ticket_of(t))) {
		/* The same ticket twice: neither is believed. */
		arena_release(&t->arena);
		if (t->arrival.fd >= 0)
			close(t->arrival.fd);
		free(t);
		return;
	}
	(void)map_set(&w->tickets, ticket_of(t), t);
	loop_timer(w->child->loop, &t->timer,
	    loop_now(w->child->loop) + WORKER_TICKET_MS);
}

static void
meet(struct worker *w, const struct grant *g, struct waiting *holder,
    struct arrival *a)
{
	served_new(w, g, a);
	a->fd = -1;
	waiting_free(holder);
}

void
ticket_grant(struct worker *w, struct str body)
{
	struct waiting *t = waiting_new(w), *other;

	t->is_grant = true;
	if (grant_decode(body, &t->arena, &t->grant) != ST_OK) {
		arena_release(&t->arena);
		free(t);
		return;
	}
	memcpy(t->ticket, t->grant.ticket, TICKET_SIZE);
	other = map_get(&w->tickets, ticket_of(t));
	if (!other || other->is_grant) {
		wait_for_other(t);
		return;
	}
	meet(w, &t->grant, other, &other->arrival);
	arena_release(&t->arena);
	free(t);
}

static bool
decode(struct waiting *t, struct link *from, struct packet *m)
{
	struct wire in = wire_of(m->body);
	struct arrival *a = &t->arrival;
	struct str ticket;

	a->from = from;
	(void)wire_u64(&in); /* the connection's id, answered already */
	ticket = wire_bytes(&in, TICKET_SIZE);
	a->protocol = arena_str(&t->arena, wire_str(&in));
	handover_decode(&in, &t->arena, &a->handover);
	peer_decode(&in, &t->arena, &a->peer);
	facts_decode(&in, &t->arena, &a->facts);
	a->unread = arena_str(&t->arena, wire_str(&in));
	a->fd = packet_take(m, 0);
	if (!wire_end(&in) || a->fd < 0 || a->unread.n > HANDOVER_UNREAD)
		return false;
	memcpy(t->ticket, ticket.p, TICKET_SIZE);
	return true;
}

void
ticket_handover(struct worker *w, struct link *from, struct packet *m)
{
	struct waiting *t = waiting_new(w), *other;
	struct wire in = wire_of(m->body);
	struct buf b;

	/* P5: acknowledged when it is ours, whatever becomes of it. */
	buf_init(&b, 16);
	wire_put_u64(&b, wire_u64(&in));
	if (!decode(t, from, m)) {
		if (t->arrival.fd >= 0)
			close(t->arrival.fd);
		arena_release(&t->arena);
		free(t);
		buf_release(&b);
		return;
	}
	link_tell(from, MSG_TAKEN, buf_str(&b));
	buf_release(&b);
	other = map_get(&w->tickets, ticket_of(t));
	if (!other || !other->is_grant) {
		wait_for_other(t);
		return;
	}
	meet(w, &other->grant, other, &t->arrival);
	arena_release(&t->arena);
	free(t);
}

/* A grant that nobody has used yet is revoked, too. */
void
ticket_revoke(struct worker *w, struct str account, struct str credential)
{
	size_t pos = 0;
	void *value;

	while (map_next(&w->tickets, &pos, NULL, &value)) {
		struct waiting *t = value;

		if (t->is_grant && str_eq(t->grant.account, account) &&
		    (!credential.n || str_eq(t->grant.credential, credential)))
			waiting_free(t);
	}
}

void
ticket_drain(struct worker *w)
{
	size_t pos = 0;
	void *value;

	while (map_next(&w->tickets, &pos, NULL, &value))
		waiting_free(value);
}

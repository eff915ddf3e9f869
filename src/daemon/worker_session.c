#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/worker_int.h"

/* What a client hears when its account cannot be served. */
static void
refuse(const struct arrival *a, const char *imap, const char *pop3)
{
	struct buf b;

	buf_init(&b, 1024);
	if (str_eq(a->protocol, S("pop3")))
		buf_addf(&b, "-ERR [SYS/TEMP] %s\r\n", pop3);
	else
		buf_addf(&b, STR_FMT " NO [%s] %s\r\n* BYE %s\r\n",
		    STR_ARG(a->handover.tag), imap, pop3, pop3);
	(void)send(a->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_release(&b);
	close(a->fd);
}

static void
trace_write(void *ctx, struct str text)
{
	struct served *v = ctx;

	/* A full disk costs the trace, nothing else. */
	if (write(v->trace_fd, text.p, text.n) < 0)
		v->session.trace = NULL;
}

/* Is it the account that the operator wants to see? */
static void
trace_open(struct served *v, struct str protocol)
{
	struct worker *w = v->worker;
	struct str wanted = str_from(w->child->config->trace);

	if (wanted.n == 0 ||
	    address_normal(wanted, &v->arena, &wanted) != ST_OK ||
	    !str_eq(wanted, v->grant.address))
		return;
	v->trace_fd = account_trace(v->home->account,
	    arena_printf(&v->arena, "trace-%lld-" STR_FMT,
		(long long)clock_wall(&clock_system), STR_ARG(protocol))
		.p);
	if (v->trace_fd < 0) {
		log_warn("no trace", LOG_STR("account", v->grant.address),
		    LOG_ERRNO(errno));
		return;
	}
	log_notice("session is traced", LOG_STR("account", v->grant.address),
	    LOG_STR("id", v->grant.account));
	trace_begin(&v->trace, &clock_system, trace_write, v);
	v->session.trace = &v->trace;
}

static void
trace_close(struct served *v)
{
	if (v->trace.clock == NULL)
		return;
	trace_end(&v->trace);
	close(v->trace_fd);
}

static void
served_free(struct served *v)
{
	struct worker *w = v->worker;

	if (v->session.machine)
		session_end(&v->session);
	trace_close(v);
	if (w->current == v)
		w->current = NULL;
	*v->prev = v->next;
	if (v->next)
		v->next->prev = v->prev;
	v->home->n_sessions--;
	home_close(v->home);
	arena_release(&v->arena);
	free(v);
	w->n_served--;
	mem_settle();
	worker_may_end(w);
}

/* A change of ours that the store has refers to our memory: wait for it. */
static void
closed(struct session *s)
{
	struct served *v = s->owner;

	if (!v->asking) {
		served_free(v);
		return;
	}
	if (v->dead)
		return;
	v->dead = true;
	close(session_detach(s));
}

static void
ask(struct session *s, const struct question *q)
{
	struct served *v = s->owner;
	struct asked asked = {
	    .kind = ASKED_BY_SESSION, .question = q->id, .served = v};

	ASSERT(q->kind == ASK_CHANGE);
	v->asking++;
	brake_watch(v, q->change, &asked);
	worker_submit(v->worker, v->home->account, q->change, &asked);
}

void
served_answer(struct asked *q, enum status st, const struct changed *changed)
{
	struct served *v = q->served;

	if (q->removes > 0 && st == ST_OK && changed->modseq > 0)
		brake_done(q, changed->modseq);
	free(q->folder);
	v->asking--;
	if (v->dead) {
		if (!v->asking)
			served_free(v);
		return;
	}
	session_answer(&v->session,
	    &(struct answer){
		.id = q->question, .status = st, .changed = changed});
}

int
worker_unnamed_file(const struct worker *w)
{
	return openat(w->data, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static int
spool(void *ctx)
{
	struct served *v = ctx;

	return worker_unnamed_file(v->worker);
}

/* P10: what follows is charged to this account. */
static void
enter(struct session *s)
{
	struct served *v = s->owner;
	struct worker *w = v->worker;

	w->current = v;
	crash_note(w->crash, w->child->index, v->grant.account, v->command);
	crash_note_message(w->crash, w->child->index, v->message);
}

static void
doing(void *ctx, const char *command)
{
	struct served *v = ctx;

	v->command = command;
	v->message = 0;
	enter(&v->session);
}

static enum status
return_to(struct link *l, struct str body, int fd)
{
	return l->ch ? link_send(l, MSG_RETURN, body, fd) : ST_CLOSED;
}

/*
 * UNAUTHENTICATE (P5): the connection goes back whole, with what the client
 * has said behind it, to the login process that it came from or to another.
 */
static void
returned(struct session *s)
{
	struct served *v = s->owner;
	struct child *c = v->worker->child;
	int fd = session_detach(s);
	enum status st = ST_LIMIT;
	struct buf b;

	buf_init(&b, CHANNEL_MESSAGE - 64);
	wire_put_str(&b, str_from(v->protocol->name));
	peer_encode(&v->peer, &b);
	facts_encode(&v->facts, &b);
	wire_put_str(&b, buf_str(&s->in));
	if (s->in.n <= HANDOVER_UNREAD && !c->draining) {
		st = return_to(v->login, buf_str(&b), fd);
		for (unsigned i = 0; i < c->counts[ROLE_LOGIN] && st != ST_OK;
		     i++)
			st = return_to(
			    &c->links[ROLE_LOGIN][i], buf_str(&b), fd);
	}
	if (st != ST_OK) {
		/* RFC 8437 2: there is no NO, but BYE may be said. */
		struct str bye =
		    S("* BYE The connection cannot be used again\r\n");

		(void)send(fd, bye.p, bye.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
	}
	buf_release(&b);
	closed(s);
}

static const struct session_ops ops = {
    .enter = enter,
    .ask = ask,
    .returned = returned,
    .closed = closed,
};

static void
copy_in(struct served *v, const struct grant *g, const struct arrival *a)
{
	struct buf b;
	struct wire in;

	buf_init(&b, CHANNEL_MESSAGE);
	grant_encode(g, &b);
	ASSERT(grant_decode(buf_str(&b), &v->arena, &v->grant) == ST_OK);
	buf_clear(&b);
	handover_encode(&a->handover, &b);
	peer_encode(&a->peer, &b);
	facts_encode(&a->facts, &b);
	in = wire_of(buf_str(&b));
	handover_decode(&in, &v->arena, &v->handover);
	peer_decode(&in, &v->arena, &v->peer);
	facts_decode(&in, &v->arena, &v->facts);
	ASSERT(wire_end(&in));
	buf_release(&b);
}

static void
begin(struct worker *w, struct home *h, const struct grant *g,
    const struct arrival *a)
{
	struct served *v = mem_zalloc(sizeof(*v));
	const struct protocol *protocol = protocol_named(a->protocol);
	const struct proto *proto = protocol->session;

	v->worker = w;
	v->home = h;
	v->protocol = protocol;
	v->login = a->from;
	v->command = "login";
	v->next = h->first;
	v->prev = &h->first;
	if (h->first)
		h->first->prev = &v->next;
	h->first = v;
	h->n_sessions++;
	w->n_served++;
	copy_in(v, g, a);
	v->session.host = (struct host){
	    .clock = &clock_system,
	    .random = &random_system,
	    .config = &w->child->proto,
	    .peer = &v->peer,
	    .tls = &v->facts,
	    .handover = &v->handover,
	    .grant = &v->grant,
	    .store = w->store,
	    .account = h->account,
	    .doing = doing,
	    .spool = spool,
	    .ctx = v,
	};
	log_info("session", LOG_STR("protocol", str_from(proto->name)),
	    LOG_STR("account", v->grant.address),
	    LOG_STR("person", v->grant.person),
	    LOG_STR("credential", v->grant.device),
	    LOG_STR("peer", v->peer.address),
	    LOG_STR("tls", v->facts.on ? v->facts.version : S("none")));
	trace_open(v, str_from(proto->name));
	session_start(&v->session, w->child->loop, proto, &ops, v, a->fd,
	    WORKER_INPUT, a->unread);
}

void
served_new(struct worker *w, const struct grant *g, const struct arrival *a)
{
	struct home *h;
	enum status st;

	if (!protocol_named(a->protocol)) {
		close(a->fd);
		return;
	}
	if (w->child->draining) {
		refuse(a, "UNAVAILABLE", "The server is going down");
		return;
	}
	if (w->n_served >= w->most) {
		refuse(a, "UNAVAILABLE", "Too many sessions in all");
		return;
	}
	st = home_open(w, g->account, &h);
	if (st == ST_BUSY) {
		refuse(a, "UNAVAILABLE", "The account has trouble, try later");
		return;
	}
	if (st != ST_OK) {
		log_error("account not opened", LOG_STR("account", g->account),
		    LOG_ST(st));
		refuse(a, "UNAVAILABLE", "The account is not available now");
		return;
	}
	if (h->n_sessions >= w->child->config->session_limit) {
		refuse(a, "LIMIT", "Too many sessions of this account");
		home_close(h);
		return;
	}
	begin(w, h, g, a);
}

void
served_revoke(struct worker *w, struct str account, struct str credential)
{
	struct home *h = map_get(&w->homes, account);
	struct served *next;

	for (struct served *v = h ? h->first : NULL; v; v = next) {
		next = v->next;
		if (!v->dead &&
		    (!credential.n || str_eq(v->grant.credential, credential)))
			session_event(&v->session, EVENT_REVOKED);
	}
}

void
served_drain(struct worker *w)
{
	size_t pos = 0;
	void *value;

	while (map_next(&w->homes, &pos, NULL, &value)) {
		struct home *h = value;
		struct served *next;

		for (struct served *v = h->first; v; v = next) {
			next = v->next;
			if (!v->dead)
				session_event(&v->session, EVENT_DRAIN);
		}
	}
}

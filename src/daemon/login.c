/*
 * The role `login`: accepts, greets, speaks each protocol up to the login, and
 * hands the connection to the worker that auth has named. It sees no key, no
 * hash and no file (DESIGN 2).
 */
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/login_int.h"

/* Accepts nothing before it has started. */
static struct login login = {.paused = true};

static struct login *
login_of(struct child *c)
{
	login.child = c;
	return &login;
}

static void
start(struct child *c)
{
	struct login *lg = login_of(c);
	struct rlimit r;

	lg->most = 1024;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 &&
	    r.rlim_cur > LOGIN_SPARE_FDS * 2)
		lg->most =
		    (size_t)(r.rlim_cur - LOGIN_SPARE_FDS) / LOGIN_FDS_EACH;
	login_pause(lg, false);
}

static void
shared(struct child *c, enum shared_kind kind, int fd)
{
	struct login *lg = login_of(c);

	ASSERT(kind == SHARED_ADDRESSES);
	lg->addresses = address_open(fd, c->index);
	/* A predecessor that died has left its counts. */
	address_clear(lg->addresses);
	close(fd);
}

static void
told(struct child *c, struct packet *m)
{
	struct login *lg = login_of(c);

	if (m->type == MSG_LISTEN)
		login_listen(lg, m);
}

static void
message(struct child *child, struct link *l, struct packet *m)
{
	struct login *lg = login_of(child);
	struct wire w = wire_of(m->body);
	struct conn *c;

	if (l->role == ROLE_WORKER && m->type == MSG_RETURN) {
		conn_returned(lg, m);
		return;
	}
	c = map_get_u64(&lg->conns, wire_u64(&w));
	if (!c)
		return; /* it has hung up meanwhile */
	if (l->role == ROLE_AUTH && m->type == MSG_AUTH_REPLY)
		conn_authenticated(c, &w);
	else if (l->role == ROLE_TLS && m->type == MSG_TLS_DONE)
		conn_secured(c, &w, packet_take(m, 0));
	else if (l->role == ROLE_TLS && m->type == MSG_TLS_FAILED &&
	    c->state == CONN_TLS)
		conn_free(c);
	else if (l->role == ROLE_WORKER && m->type == MSG_TAKEN &&
	    c->state == CONN_HANDING)
		conn_free(c);
}

static void
lost(struct child *child, struct link *l)
{
	struct login *lg = login_of(child);
	size_t pos = 0;
	void *value;

	while (map_next(&lg->conns, &pos, NULL, &value)) {
		struct conn *c = value;

		if (l->role == ROLE_AUTH)
			conn_auth_lost(c);
		else if ((l->role == ROLE_TLS && c->state == CONN_TLS &&
			     c->tls == l->index) ||
		    (l->role == ROLE_WORKER && c->state == CONN_HANDING &&
			c->home == l->index))
			conn_free(c); /* V7: silently */
	}
}

static void
drain(struct child *child)
{
	struct login *lg = login_of(child);
	size_t pos = 0;
	void *value;

	login_stop(lg);
	if (!lg->conns.n)
		child_done(child);
	while (map_next(&lg->conns, &pos, NULL, &value)) {
		struct conn *c = value;

		if (c->state == CONN_TALK)
			session_event(&c->session, EVENT_DRAIN);
		else if (c->state != CONN_HANDING)
			conn_free(c);
	}
}

const struct role_def role_login = {
    .role = ROLE_LOGIN,
    .start = start,
    .shared = shared,
    .told = told,
    .message = message,
    .lost = lost,
    .drain = drain,
};

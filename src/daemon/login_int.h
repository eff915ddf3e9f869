/*
 * The role `login`: private to login*.c. A connection goes PROXY header ->
 * TLS -> talk -> handing over; each step may be missing but the talk.
 */
#ifndef DAEMON_LOGIN_INT_H
#define DAEMON_LOGIN_INT_H

#include <sys/socket.h>

#include "base/map.h"
#include "daemon/address_table.h"
#include "daemon/child.h"
#include "daemon/session.h"

enum {
	LOGIN_PROXY_MS = 5 * 1000,
	LOGIN_TLS_MS = 30 * 1000,
	LOGIN_HANDOVER_MS = 5 * 1000, /* P5 */
	LOGIN_WARN_MS = 60 * 1000,    /* between warnings of one kind */
	LOGIN_ACCEPTS = 64,           /* in one round */
	LOGIN_SPARE_FDS = 64,         /* channels, files, the handover */
	LOGIN_FDS_EACH = 2,
};

enum conn_state { CONN_PROXY, CONN_TLS, CONN_TALK, CONN_HANDING };

struct login;
struct conn;

/* In the order of their coming. */
struct conn_line {
	struct conn *oldest, *newest;
	size_t n;
};

struct conn {
	struct login *login;
	struct conn *older, *newer;
	struct conn_line *line; /* that it stands in */
	uint64_t id;
	enum conn_state state;
	enum listener kind;
	int fd; /* while no session has it */
	struct watch watch;
	struct timer timer;
	struct arena arena;
	uint64_t group; /* of its address, 0: not counted */
	struct sockaddr_storage from;
	struct peer peer;
	struct tls_facts facts;
	unsigned tls; /* the process that has the socket, in CONN_TLS */
	struct session session;
	struct handover handover;
	uint32_t asking; /* the question auth has, or 0 */
	bool asked;      /* auth may remember something of us */
	unsigned char ticket[TICKET_SIZE];
	uint32_t home;
	struct buf proxy; /* what has come of the header */
};

struct listening_at {
	struct login *login;
	enum listener kind;
	bool proxy;
	int fd;
	struct watch watch;
};

struct login {
	struct child *child;
	struct map conns;
	struct conn_line silent, spoken; /* said nothing yet; all others */
	struct mem_crowd crowd;
	uint64_t last_id;
	int64_t warned; /* mono ms, of connections dropped for others */
	unsigned next_tls;
	size_t most; /* connections at a time */
	bool paused;
	struct listening_at *listeners[64];
	size_t n_listeners;
	struct address_table *addresses;
};

/* login_accept.c */
void login_listen(struct login *lg, struct packet *m);
void login_pause(struct login *lg, bool pause);
void login_stop(struct login *lg);

/* login_conn.c */
void conn_new(struct login *lg, const struct listening_at *l, int fd,
    const struct sockaddr_storage *from);
/* MSG_RETURN: one that a worker gives back. */
void conn_returned(struct login *lg, struct packet *m);
void conn_free(struct conn *c);
void conn_secured(struct conn *c, struct wire *w, int fd);
void conn_authenticated(struct conn *c, struct wire *w);
void conn_auth_lost(struct conn *c);

#endif

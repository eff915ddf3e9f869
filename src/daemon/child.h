/*
 * What all roles have in common: a child comes to life with a channel to the
 * supervisor at CHILD_FD and nothing else. It is told the settings, is handed
 * the channels to its peers and what else its role needs, enters its sandbox,
 * and starts. A peer that dies is replaced: the link stays, its channel is new.
 */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include "daemon/board.h"
#include "daemon/config.h"
#include "daemon/message.h"
#include "net/channel.h"

enum { CHILD_FD = 3 };

struct child;

struct link {
	struct child *child;
	enum role role;
	unsigned index;
	int fd;             /* until the child has started */
	struct channel *ch; /* NULL while the peer is away */
	/*
	 * Which of the processes at the other end it is: who answers later
	 * compares it, since the next one gives the same numbers anew.
	 */
	unsigned generation;
};

struct role_def {
	enum role role;
	/* What needs files that the sandbox hides: libraries' own. */
	void (*prepare)(struct child *c);
	void (*start)(struct child *c);
	/* Memory shared with others, before start: takes fd. */
	void (*shared)(struct child *c, enum shared_kind kind, int fd);
	/* What the supervisor sends for this role, before start or after. */
	void (*told)(struct child *c, struct packet *m);
	void (*message)(struct child *c, struct link *l, struct packet *m);
	/* The peer is (again) there / has died: its answers will not come. */
	void (*linked)(struct child *c, struct link *l);
	void (*lost)(struct child *c, struct link *l);
	void (*reloaded)(struct child *c);
	void (*drain)(struct child *c); /* NULL: the child just ends */
	void (*end)(struct child *c);   /* after the loop */
};

struct child {
	const struct role_def *def;
	unsigned index;
	struct loop *loop;
	struct channel *up;
	struct config *config;
	char *data; /* the DATA folder; outlives reloads */
	struct proto_config proto;
	uint64_t epoch;
	uid_t uid; /* to become when root; 0: stay */
	gid_t gid;
	unsigned counts[ROLES];
	struct link links[ROLES][ROLE_MOST];
	int lock;
	struct board *board; /* NULL: none of this role's business */
	unsigned waiter;     /* our number on it */
	bool started, draining;
	void *state; /* the role's own */
};

/* Runs one child to its end; the exit status of the process. */
int child_main(const struct role_def *def, unsigned index);

extern const struct role_def role_auth, role_deliver, role_hash, role_keeper,
    role_login, role_sync, role_tls, role_worker;

/* NULL: a role that this program does not have. */
extern const struct role_def *const role_defs[ROLES];

/* ST_CLOSED while the peer is away. */
enum status link_send(
    struct link *l, enum message_type type, struct str body, int fd) MUST_CHECK;
/* For news that may be lost. */
void link_tell(struct link *l, enum message_type type, struct str body);

/* A role that has drained ends its process. */
void child_done(struct child *c);

#endif

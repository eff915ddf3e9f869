/*
 * The role `deliver`: private to deliver*.c.
 */
#ifndef DAEMON_DELIVER_INT_H
#define DAEMON_DELIVER_INT_H

#include "base/map.h"
#include "daemon/child.h"
#include "daemon/recipients.h"
#include "daemon/session.h"

enum {
	DELIVER_SESSIONS = 50, /* of one process */
	DELIVER_INPUT = 64 * 1024,
	DELIVER_LISTENERS = 16,
	DELIVER_TLS_MS = 30 * 1000,
};

struct reception {
	struct session session;
	struct reception *next, **prev;
	struct peer peer;
	struct tls_facts facts;
	struct arena arena;
	uint64_t id;
	/* The tls process that has the socket, or NULL; no longer than this. */
	const struct link *securing;
	struct timer timer;
	size_t asking;
	int spooled;    /* our copy of the message's descriptor, or -1 */
	uint64_t bytes; /* in it, as counted in deliver.spooled */
	uint64_t began; /* its number among all messages */
};

struct deliver {
	struct child *child;
	struct watch listeners[DELIVER_LISTENERS];
	int fds[DELIVER_LISTENERS]; /* theirs */
	size_t n_listeners;
	bool listening;
	struct reception *first;
	size_t n;
	struct map receptions; /* by id */
	uint64_t spooled, messages;
	uint64_t last_id;
	unsigned next_tls;
	struct map pending; /* by question id */
	struct recipients recipients;
};

extern struct deliver deliver;

/* deliver.c: the message that is being received is no longer ours. */
void deliver_forget_spool(struct reception *r);

/* deliver_ask.c: what LMTP asks of auth and of workers. */
void deliver_ask(struct session *s, const struct question *q);
void deliver_recipient_is(struct str body);
void deliver_delivered(struct str body);
/* Nobody waits for answers any more. */
void deliver_forget_questions(struct reception *r);
/* A process will not answer. */
void deliver_unanswered(const struct link *l);

/* deliver_tls.c */
void deliver_starttls(struct session *s);
void deliver_secured(struct link *l, struct packet *m);
/* The tls process has died. */
void deliver_tls_lost(const struct link *l);

/* deliver.c: ends it. */
void reception_free(struct reception *r);

#endif

/*
 * What the processes of the server say to each other: the types of messages
 * on net/channel.h, and the structs that travel in more than one of them.
 * Bodies are written with base/wire.h; who decodes checks to the last byte.
 */
#ifndef DAEMON_MESSAGE_H
#define DAEMON_MESSAGE_H

#include "base/wire.h"
#include "proto/proto.h"

enum role {
	ROLE_HASH,
	ROLE_SYNC,
	ROLE_AUTH,
	ROLE_TLS,
	ROLE_WORKER,
	ROLE_KEEPER,
	ROLE_DELIVER,
	ROLE_LOGIN,
	ROLES
};

enum {
	ROLE_MOST = 16,
	HANDOVER_UNREAD = 8 * 1024, /* P5 */
};

/* Memory that processes share, and who is woken by it. */
enum shared_kind {
	SHARED_ADDRESSES,
	SHARED_CRASHES,
	SHARED_ATTEMPTS, /* failed logins, for auth */
	SHARED_BOARD,    /* number: ours among the waiters */
	SHARED_BOARD_READ,
	SHARED_KICKER, /* number: of the waiter */
};

enum message_type {
	/* supervisor to child */
	MSG_HELLO = 1, /* counts by role, epoch, settings */
	MSG_SHARED,    /* enum shared_kind, number; descriptor */
	MSG_LOCK,      /* the lock on DATA, for who may open it (S1) */
	MSG_PEER,      /* role, index; descriptor: a channel to it */
	MSG_LISTEN,    /* listener, proxy; descriptor */
	MSG_KEYS, /* tls: one certificate and its key; index 0 begins a set */
	MSG_TICKETS, /* tls: ticket keys; ends a set */
	MSG_START,
	MSG_RELOAD,  /* settings; keys have come before */
	MSG_DRAIN,   /* say goodbye, then end */
	MSG_CONTROL, /* descriptor: a command-line client */
	MSG_CHARGED, /* worker: verdict, account, message (daemon/crash.h) */

	/* child to supervisor */
	MSG_READY,  /* enum sandbox_weak bits */
	MSG_FAILED, /* text: why the server cannot go on */

	/* login and deliver to tls and back */
	MSG_TLS_ACCEPT, /* id, protocol for ALPN; descriptor */
	MSG_TLS_DONE,   /* id, facts; descriptor */
	MSG_TLS_FAILED, /* id */

	/* login and deliver to auth and back */
	MSG_AUTH_STEP,
	MSG_AUTH_REPLY,
	MSG_AUTH_GONE, /* connection: forget its exchange */
	MSG_RECIPIENT, /* ask, address */
	MSG_RECIPIENT_IS,

	/* auth to hash and back */
	MSG_HASH,
	MSG_HASHED,

	/* auth to worker */
	MSG_GRANT,
	MSG_REVOKE,  /* account, credential; empty: all of the account */
	MSG_SUSPEND, /* worker to auth: account, credential (brake.suspend) */

	/* login to worker and back */
	MSG_HANDOVER,
	MSG_TAKEN, /* id */
	MSG_RETURN, /* UNAUTHENTICATE: protocol, peer, facts, unread; descriptor */

	/* deliver to worker and back */
	MSG_DELIVER,
	MSG_DELIVERED, /* ask, status */

	/* worker to sync and back */
	MSG_SYNC,   /* token; descriptor */
	MSG_SYNCED, /* token, errno */

	/* worker to keeper */
	MSG_KEEP, /* account: its WAL has grown */
	MSG_TEXT, /* account: its text index lacks messages */

	/* keeper to worker and back: a piece of tending (store/tend.h) */
	MSG_TEND,   /* ask, account, piece; ask 0: close the account */
	MSG_TENDED, /* ask, status, more, count */
};

const char *role_name(enum role r);
bool role_of(struct str name, enum role *out) MUST_CHECK;
/* Do the two have a channel between them? */
bool roles_meet(enum role a, enum role b);

void facts_encode(const struct tls_facts *f, struct buf *out);
void facts_decode(struct wire *w, struct arena *a, struct tls_facts *out);
void peer_encode(const struct peer *p, struct buf *out);
void peer_decode(struct wire *w, struct arena *a, struct peer *out);
void handover_encode(const struct handover *h, struct buf *out);
void handover_decode(struct wire *w, struct arena *a, struct handover *out);

#endif

/*
 * The role `worker`: private to worker*.c. It owns its accounts: all their
 * writes, their caches, their sessions (DESIGN 2).
 */
#ifndef DAEMON_WORKER_INT_H
#define DAEMON_WORKER_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "daemon/brake.h"
#include "daemon/child.h"
#include "daemon/crash.h"
#include "daemon/protocols.h"
#include "daemon/session.h"
#include "store/incoming.h"

enum {
	WORKER_TICKET_MS = 5 * 1000, /* P1 */
	WORKER_INPUT = 64 * 1024,
	WORKER_SYNCS = 4096,
	/* Accounts held open; each has a few descriptors. */
	WORKER_OPEN_ACCOUNTS = 200,
	WORKER_FDS_ACCOUNT = 8,
	WORKER_FDS_SPARE = 256, /* channels, syncs, literals */
};

/* What this worker knows of one account while anything of it is in use. */
struct home {
	struct worker *worker;
	struct account *account;
	struct served *first; /* its sessions */
	size_t n_sessions;
	size_t uses; /* sessions and deliveries */
	bool changed;
};

/* One session after its login. */
struct served {
	struct worker *worker;
	struct home *home;
	struct served *next, **prev; /* of the home */
	struct session session;
	struct arena arena;
	struct grant grant;
	struct peer peer;
	struct tls_facts facts;
	struct handover handover;
	const struct protocol *protocol;
	struct link *login; /* that handed it over */
	struct trace trace; /* if session.trace is set; into trace_fd */
	int trace_fd;
	/* What it is at, for P10: a static name; the last message it saw. */
	const char *command;
	uint64_t message;
	size_t asking; /* changes of ours that the store still has */
	bool dead;     /* freed when the last one is answered */
};

enum asked_kind {
	ASKED_BY_SESSION,
	ASKED_BY_DELIVERY,
	ASKED_BY_CONTROL,
	ASKED_BY_BRAKE,
};

/* What is to be done with the store's answer. */
struct asked {
	enum asked_kind kind;
	uint32_t question;
	struct served *served;
	struct delivery *delivery;
	struct controlled *controlled;
	struct note *note;
	/* A session's change that removes messages, for the brake. */
	const struct change *change;
	uint64_t removes; /* so many, or 0 */
	char *folder;     /* from this one; owned */
};

struct lent;
struct control_ask;

struct worker {
	struct child *child;
	struct store *store;
	struct map tickets; /* grants without a connection, and the reverse */
	struct map homes;   /* by account id */
	struct map asked;   /* by the ask given to the store */
	struct map syncs;   /* token -> struct syncing */
	size_t n_served, n_deliveries, n_controlled;
	size_t most; /* sessions, by our descriptors (P8) */
	uint64_t last_ask;
	unsigned *syncing; /* how many each sync process has of ours */
	struct timer store_timer;
	struct home **changed; /* to be told after the store's run */
	size_t n_changed, cap_changed;
	struct crash_slots *crash;
	struct served *current; /* whose turn it is, or NULL */
	struct opaque {
		char *account;
		uint64_t message;
	} * opaque; /* until the store is open */
	size_t n_opaque, cap_opaque;
	struct lent *lent; /* to command-line clients */
	struct brake brake;
	struct map refused; /* accounts that crashed workers (P10) */
	int data;           /* the folder, for unnamed files */
	bool stopped;
};

/* worker_ticket.c */
void ticket_grant(struct worker *w, struct str body);
void ticket_handover(struct worker *w, struct link *from, struct packet *m);
void ticket_revoke(struct worker *w, struct str account, struct str credential);
void ticket_drain(struct worker *w);

struct arrival {
	struct link *from; /* the login process */
	struct str protocol;
	struct handover handover;
	struct peer peer;
	struct tls_facts facts;
	struct str unread;
	int fd;
};

/* worker_session.c: takes arrival's fd; strings are copied. */
void served_new(
    struct worker *w, const struct grant *g, const struct arrival *a);
void served_answer(
    struct asked *q, enum status st, const struct changed *changed);
void served_revoke(struct worker *w, struct str account, struct str credential);
void served_drain(struct worker *w);

/* worker_deliver.c */
void delivery_new(struct worker *w, struct link *from, struct packet *m);
void delivery_answer(
    struct asked *q, enum status st, const struct changed *changed);

/*
 * worker_brake.c: notes what a session's change will remove, and looks at it
 * when it is done.
 */
void brake_watch(struct served *v, const struct change *c, struct asked *q);
void brake_done(struct asked *q, uint64_t modseq);
void note_answer(struct asked *q, enum status st);

/* worker_control.c */
void worker_control(struct worker *w, struct packet *m);
void controlled_answer(
    struct asked *q, enum status st, const struct changed *changed);

/*
 * worker_lend.c: accounts lent to command-line clients. True: the ask was for
 * that, and is answered.
 */
bool lend_asked(
    struct worker *w, uint64_t client, const struct control_ask *ask);
void lend_gone(struct worker *w, uint64_t client);
void lend_end(struct worker *w); /* all of them */

/* worker_sync.c */
void worker_sync(void *ctx, int fd, uint64_t token);
void worker_synced(struct worker *w, struct str body);
void worker_sync_lost(struct worker *w, unsigned index);

/* worker_tend.c */
struct tended;
void worker_tend(struct worker *w, struct str body);
void worker_tended(
    void *ctx, uint64_t ask, enum status st, const struct tended *done);
/* The keeper is gone / that account is to be closed; "": any. */
void worker_tend_end(struct str account);

/* worker.c */
enum status home_open(
    struct worker *w, struct str account, struct home **out) MUST_CHECK;
void home_close(struct home *h);
/* Submits and remembers who asked. */
void worker_submit(struct worker *w, struct account *a, const struct change *c,
    const struct asked *who);
struct worker *worker_get(void);
/* One that the store can link into an account (S6), or -1. */
int worker_unnamed_file(const struct worker *w);
void worker_may_end(struct worker *w);

#endif

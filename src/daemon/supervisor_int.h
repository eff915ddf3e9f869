/*
 * The supervisor's own state: private to supervisor.c, process.c, shared.c,
 * keys.c and listeners.c. It parses nothing that comes from the network.
 */
#ifndef DAEMON_SUPERVISOR_INT_H
#define DAEMON_SUPERVISOR_INT_H

#include <sys/types.h>

#include "daemon/board.h"
#include "daemon/config.h"
#include "daemon/crash.h"
#include "daemon/message.h"
#include "daemon/users.h"
#include "net/channel.h"
#include "net/tls.h"

enum {
	RESTART_CALM_MS = 10 * 1000, /* who lives that long starts afresh */
	RESTART_FIRST_MS = 200,
	RESTART_MOST_MS = 30 * 1000,
	DRAIN_MS = 10 * 1000, /* P12 */
	DRAIN_REST_MS = 3 * 1000,
	TICKET_KEYS_MS = 12 * 60 * 60 * 1000,
};

struct supervisor;

struct process {
	struct supervisor *s;
	enum role role;
	unsigned index;
	pid_t pid; /* 0: not running */
	struct channel *ch;
	bool ready;
	int64_t born;
	unsigned deaths; /* in a row */
	struct timer again;
};

struct listening {
	enum listener kind;
	bool proxy;
	int fd;
};

enum phase { PHASE_START, PHASE_RUN, PHASE_GOODBYE, PHASE_REST };

struct supervisor {
	struct loop *loop;
	struct config *config;
	int lock;
	struct users users;
	uint64_t epoch;
	enum phase phase;
	int exit_status;
	unsigned weak; /* enum sandbox_weak, of all children */
	bool unclean;  /* a worker did not close its store */
	bool reload;   /* asked for before all processes had begun */
	unsigned counts[ROLES];
	struct process procs[ROLES][ROLE_MOST];
	struct listening *listeners;
	size_t n_listeners, cap_listeners;
	struct watch signals;
	struct timer deadline;
	int64_t began;
	unsigned char tickets[TLS_TICKET_KEYS];
	struct timer new_tickets;
	struct watch control; /* DATA/control */
	size_t n_control;
	int board_memory;           /* of daemon/board.h */
	int kickers[BOARD_WAITERS]; /* eventfds; -1: no such process */
	struct board *board;
	int crash; /* the memory of daemon/crash.h */
	struct crash_slots *crashing;
	struct crash_list *crashed;
	int attempts;  /* the memory of auth/attempts.h */
	int addresses; /* the memory of daemon/address_table.h */
};

/* process.c */
void process_init(struct supervisor *s);
/*
 * A process, which waits, and its channels: whom it knows already may have its
 * messages, and it theirs, before process_begin() lets it go to work.
 */
void process_spawn(struct process *p);
void process_begin(struct process *p);
void process_tell(struct process *p, enum message_type t, struct str body);
/* Takes fd over. */
void process_hand(
    struct process *p, enum message_type t, struct str body, int fd);
void process_tell_all(
    struct supervisor *s, enum role r, enum message_type t, struct str body);
/* One that ended, by waitpid. */
void process_ended(struct supervisor *s, pid_t pid, int status);
/* How many of the roles in the set are running. */
unsigned process_alive(const struct supervisor *s, unsigned roles);
void process_kill(struct supervisor *s, unsigned roles);

/* shared.c: false: said why in the log. */
bool shared_init(struct supervisor *s) MUST_CHECK;
void shared_send(struct process *p);
/* It died: what it may have left unsaid is said. */
void shared_lost(struct process *p);

/* listeners.c: false: said why in the log. */
bool listeners_open(struct supervisor *s) MUST_CHECK;
void listeners_send(struct supervisor *s, struct process *p);
void listeners_close(struct supervisor *s);

/* control_listen.c */
bool control_listen(struct supervisor *s) MUST_CHECK;
void control_close(struct supervisor *s);

/* keys.c: to one tls process, or to all (NULL). False: said why in the log. */
bool keys_send(struct supervisor *s, struct process *only) MUST_CHECK;
void keys_tickets(struct supervisor *s, struct process *only, bool fresh);

/* reload.c */
void supervisor_reload(struct supervisor *s);
/* When none is set: the machine's. */
void supervisor_hostname(struct config *c);

/* supervisor.c */
void supervisor_ready(struct process *p, struct str body);
void supervisor_failed(struct process *p, struct str why);
void supervisor_lost(struct process *p);

#endif

/*
 * P10: a crash is charged to what was being done: (account, command, message).
 * A worker notes it in a shared slot; when the worker dies by a signal of its
 * own making, the supervisor reads the slot and counts. A new worker is told
 * what has been charged:
 *
 *	the second time	the message is opaque bytes (mime/summary.h)
 *	the third time	the account answers [UNAVAILABLE], all others live
 *
 * A crash without a message is counted by its command. An account whose
 * crashes are of many kinds is refused at CRASH_ACCOUNT_REFUSE of them.
 */
#ifndef DAEMON_CRASH_H
#define DAEMON_CRASH_H

#include "base/buf.h"

enum {
	CRASH_SLOTS = 16, /* one a worker */
	CRASH_ACCOUNT = 32,
	CRASH_COMMAND = 16,
	CRASH_CHARGES = 256, /* remembered; the oldest goes */
	CRASH_OPAQUE = 2,    /* times until the message is opaque */
	CRASH_REFUSE = 3,    /* until the account is refused */
	CRASH_ACCOUNT_REFUSE = 6,
	CRASH_FORGET_MS = 10 * 60 * 1000,
};

struct crash_slots;

/* What was being done; NUL-terminated, "" and 0 when there is none. */
struct crash {
	char account[CRASH_ACCOUNT];
	char command[CRASH_COMMAND];
	uint64_t message;
};

int crash_memory(void) MUST_CHECK;
struct crash_slots *crash_open(int fd);
void crash_close(struct crash_slots **c);

/* A worker: what it begins, which message it now looks at, that it is done. */
void crash_note(struct crash_slots *c, unsigned worker, struct str account,
    const char *command);
void crash_note_message(
    struct crash_slots *c, unsigned worker, uint64_t message);
void crash_done(struct crash_slots *c, unsigned worker);
/* The supervisor: what the worker was doing; empties the slot. False: nothing
 * of an account. */
bool crash_take(
    struct crash_slots *c, unsigned worker, struct crash *out) MUST_CHECK;

/* Who has crashed workers how often. */
struct crash_list;
struct crash_list *crash_list_new(void);
void crash_list_free(struct crash_list **l);
/* Returns how often by now. */
unsigned crash_charge(
    struct crash_list *l, const struct crash *crash, int64_t now_ms);

enum crash_verdict { CRASH_VERDICT_OPAQUE, CRASH_VERDICT_REFUSED };

/* Calls fn for all that is in force; an account may come more than once. */
void crash_verdicts(const struct crash_list *l, int64_t now_ms,
    void (*fn)(
	void *ctx, enum crash_verdict v, struct str account, uint64_t message),
    void *ctx);

#endif

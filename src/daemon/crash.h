/*
 * P10: a crash is charged to the account that was being served. A worker notes
 * it in a shared slot before each step of a session; when the worker dies by a
 * signal of its own making, the supervisor reads the slot and counts. A new
 * worker is told what has been charged: after the third crash the account
 * answers [UNAVAILABLE] for a while, and all others live.
 */
#ifndef DAEMON_CRASH_H
#define DAEMON_CRASH_H

#include "base/buf.h"

enum {
	CRASH_SLOTS = 16, /* one a worker */
	CRASH_ACCOUNT = 32,
	CRASH_ACCOUNTS = 256, /* remembered; the oldest goes */
	CRASH_REFUSE = 3,     /* times until the account is refused */
	CRASH_FORGET_MS = 10 * 60 * 1000,
};

struct crash_slots;

int crash_memory(void) MUST_CHECK;
struct crash_slots *crash_open(int fd);
void crash_close(struct crash_slots **c);

/* A worker: what it begins, and that it is done. */
void crash_note(struct crash_slots *c, unsigned worker, struct str account);
void crash_done(struct crash_slots *c, unsigned worker);
/* The supervisor: what the worker was doing; empties the slot. "" : nothing. */
struct str crash_take(
    struct crash_slots *c, unsigned worker, char room[CRASH_ACCOUNT]);

/* Who has crashed workers how often. */
struct crash_list;
struct crash_list *crash_list_new(void);
void crash_list_free(struct crash_list **l);
/* Returns how often by now. */
unsigned crash_charge(struct crash_list *l, struct str account, int64_t now_ms);
/* The accounts to refuse: "id\nid\n...". */
void crash_refused(struct crash_list *l, int64_t now_ms, struct buf *out);

#endif

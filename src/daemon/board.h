/*
 * The board (P11): who learns of a change. 65,536 counters in shared memory,
 * each with an interest bit for every process that may wait, and an eventfd
 * for each of those.
 *
 *	waiter: set the interest, fence, read the counter, sleep
 *	writer: commit, raise the counter, fence, read the interest, kick
 *
 * So one of the two always sees the other. Accounts share counters by hash: a
 * collision costs a wasted look, never a missed change. The directory has a
 * counter of its own. A counter says that something changed and never what:
 * who wakes asks the store, or auth.
 *
 * A watch is for one time: it is off when `changed` is called, and the writer
 * pays for no second kick until it is armed again.
 */
#ifndef DAEMON_BOARD_H
#define DAEMON_BOARD_H

#include "base/str.h"
#include "net/loop.h"

enum {
	BOARD_COUNTERS = 65536,
	BOARD_DIRECTORY = BOARD_COUNTERS, /* the slot of auth's changes */
	BOARD_SLOTS = BOARD_COUNTERS + 1,
	BOARD_WAITERS = 32,
	BOARD_NOBODY = BOARD_WAITERS, /* writes or reads, but does not wait */
};

struct board;

struct board_watch {
	void (*changed)(void *ctx);
	void *ctx;
	/* private */
	size_t slot;
	uint64_t seen;
	struct board_watch *next, **prev; /* prev NULL: not armed */
};

/* The memory for it: a descriptor, or -1 with errno. */
int board_memory(void) MUST_CHECK;
/* The same, for who may only read it; -1 with errno. */
int board_memory_read_only(int fd) MUST_CHECK;

/*
 * Maps it; takes no descriptor over. `self` is this process's number as a
 * waiter, or BOARD_NOBODY. Without `writes` only board_read may be used.
 */
struct board *board_open(int fd, unsigned self, bool writes);
void board_close(struct board **b);
/* The eventfd of a waiter, taken over. Before board_attach and board_bump. */
void board_kicker(struct board *b, unsigned waiter, int fd);

/* Which counter an account has. */
size_t board_slot(struct str account);

/* Reads before the data is looked at: what is newer will then be noticed. */
uint64_t board_read(const struct board *b, size_t slot);
/* After the commit. */
void board_bump(struct board *b, size_t slot);
/* Every counter: a worker has died between its commit and its bump. */
void board_bump_all(struct board *b);
/* The waiter has died; its successor has not waited for anything yet. */
void board_forget(struct board *b, unsigned waiter);

/* From now on watches are called from this loop. */
void board_attach(struct board *b, struct loop *l);
/*
 * Calls w->changed when the counter is no longer `seen`. False: it is not even
 * now; the watch is off, look again.
 */
bool board_arm(struct board *b, struct board_watch *w, size_t slot,
    uint64_t seen) MUST_CHECK;
void board_disarm(struct board *b, struct board_watch *w);

#endif

#include "daemon/board.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct counter {
	uint64_t count;
	uint64_t interest; /* a bit for each waiter */
};

struct shared {
	uint64_t all; /* is added to every count */
	struct counter counters[BOARD_SLOTS];
};

struct board {
	struct shared *shared;
	unsigned self;
	int kickers[BOARD_WAITERS];
	struct loop *loop;
	struct watch watch;
	struct board_watch *first, *due;
	uint32_t *armed; /* watches by slot */
};

int
board_memory(void)
{
	int fd = memfd_create("board", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, sizeof(struct shared)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
board_memory_read_only(int fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

struct board *
board_open(int fd, unsigned self, bool writes)
{
	struct board *b = mem_zalloc(sizeof(*b));

	ASSERT(self <= BOARD_NOBODY);
	b->shared = mmap(NULL, sizeof(struct shared),
	    writes ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	ASSERT(b->shared != MAP_FAILED);
	b->self = self;
	b->watch.fd = -1;
	for (size_t i = 0; i < BOARD_WAITERS; i++)
		b->kickers[i] = -1;
	return b;
}

void
board_close(struct board **bp)
{
	struct board *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	while (b->first)
		board_disarm(b, b->first);
	while (b->due)
		board_disarm(b, b->due);
	if (b->loop)
		loop_unwatch(b->loop, &b->watch);
	for (size_t i = 0; i < BOARD_WAITERS; i++)
		if (b->kickers[i] >= 0)
			close(b->kickers[i]);
	munmap(b->shared, sizeof(struct shared));
	free(b->armed);
	free(b);
}

void
board_kicker(struct board *b, unsigned waiter, int fd)
{
	ASSERT(waiter < BOARD_WAITERS && b->kickers[waiter] < 0);
	b->kickers[waiter] = fd;
}

size_t
board_slot(struct str account)
{
	return (size_t)(str_hash(account) % BOARD_COUNTERS);
}

uint64_t
board_read(const struct board *b, size_t slot)
{
	const struct counter *c = &b->shared->counters[slot];

	return __atomic_load_n(&c->count, __ATOMIC_SEQ_CST) +
	    __atomic_load_n(&b->shared->all, __ATOMIC_SEQ_CST);
}

static void
kick(const struct board *b, uint64_t waiters)
{
	static const uint64_t one = 1;

	for (unsigned i = 0; waiters; i++, waiters >>= 1)
		/* A full eventfd wakes as well as one that was empty. */
		if ((waiters & 1) && b->kickers[i] >= 0 && i != b->self &&
		    write(b->kickers[i], &one, sizeof(one)) < 0)
			continue;
}

void
board_bump(struct board *b, size_t slot)
{
	struct counter *c = &b->shared->counters[slot];

	__atomic_fetch_add(&c->count, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	kick(b, __atomic_load_n(&c->interest, __ATOMIC_SEQ_CST));
}

void
board_bump_all(struct board *b)
{
	__atomic_fetch_add(&b->shared->all, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	kick(b, UINT32_MAX);
}

void
board_forget(struct board *b, unsigned waiter)
{
	for (size_t i = 0; i < BOARD_SLOTS; i++) {
		struct counter *c = &b->shared->counters[i];

		if (__atomic_load_n(&c->interest, __ATOMIC_RELAXED) &
		    1ull << waiter)
			__atomic_fetch_and(
			    &c->interest, ~(1ull << waiter), __ATOMIC_SEQ_CST);
	}
}

/* --- waiting --- */

static void
unlink_watch(struct board_watch *w)
{
	*w->prev = w->next;
	if (w->next)
		w->next->prev = w->prev;
}

static void
link_watch(struct board_watch *w, struct board_watch **at)
{
	w->next = *at;
	w->prev = at;
	if (w->next)
		w->next->prev = &w->next;
	*at = w;
}

void
board_disarm(struct board *b, struct board_watch *w)
{
	if (!w->prev)
		return;
	unlink_watch(w);
	w->prev = NULL;
	if (--b->armed[w->slot] == 0)
		__atomic_fetch_and(&b->shared->counters[w->slot].interest,
		    ~(1ull << b->self), __ATOMIC_SEQ_CST);
}

bool
board_arm(struct board *b, struct board_watch *w, size_t slot, uint64_t seen)
{
	ASSERT(b->loop && slot < BOARD_SLOTS && !w->prev);
	w->slot = slot;
	w->seen = seen;
	link_watch(w, &b->first);
	if (b->armed[slot]++ == 0)
		__atomic_fetch_or(&b->shared->counters[slot].interest,
		    1ull << b->self, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (board_read(b, slot) == seen)
		return true;
	board_disarm(b, w);
	return false;
}

/* A callback may arm and disarm what it likes: those due are apart first. */
static void
kicked(void *ctx, uint32_t events UNUSED)
{
	struct board *b = ctx;
	struct board_watch *next;
	uint64_t n;

	if (read(b->watch.fd, &n, sizeof(n)) < 0)
		return;
	for (struct board_watch *w = b->first; w; w = next) {
		next = w->next;
		if (board_read(b, w->slot) == w->seen)
			continue;
		unlink_watch(w);
		link_watch(w, &b->due);
	}
	while (b->due) {
		struct board_watch *w = b->due;

		board_disarm(b, w);
		w->changed(w->ctx);
	}
}

void
board_attach(struct board *b, struct loop *l)
{
	ASSERT(b->self < BOARD_WAITERS && b->kickers[b->self] >= 0 && !b->loop);
	b->loop = l;
	b->armed = mem_zalloc(BOARD_SLOTS * sizeof(*b->armed));
	b->watch = (struct watch){.fd = -1, .ready = kicked, .ctx = b};
	loop_watch(l, &b->watch, b->kickers[b->self], EPOLLIN);
}

#include "daemon/crash.h"

#include <sys/mman.h>
#include <unistd.h>

struct crash_slots {
	char account[CRASH_SLOTS][CRASH_ACCOUNT]; /* NUL-terminated; "" idle */
};

int
crash_memory(void)
{
	int fd = memfd_create("crash", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, sizeof(struct crash_slots)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct crash_slots *
crash_open(int fd)
{
	struct crash_slots *c =
	    mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ASSERT(c != MAP_FAILED);
	return c;
}

void
crash_close(struct crash_slots **c)
{
	if (*c)
		munmap(*c, sizeof(**c));
	*c = NULL;
}

void
crash_note(struct crash_slots *c, unsigned worker, struct str account)
{
	char *slot = c->account[worker % CRASH_SLOTS];
	size_t n = min_size(account.n, CRASH_ACCOUNT - 1);

	memcpy(slot, account.p, n);
	slot[n] = '\0';
}

void
crash_done(struct crash_slots *c, unsigned worker)
{
	c->account[worker % CRASH_SLOTS][0] = '\0';
}

struct str
crash_take(struct crash_slots *c, unsigned worker, char room[CRASH_ACCOUNT])
{
	memcpy(room, c->account[worker % CRASH_SLOTS], CRASH_ACCOUNT);
	room[CRASH_ACCOUNT - 1] = '\0'; /* its writer has crashed, after all */
	crash_done(c, worker);
	return str_from(room);
}

struct charge {
	char account[CRASH_ACCOUNT];
	unsigned times;
	int64_t last;
};

struct crash_list {
	struct charge charges[CRASH_ACCOUNTS];
};

struct crash_list *
crash_list_new(void)
{
	return mem_zalloc(sizeof(struct crash_list));
}

void
crash_list_free(struct crash_list **l)
{
	free(*l);
	*l = NULL;
}

unsigned
crash_charge(struct crash_list *l, struct str account, int64_t now_ms)
{
	struct charge *at = &l->charges[0];

	for (size_t i = 0; i < CRASH_ACCOUNTS; i++) {
		struct charge *c = &l->charges[i];

		if (str_eq(str_from(c->account), account)) {
			at = c;
			break;
		}
		if (c->last < at->last)
			at = c;
	}
	if (!str_eq(str_from(at->account), account) ||
	    now_ms - at->last > CRASH_FORGET_MS) {
		memset(at, 0, sizeof(*at));
		memcpy(at->account, account.p,
		    min_size(account.n, CRASH_ACCOUNT - 1));
	}
	at->last = now_ms;
	return ++at->times;
}

void
crash_refused(struct crash_list *l, int64_t now_ms, struct buf *out)
{
	for (size_t i = 0; i < CRASH_ACCOUNTS; i++) {
		const struct charge *c = &l->charges[i];

		if (c->times >= CRASH_REFUSE &&
		    now_ms - c->last <= CRASH_FORGET_MS)
			buf_addf(out, "%s\n", c->account);
	}
}

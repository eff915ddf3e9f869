#include "daemon/crash.h"

#include <sys/mman.h>
#include <unistd.h>

struct crash_slots {
	struct crash of[CRASH_SLOTS];
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

static struct crash *
slot(struct crash_slots *c, unsigned worker)
{
	return &c->of[worker % CRASH_SLOTS];
}

static void
copy_text(char *to, size_t size, struct str s)
{
	size_t n = min_size(s.n, size - 1);

	memcpy(to, s.p, n);
	to[n] = '\0';
}

void
crash_note(struct crash_slots *c, unsigned worker, struct str account,
    const char *command)
{
	struct crash *s = slot(c, worker);

	s->message = 0;
	copy_text(s->command, CRASH_COMMAND, str_from(command));
	copy_text(s->account, CRASH_ACCOUNT, account);
}

/*
 * Nothing orders this before what follows, for the compiler: but who reads it
 * does so after this process has ended, and a call lies between.
 */
void
crash_note_message(struct crash_slots *c, unsigned worker, uint64_t message)
{
	slot(c, worker)->message = message;
}

void
crash_done(struct crash_slots *c, unsigned worker)
{
	slot(c, worker)->account[0] = '\0';
}

bool
crash_take(struct crash_slots *c, unsigned worker, struct crash *out)
{
	*out = *slot(c, worker);
	/* Its writer has crashed, after all. */
	out->account[CRASH_ACCOUNT - 1] = '\0';
	out->command[CRASH_COMMAND - 1] = '\0';
	crash_done(c, worker);
	return out->account[0] != '\0';
}

struct charge {
	struct crash what;
	unsigned times;
	int64_t last;
};

struct crash_list {
	struct charge charges[CRASH_CHARGES];
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

/* A message that crashes FETCH is the same that crashes SEARCH. */
static bool
same(const struct crash *a, const struct crash *b)
{
	return strcmp(a->account, b->account) == 0 &&
	    a->message == b->message &&
	    (a->message || strcmp(a->command, b->command) == 0);
}

static bool
holds(const struct charge *c, int64_t now_ms)
{
	return c->times && now_ms - c->last <= CRASH_FORGET_MS;
}

unsigned
crash_charge(struct crash_list *l, const struct crash *crash, int64_t now_ms)
{
	struct charge *at = &l->charges[0];

	for (size_t i = 0; i < CRASH_CHARGES; i++) {
		struct charge *c = &l->charges[i];

		if (c->times && same(&c->what, crash)) {
			at = c;
			break;
		}
		if (c->last < at->last)
			at = c;
	}
	if (!holds(at, now_ms) || !same(&at->what, crash))
		at->times = 0;
	at->what = *crash;
	at->last = now_ms;
	return ++at->times;
}

static unsigned
of_account(const struct crash_list *l, const char *account, int64_t now_ms)
{
	unsigned n = 0;

	for (size_t i = 0; i < CRASH_CHARGES; i++)
		if (holds(&l->charges[i], now_ms) &&
		    strcmp(l->charges[i].what.account, account) == 0)
			n += l->charges[i].times;
	return n;
}

void
crash_verdicts(const struct crash_list *l, int64_t now_ms,
    void (*fn)(
	void *ctx, enum crash_verdict v, struct str account, uint64_t message),
    void *ctx)
{
	for (size_t i = 0; i < CRASH_CHARGES; i++) {
		const struct charge *c = &l->charges[i];
		struct str account = str_from(c->what.account);

		if (!holds(c, now_ms))
			continue;
		if (c->times >= CRASH_REFUSE ||
		    of_account(l, c->what.account, now_ms) >=
			CRASH_ACCOUNT_REFUSE)
			fn(ctx, CRASH_VERDICT_REFUSED, account, 0);
		else if (c->times >= CRASH_OPAQUE && c->what.message)
			fn(ctx, CRASH_VERDICT_OPAQUE, account, c->what.message);
	}
}

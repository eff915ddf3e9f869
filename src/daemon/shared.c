/*
 * Memory that processes share (daemon/board.h, daemon/crash.h,
 * daemon/address_table.h, auth/attempts.h): made once by the supervisor, handed on to each new
 * process, and set right when one dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auth/attempts.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/address_table.h"
#include "daemon/board.h"
#include "daemon/supervisor_int.h"

static const unsigned writes_board =
    1 << ROLE_AUTH | 1 << ROLE_WORKER | 1 << ROLE_KEEPER;
/* Deliver could hide changes from others, if it could write. */
static const unsigned reads_board = 1 << ROLE_DELIVER;

/* The number of a process among those who wait. */
static unsigned
waiter_of(const struct process *p)
{
	if (p->role == ROLE_WORKER)
		return p->index;
	if (p->role == ROLE_KEEPER)
		return ROLE_MOST + p->index;
	return BOARD_NOBODY;
}

static bool
open_board(struct supervisor *s)
{
	bool ok = s->board_memory >= 0;

	if (!ok)
		return false;
	s->board = board_open(s->board_memory, BOARD_NOBODY, true);
	memset(s->kickers, -1, sizeof(s->kickers));
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < s->counts[r]; i++) {
			unsigned n = waiter_of(&s->procs[r][i]);
			int copy;

			if (n == BOARD_NOBODY)
				continue;
			s->kickers[n] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
			copy = fcntl(s->kickers[n], F_DUPFD_CLOEXEC, 0);
			ok = ok && copy >= 0;
			if (copy >= 0)
				board_kicker(s->board, n, copy);
		}
	return ok;
}

/* Failed logins are not forgotten when auth is restarted. */
static int
attempts_memory(void)
{
	int fd = memfd_create("attempts", MFD_CLOEXEC);
	struct attempts_table *t;

	if (fd < 0 || ftruncate(fd, sizeof(*t)) < 0)
		return -1;
	t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (t == MAP_FAILED)
		return -1;
	attempts_init(t, &random_system);
	munmap(t, sizeof(*t));
	return fd;
}

bool
shared_init(struct supervisor *s)
{
	s->addresses = address_memory();
	s->attempts = attempts_memory();
	s->crash = crash_memory();
	s->board_memory = board_memory();
	if (s->addresses < 0 || s->attempts < 0 || s->crash < 0 ||
	    !open_board(s)) {
		log_error("no memory to share", LOG_ERRNO(errno));
		return false;
	}
	s->crashing = crash_open(s->crash);
	s->crashed = crash_list_new();
	return true;
}

static void
hand(struct process *p, enum shared_kind kind, unsigned number, int fd)
{
	struct buf b;

	if (fd < 0) {
		log_error("no descriptor to share", LOG_ERRNO(errno));
		return;
	}
	buf_init(&b, 16);
	wire_put_u8(&b, (uint8_t)kind);
	wire_put_u32(&b, number);
	process_hand(p, MSG_SHARED, buf_str(&b), fd);
	buf_release(&b);
}

static int
copy_of(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void
send_board(struct process *p)
{
	struct supervisor *s = p->s;

	if (reads_board & 1u << p->role)
		hand(p, SHARED_BOARD_READ, BOARD_NOBODY,
		    board_memory_read_only(s->board_memory));
	if (!(writes_board & 1u << p->role))
		return;
	hand(p, SHARED_BOARD, waiter_of(p), copy_of(s->board_memory));
	for (unsigned i = 0; i < BOARD_WAITERS; i++)
		if (s->kickers[i] >= 0)
			hand(p, SHARED_KICKER, i, copy_of(s->kickers[i]));
}

void
shared_send(struct process *p)
{
	struct supervisor *s = p->s;

	send_board(p);
	if (p->role == ROLE_LOGIN)
		hand(p, SHARED_ADDRESSES, 0, copy_of(s->addresses));
	if (p->role == ROLE_AUTH)
		hand(p, SHARED_ATTEMPTS, 0, copy_of(s->attempts));
	if (p->role == ROLE_WORKER)
		hand(p, SHARED_CRASHES, 0, copy_of(s->crash));
}

void
shared_lost(struct process *p)
{
	unsigned waiter = waiter_of(p);

	if (waiter != BOARD_NOBODY)
		board_forget(p->s->board, waiter);
	/* It may have committed without saying so (P11). */
	if (writes_board & 1u << p->role)
		board_bump_all(p->s->board);
}

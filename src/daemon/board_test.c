#include "daemon/board.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

enum { WRITER = BOARD_NOBODY, WAITER = 3, PATIENCE_MS = 20 * 1000 };

struct world {
	int fd, kicker;
	struct board *writer, *waiter;
	struct loop *loop;
	unsigned called;
};

static void
begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->fd = board_memory();
	w->kicker = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(w->fd >= 0 && w->kicker >= 0);
	w->loop = loop_new();
	w->writer = board_open(w->fd, WRITER, true);
	w->waiter = board_open(w->fd, WAITER, true);
	board_kicker(w->writer, WAITER, dup(w->kicker));
	board_kicker(w->waiter, WAITER, dup(w->kicker));
	board_attach(w->waiter, w->loop);
}

static void
end(struct world *w)
{
	board_close(&w->writer);
	board_close(&w->waiter);
	loop_free(&w->loop);
	close(w->kicker);
	close(w->fd);
}

/* How often writers have kicked since the last look. */
static uint64_t
kicks(const struct world *w)
{
	uint64_t n = 0;

	if (read(w->kicker, &n, sizeof(n)) < 0)
		assert_int_equal(errno, EAGAIN);
	return n;
}

static void
count(void *ctx)
{
	((struct world *)ctx)->called++;
}

static void
who_waits_is_told_once(void **state UNUSED)
{
	struct world w;
	struct board_watch a = {.changed = count, .ctx = &w}, b = a;
	uint64_t seen;

	begin(&w);
	board_bump(w.writer, 7); /* nobody is interested: no kick */
	assert_int_equal(kicks(&w), 0);
	seen = board_read(w.waiter, 7);
	assert_true(board_arm(w.waiter, &a, 7, seen));
	assert_true(board_arm(w.waiter, &b, BOARD_DIRECTORY,
	    board_read(w.waiter, BOARD_DIRECTORY)));
	board_bump(w.writer, 7);
	board_bump(w.writer, 8);
	(void)loop_once(w.loop, PATIENCE_MS);
	assert_int_equal(w.called, 1);
	/* Off until armed again. */
	board_bump(w.writer, 7);
	assert_int_equal(kicks(&w), 0);
	assert_false(board_arm(w.waiter, &a, 7, seen));
	assert_int_equal(board_read(w.waiter, 7), seen + 2);
	assert_true(board_arm(w.waiter, &a, 7, seen + 2));
	board_disarm(w.waiter, &a);
	board_bump(w.writer, 7);
	assert_int_equal(kicks(&w), 0);
	/* The other one still waits. */
	board_bump(w.writer, BOARD_DIRECTORY);
	(void)loop_once(w.loop, PATIENCE_MS);
	assert_int_equal(w.called, 2);
	end(&w);
}

static void
two_watches_of_one_counter(void **state UNUSED)
{
	struct world w;
	struct board_watch a = {.changed = count, .ctx = &w}, b = a;

	begin(&w);
	assert_true(board_arm(w.waiter, &a, 5, 0));
	assert_true(board_arm(w.waiter, &b, 5, 0));
	board_disarm(w.waiter, &a);
	board_bump(w.writer, 5);
	(void)loop_once(w.loop, PATIENCE_MS);
	assert_int_equal(w.called, 1);
	end(&w);
}

struct pair {
	struct world *w;
	struct board_watch mine, other;
};

static void
disarm_other(void *ctx)
{
	struct pair *p = ctx;

	p->w->called++;
	board_disarm(p->w->waiter, &p->other);
	board_disarm(p->w->waiter, &p->mine);
}

static void
a_callback_may_disarm_what_is_due(void **state UNUSED)
{
	struct world w;
	struct pair p[2];

	begin(&w);
	for (size_t i = 0; i < 2; i++) {
		p[i].w = &w;
		p[i].mine =
		    (struct board_watch){.changed = disarm_other, .ctx = &p[0]};
	}
	p[0].other =
	    (struct board_watch){.changed = disarm_other, .ctx = &p[0]};
	assert_true(board_arm(w.waiter, &p[0].mine, 1, 0));
	assert_true(board_arm(w.waiter, &p[0].other, 2, 0));
	board_bump_all(w.writer);
	(void)loop_once(w.loop, PATIENCE_MS);
	assert_int_equal(w.called, 1);
	end(&w);
}

static void
a_dead_worker_changes_all(void **state UNUSED)
{
	struct world w;
	struct board_watch a = {.changed = count, .ctx = &w}, b = a;

	begin(&w);
	assert_true(board_arm(w.waiter, &a, 65535, 0));
	assert_true(board_arm(w.waiter, &b, BOARD_DIRECTORY, 0));
	board_bump_all(w.writer);
	(void)loop_once(w.loop, PATIENCE_MS);
	assert_int_equal(w.called, 2);
	/* Who waited and died is kicked no more. */
	assert_true(board_arm(w.waiter, &a, 1, 1));
	board_forget(w.writer, WAITER);
	board_bump(w.writer, 1);
	assert_int_equal(kicks(&w), 0);
	end(&w);
}

static void
a_reader_cannot_write(void **state UNUSED)
{
	struct world w;
	struct board *reader;
	int fd;

	begin(&w);
	fd = board_memory_read_only(w.fd);
	assert_true(fd >= 0);
	assert_ptr_equal(
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
	    MAP_FAILED);
	reader = board_open(fd, BOARD_NOBODY, false);
	close(fd);
	board_bump(w.writer, 9);
	assert_int_equal(board_read(reader, 9), 1);
	board_close(&reader);
	end(&w);
}

/* --- two processes --- */

struct race {
	struct board *board;
	struct board_watch watch;
	struct loop *loop;
	int acks;
	uint64_t data; /* the last that was seen */
	const uint64_t *source;
	size_t slot;
};

/* Looks at the data, says so, and waits for the next change. */
static void
look(void *ctx)
{
	struct race *r = ctx;
	uint64_t seen, data;

	do {
		seen = board_read(r->board, r->slot);
		data = __atomic_load_n(r->source, __ATOMIC_RELAXED);
		if (data != r->data &&
		    write(r->acks, &data, sizeof(data)) != sizeof(data))
			_exit(2);
		r->data = data;
		if (data == UINT64_MAX) {
			loop_stop(r->loop);
			return;
		}
	} while (!board_arm(r->board, &r->watch, r->slot, seen));
}

static _Noreturn void
wait_in_another_process(
    struct world *w, const uint64_t *source, size_t slot, int acks)
{
	struct race r = {
	    .loop = w->loop, .acks = acks, .source = source, .slot = slot};

	/* A loop of its own: epoll descriptors are shared by fork. */
	r.loop = loop_new();
	r.board = board_open(w->fd, WAITER, true);
	board_kicker(r.board, WAITER, dup(w->kicker));
	board_attach(r.board, r.loop);
	r.watch = (struct board_watch){.changed = look, .ctx = &r};
	look(&r);
	loop_run(r.loop);
	_exit(0);
}

/*
 * The order of the fences: each change is made while the waiter may be just
 * between its look and its sleep. One lost kick, and it sleeps for ever.
 */
static void
no_change_is_slept_through(void **state UNUSED)
{
	enum { ROUNDS = 20000 };
	struct world w = {
	    .fd = board_memory(), .kicker = eventfd(0, EFD_NONBLOCK)};
	uint64_t *source = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t slot = board_slot(S("aaaaaaaaaaaaaaaaaaaaaaaaaa"));
	int acks[2], status;
	uint64_t got = 0;
	pid_t pid;

	assert_int_equal(pipe(acks), 0);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		wait_in_another_process(&w, source, slot, acks[1]);
	}
	close(acks[1]);
	w.writer = board_open(w.fd, WRITER, true);
	board_kicker(w.writer, WAITER, dup(w.kicker));
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		uint64_t next = i == ROUNDS ? UINT64_MAX : i;

		__atomic_store_n(source, next, __ATOMIC_RELAXED); /* commit */
		board_bump(w.writer, slot);
		/* When the waiter sleeps for ever its alarm ends the pipe. */
		while (got != next)
			assert_int_equal(read(acks[0], &got, sizeof(got)), 8);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	board_close(&w.writer);
	munmap(source, 4096);
	close(acks[0]);
	close(w.fd);
	close(w.kicker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_waits_is_told_once),
	    cmocka_unit_test(two_watches_of_one_counter),
	    cmocka_unit_test(a_callback_may_disarm_what_is_due),
	    cmocka_unit_test(a_dead_worker_changes_all),
	    cmocka_unit_test(a_reader_cannot_write),
	    cmocka_unit_test(no_change_is_slept_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

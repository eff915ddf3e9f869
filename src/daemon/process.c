/*
 * The supervisor's children: how one comes to life, gets its channels, and is
 * started again when it dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/child.h"
#include "daemon/supervisor_int.h"

enum { HELLO_MAX = 64 * 1024 };

static void
child_message(void *ctx, struct channel *ch UNUSED, struct packet *m)
{
	struct process *p = ctx;

	if (m->type == MSG_READY)
		supervisor_ready(p, m->body);
	else if (m->type == MSG_FAILED)
		supervisor_failed(p, m->body);
}

/* Its end is dealt with when the kernel reports it. */
static void
child_closed(void *ctx, struct channel *ch UNUSED)
{
	channel_free(&((struct process *)ctx)->ch);
}

static const struct channel_ops child_ops = {child_message, child_closed};

static void
spawn_again(void *ctx)
{
	process_spawn(ctx);
	process_begin(ctx);
}

void
process_init(struct supervisor *s)
{
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < ROLE_MOST; i++) {
			struct process *p = &s->procs[r][i];

			p->s = s;
			p->role = (enum role)r;
			p->index = i;
			p->again.fire = spawn_again;
			p->again.ctx = p;
		}
}

/*
 * A program of its own, of which nothing of the supervisor remains: its memory
 * is not even copied. The pid, or -1 and errno.
 */
static pid_t
execute(const struct process *p, int fd)
{
	char role[32], index[32];
	char *argv[] = {(char *)(uintptr_t) "mailstead",
	    (char *)(uintptr_t) "serve", role, index, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid = -1;

	(void)snprintf(role, sizeof(role), "--role=%s", role_name(p->role));
	(void)snprintf(index, sizeof(index), "--index=%u", p->index);
	sigemptyset(&none);
	ASSERT(posix_spawnattr_init(&attr) == 0);
	ASSERT(posix_spawn_file_actions_init(&files) == 0);
	ASSERT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK) == 0);
	ASSERT(posix_spawnattr_setsigmask(&attr, &none) == 0);
	/* Onto itself, it takes close-on-exec off. */
	ASSERT(posix_spawn_file_actions_adddup2(&files, fd, CHILD_FD) == 0);
	errno =
	    posix_spawn(&pid, "/proc/self/exe", &files, &attr, argv, environ);
	if (errno)
		pid = -1;
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return pid;
}

static void
tell(struct process *p, enum message_type type, struct str body, int fd)
{
	if (!p->ch || channel_send(p->ch, type, body, &fd, fd >= 0) != ST_OK) {
		if (fd >= 0)
			close(fd);
	}
}

static void
introduce(struct process *a, struct process *b)
{
	struct buf to_a, to_b;
	int ends[2];

	if (!channel_pair(ends)) {
		log_error("no channel between processes", LOG_ERRNO(errno));
		return;
	}
	buf_init(&to_a, 16);
	buf_init(&to_b, 16);
	wire_put_u8(&to_a, (uint8_t)b->role);
	wire_put_u32(&to_a, b->index);
	wire_put_u8(&to_b, (uint8_t)a->role);
	wire_put_u32(&to_b, a->index);
	tell(a, MSG_PEER, buf_str(&to_a), ends[0]);
	tell(b, MSG_PEER, buf_str(&to_b), ends[1]);
	buf_release(&to_a);
	buf_release(&to_b);
}

static void
hello(struct process *p)
{
	struct supervisor *s = p->s;
	struct buf b, text;
	uid_t uid;
	gid_t gid;

	buf_init(&b, HELLO_MAX);
	buf_init(&text, HELLO_MAX);
	config_encode(s->config, &text);
	for (size_t r = 0; r < ROLES; r++)
		wire_put_u32(&b, s->counts[r]);
	wire_put_u64(&b, s->epoch);
	users_of(&s->users, p->role, &uid, &gid);
	wire_put_u32(&b, uid);
	wire_put_u32(&b, gid);
	wire_put_str(&b, buf_str(&text));
	tell(p, MSG_HELLO, buf_str(&b), -1);
	buf_release(&b);
	buf_release(&text);
}

static bool
opens_data(enum role r)
{
	return r == ROLE_AUTH || r == ROLE_WORKER || r == ROLE_KEEPER;
}

static void
tell_crash(
    void *ctx, enum crash_verdict v, struct str account, uint64_t message)
{
	struct buf b;

	buf_init(&b, 256);
	wire_put_u8(&b, (uint8_t)v);
	wire_put_str(&b, account);
	wire_put_u64(&b, message);
	tell(ctx, MSG_CHARGED, buf_str(&b), -1);
	buf_release(&b);
}

static void
tell_crashes(struct process *p)
{
	crash_verdicts(p->s->crashed, clock_mono(&clock_system), tell_crash, p);
}

/* All that a child needs waits in its channel before it looks. */
static void
equip(struct process *p)
{
	struct supervisor *s = p->s;

	hello(p);
	if (opens_data(p->role))
		tell(p, MSG_LOCK, S(""), fcntl(s->lock, F_DUPFD_CLOEXEC, 0));
	shared_send(p);
	if (p->role == ROLE_WORKER)
		tell_crashes(p);
	listeners_send(s, p);
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < s->counts[r]; i++)
			if (s->procs[r][i].ch &&
			    roles_meet(p->role, (enum role)r))
				introduce(p, &s->procs[r][i]);
}

void
process_begin(struct process *p)
{
	if (p->role == ROLE_TLS && !keys_send(p->s, p))
		supervisor_failed(p, S("no certificate"));
	tell(p, MSG_START, S(""), -1);
}

void
process_spawn(struct process *p)
{
	int ends[2];

	ASSERT(p->pid == 0);
	p->ready = false;
	p->born = clock_mono(&clock_system);
	if (!channel_pair(ends)) {
		log_error("cannot start a process", LOG_ERRNO(errno));
		loop_timer(p->s->loop, &p->again, p->born + RESTART_MOST_MS);
		return;
	}
	p->pid = execute(p, ends[1]);
	if (p->pid < 0)
		log_error("cannot start a process", LOG_ERRNO(errno));
	close(ends[1]);
	if (p->pid < 0) {
		p->pid = 0;
		close(ends[0]);
		loop_timer(p->s->loop, &p->again, p->born + RESTART_MOST_MS);
		return;
	}
	channel_free(&p->ch);
	p->ch = channel_new(p->s->loop, ends[0], &child_ops, p);
	equip(p);
}

void
process_tell(struct process *p, enum message_type type, struct str body)
{
	tell(p, type, body, -1);
}

void
process_hand(struct process *p, enum message_type type, struct str body, int fd)
{
	tell(p, type, body, fd);
}

void
process_tell_all(
    struct supervisor *s, enum role r, enum message_type type, struct str body)
{
	for (unsigned i = 0; i < s->counts[r]; i++)
		tell(&s->procs[r][i], type, body, -1);
}

/* The first time at once; who keeps dying waits longer and longer. */
static int64_t
delay_of(struct process *p)
{
	int64_t lived = clock_mono(&clock_system) - p->born;
	int64_t ms = RESTART_FIRST_MS;

	p->deaths = lived >= RESTART_CALM_MS ? 1 : p->deaths + 1;
	if (p->deaths == 1)
		return 0;
	for (unsigned i = 2; i < p->deaths && ms < RESTART_MOST_MS; i++)
		ms *= 2;
	return ms < RESTART_MOST_MS ? ms : RESTART_MOST_MS;
}

static struct process *
process_of(struct supervisor *s, pid_t pid)
{
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < s->counts[r]; i++)
			if (s->procs[r][i].pid == pid)
				return &s->procs[r][i];
	return NULL;
}

/* P10; who was killed from outside has not crashed. */
static void
charge(struct process *p, int status)
{
	struct supervisor *s = p->s;
	struct crash crash;

	if (!crash_take(s->crashing, p->index, &crash) ||
	    !WIFSIGNALED(status) || WTERMSIG(status) == SIGKILL ||
	    WTERMSIG(status) == SIGTERM)
		return;
	log_error("a crash while serving", LOG_Z("account", crash.account),
	    LOG_Z("command", crash.command), LOG_U64("message", crash.message),
	    LOG_U64("times",
		crash_charge(s->crashed, &crash, clock_mono(&clock_system))));
}

void
process_ended(struct supervisor *s, pid_t pid, int status)
{
	struct process *p = process_of(s, pid);
	bool calm = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	int64_t delay;

	if (!p)
		return;
	p->pid = 0;
	channel_free(&p->ch);
	if (p->role == ROLE_WORKER && !calm) {
		s->unclean = true;
		charge(p, status);
	}
	shared_lost(p);
	if (s->phase >= PHASE_GOODBYE) {
		supervisor_lost(p);
		return;
	}
	delay = delay_of(p);
	log_error("a process died", LOG_Z("role", role_name(p->role)),
	    LOG_U64("index", p->index), LOG_I64("pid", pid),
	    WIFSIGNALED(status) ? LOG_I64("signal", WTERMSIG(status))
				: LOG_I64("exit", WEXITSTATUS(status)),
	    LOG_I64("restart_ms", delay));
	supervisor_lost(p);
	if (s->phase < PHASE_GOODBYE)
		loop_timer(s->loop, &p->again, loop_now(s->loop) + delay);
}

unsigned
process_alive(const struct supervisor *s, unsigned roles)
{
	unsigned n = 0;

	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < s->counts[r]; i++)
			n += (roles & 1u << r) && s->procs[r][i].pid;
	return n;
}

void
process_kill(struct supervisor *s, unsigned roles)
{
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < s->counts[r]; i++)
			if ((roles & 1u << r) && s->procs[r][i].pid)
				kill(s->procs[r][i].pid, SIGKILL);
}

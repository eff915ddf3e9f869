#include "daemon/supervisor.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/address_table.h"
#include "daemon/child.h"
#include "daemon/data.h"
#include "daemon/notify.h"
#include "daemon/sandbox.h"
#include "daemon/supervisor_int.h"

enum { LOCK_WAIT_MS = 3000, LOCK_RETRY_US = 20 * 1000 };

enum { ALL_ROLES = (1 << ROLES) - 1 };
enum {
	/* Who speaks to clients, and who serves those. */
	FRONT_ROLES = 1 << ROLE_LOGIN | 1 << ROLE_DELIVER | 1 << ROLE_WORKER |
	    1 << ROLE_KEEPER,
	REST_ROLES = ALL_ROLES & ~FRONT_ROLES,
};

static unsigned
cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 2;
	return (unsigned)CPU_COUNT(&set);
}

static unsigned
between(unsigned least, unsigned n, unsigned most)
{
	return n < least ? least : n > most ? most : n;
}

/* DESIGN 2: caps, so that a small machine stays small. */
static void
count_roles(struct supervisor *s)
{
	unsigned n = cores();

	s->counts[ROLE_AUTH] = 1;
	s->counts[ROLE_HASH] = AUTH_HASHERS;
	s->counts[ROLE_DELIVER] = 2;
	s->counts[ROLE_KEEPER] = 1;
	s->counts[ROLE_SYNC] = 4;
	s->counts[ROLE_TLS] = between(2, n, ROLE_MOST);
	s->counts[ROLE_WORKER] = s->config->workers
	    ? (unsigned)s->config->workers
	    : between(2, n, ROLE_MOST);
	s->counts[ROLE_LOGIN] = between(1, n / 2, ADDRESS_PLANES);
	for (size_t r = 0; r < ROLES; r++)
		if (!role_defs[r])
			s->counts[r] = 0;
}

static void
say_weak(unsigned weak)
{
	if (weak & SANDBOX_NO_SECCOMP)
		log_warn("sandbox is weaker: no seccomp");
	if (weak & SANDBOX_NO_LANDLOCK)
		log_warn("sandbox is weaker: no landlock (Linux 5.19)");
}

void
supervisor_ready(struct process *p, struct str body)
{
	struct supervisor *s = p->s;
	struct wire w = wire_of(body);

	p->ready = true;
	s->weak |= wire_u8(&w);
	if (s->phase != PHASE_START)
		return;
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < s->counts[r]; i++)
			if (!s->procs[r][i].ready)
				return;
	s->phase = PHASE_RUN;
	say_weak(s->weak);
	users_say(&s->users);
	log_notice("ready", LOG_STR("data", str_from(s->config->data)),
	    LOG_I64("ms", clock_mono(&clock_system) - s->began));
	notify("READY=1");
	if (s->reload)
		supervisor_reload(s);
}

static void
rest(struct supervisor *s)
{
	s->phase = PHASE_REST;
	loop_timer(s->loop, &s->deadline, loop_now(s->loop) + DRAIN_REST_MS);
	for (unsigned r = 0; r < ROLES; r++)
		if (REST_ROLES & 1u << r)
			process_tell_all(s, (enum role)r, MSG_DRAIN, S(""));
	if (!process_alive(s, ALL_ROLES))
		loop_stop(s->loop);
}

static void
goodbye(struct supervisor *s)
{
	if (s->phase >= PHASE_GOODBYE) {
		/* Asked twice: do not wait for anybody's last words. */
		loop_timer(s->loop, &s->deadline, 0);
		return;
	}
	log_notice("draining");
	notify("STOPPING=1");
	s->phase = PHASE_GOODBYE;
	loop_timer(s->loop, &s->deadline, loop_now(s->loop) + DRAIN_MS);
	listeners_close(s);
	control_close(s);
	for (unsigned r = 0; r < ROLES; r++) {
		for (unsigned i = 0; i < s->counts[r]; i++)
			loop_untimer(s->loop, &s->procs[r][i].again);
		if (FRONT_ROLES & 1u << r)
			process_tell_all(s, (enum role)r, MSG_DRAIN, S(""));
	}
	if (!process_alive(s, FRONT_ROLES))
		rest(s);
}

static void
deadline(void *ctx)
{
	struct supervisor *s = ctx;
	unsigned roles = s->phase == PHASE_REST ? ALL_ROLES : FRONT_ROLES;

	if (process_alive(s, roles))
		log_warn("ending what did not drain in time",
		    LOG_U64("processes", process_alive(s, roles)));
	process_kill(s, roles);
}

void
supervisor_lost(struct process *p)
{
	struct supervisor *s = p->s;

	if (s->phase == PHASE_GOODBYE && !process_alive(s, FRONT_ROLES))
		rest(s);
	else if (s->phase == PHASE_REST && !process_alive(s, ALL_ROLES))
		loop_stop(s->loop);
}

/* What a child cannot do without, the server cannot: but only at its start. */
void
supervisor_failed(struct process *p, struct str why)
{
	struct supervisor *s = p->s;

	log_error("cannot go on", LOG_STR("why", why));
	if (s->phase != PHASE_START)
		return;
	s->exit_status = 1;
	goodbye(s);
}

static void
signalled(void *ctx, uint32_t events UNUSED)
{
	struct supervisor *s = ctx;
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(s->signals.fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP && s->phase == PHASE_RUN)
			supervisor_reload(s);
		else if (info.ssi_signo == SIGHUP)
			s->reload = true;
		else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			goodbye(s);
	}
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		process_ended(s, pid, status);
}

static bool
watch_signals(struct supervisor *s)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return false;
	s->signals = (struct watch){.fd = -1, .ready = signalled, .ctx = s};
	loop_watch(s->loop, &s->signals, fd, EPOLLIN);
	return true;
}

/*
 * The children of a supervisor that was killed hold the lock until they have
 * noticed, and whoever restarts it may be faster.
 */
static enum status
lock_data(struct supervisor *s)
{
	int64_t until = clock_mono(&clock_system) + LOCK_WAIT_MS;
	enum status st;

	while ((st = data_lock(s->config->data, &s->lock)) == ST_BUSY &&
	    clock_mono(&clock_system) < until)
		(void)usleep(LOCK_RETRY_US);
	return st;
}

static bool
own_data(struct supervisor *s)
{
	char full[PATH_MAX];
	enum status st = lock_data(s);

	if (st == ST_OK && realpath(s->config->data, full)) {
		free(s->config->data);
		s->config->data = str_dup(str_from(full));
		store_make_room(str_from(s->config->data));
		if ((st = data_whole(s->config->data)) == ST_OK)
			st = data_epoch(s->config->data, &s->epoch);
	}
	if (st == ST_OK) {
		data_sweep(s->config->data);
		users_find(s->config->data, &s->users);
		if (users_own(s->config->data, &s->users))
			return true;
		st = ST_IO;
	}
	if (st == ST_BUSY)
		log_error("another process owns this folder",
		    LOG_Z("data", s->config->data));
	else if (st == ST_STATE)
		log_error("a recovery into this folder has not ended: say "
			  "`mailstead recover` again, or empty the folder",
		    LOG_Z("data", s->config->data));
	else if (st == ST_CANNOT)
		log_error("a network file system cannot hold DATA",
		    LOG_Z("data", s->config->data));
	else
		log_error("cannot use this folder",
		    LOG_Z("data", s->config->data), LOG_ST(st),
		    LOG_ERRNO(errno));
	return false;
}

static void
new_tickets(void *ctx)
{
	struct supervisor *s = ctx;

	keys_tickets(s, NULL, true);
	loop_timer(
	    s->loop, &s->new_tickets, loop_now(s->loop) + TICKET_KEYS_MS);
}

/* Inherited by all: as many descriptors as we may have. */
static void
raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static void
each(struct supervisor *s, const enum role *roles, size_t n,
    void (*fn)(struct process *p))
{
	for (size_t k = 0; k < n; k++)
		for (unsigned i = 0; i < s->counts[roles[k]]; i++)
			fn(&s->procs[roles[k]][i]);
}

/*
 * Whom a client meets comes first. `login` greets while the others are still
 * loading: what is sent to them waits, once they are known to it.
 * Certificates may have to be made.
 */
static void
spawn_all(struct supervisor *s)
{
	static const enum role login[] = {ROLE_LOGIN};
	static const enum role known_to_login[] = {
	    ROLE_AUTH, ROLE_WORKER, ROLE_TLS};
	static const enum role others[] = {
	    ROLE_HASH, ROLE_SYNC, ROLE_DELIVER, ROLE_KEEPER};
	static const enum role to_begin[] = {ROLE_AUTH, ROLE_HASH, ROLE_WORKER,
	    ROLE_SYNC, ROLE_DELIVER, ROLE_KEEPER, ROLE_TLS};

	each(s, login, ARRAY_LEN(login), process_spawn);
	each(s, known_to_login, ARRAY_LEN(known_to_login), process_spawn);
	each(s, login, ARRAY_LEN(login), process_begin);
	each(s, others, ARRAY_LEN(others), process_spawn);
	each(s, to_begin, ARRAY_LEN(to_begin), process_begin);
}

int
supervisor_main(struct config *config)
{
	static struct supervisor supervisor;
	struct supervisor *s = &supervisor;

	log_setup(
	    STDERR_FILENO, "supervisor", (enum log_level)config->log_level);
	s->config = config;
	s->control.fd = -1;
	s->began = clock_mono(&clock_system);
	notify_init();
	s->loop = loop_new();
	s->deadline.fire = deadline;
	s->deadline.ctx = s;
	supervisor_hostname(config);
	if (!own_data(s) || !watch_signals(s) || !listeners_open(s) ||
	    !control_listen(s))
		return 1;
	count_roles(s);
	process_init(s);
	if (!shared_init(s))
		return 1;
	s->new_tickets.fire = new_tickets;
	s->new_tickets.ctx = s;
	new_tickets(s);
	raise_limits();
	spawn_all(s);
	loop_run(s->loop);
	if (!s->unclean && data_clean(s->config->data, s->epoch) != ST_OK)
		log_error("no clean mark written", LOG_ERRNO(errno));
	log_notice("ended");
	return s->exit_status;
}

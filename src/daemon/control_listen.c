/*
 * DATA/control: accepts command-line clients, lets in who is root or our own
 * user, and hands each to the process that owns what it asks for.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/control.h"
#include "daemon/supervisor_int.h"

enum { OPEN_MS = 5 * 1000, BACKLOG = 64, WAITING_MOST = 64 };

/* Accepted, but it has not said yet whom it wants. */
struct waiting {
	struct supervisor *s;
	struct watch watch;
	struct timer timer;
	int fd;
};

static void
waiting_free(struct waiting *w)
{
	loop_unwatch(w->s->loop, &w->watch);
	loop_untimer(w->s->loop, &w->timer);
	if (w->fd >= 0)
		close(w->fd);
	w->s->n_control--;
	free(w);
}

static void
too_late(void *ctx)
{
	waiting_free(ctx);
}

static struct process *
owner_of(struct supervisor *s, const struct control_open *o)
{
	unsigned n = s->counts[ROLE_WORKER];

	if (o->owner == CONTROL_AUTH)
		return &s->procs[ROLE_AUTH][0];
	return n ? &s->procs[ROLE_WORKER][grant_home(o->account, n)] : NULL;
}

static void
opened(void *ctx, uint32_t events UNUSED)
{
	struct waiting *w = ctx;
	struct control_open open;
	struct process *to;
	struct packet m;
	struct buf b;
	enum status st;

	buf_init(&b, 4096);
	st = channel_wait(w->fd, &b, &m);
	if (st == ST_BUSY) {
		buf_release(&b);
		return;
	}
	for (size_t i = 0; st == ST_OK && i < m.n_fds; i++)
		close(m.fds[i]);
	if (st == ST_OK && m.type == CONTROL_OPEN &&
	    control_open_decode(m.body, &open) == ST_OK &&
	    (to = owner_of(w->s, &open)) != NULL) {
		loop_unwatch(w->s->loop, &w->watch);
		process_hand(to, MSG_CONTROL, S(""), w->fd);
		w->fd = -1;
	}
	waiting_free(w);
	buf_release(&b);
}

static bool
may_ask(struct supervisor *s, int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	struct stat sb;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
		return false;
	if (who.uid == 0 || who.uid == geteuid())
		return true;
	return stat(s->config->data, &sb) == 0 && sb.st_uid == who.uid;
}

static void
acceptable(void *ctx, uint32_t events UNUSED)
{
	struct supervisor *s = ctx;
	struct waiting *w;
	int fd =
	    accept4(s->control.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!may_ask(s, fd) || s->n_control >= WAITING_MOST) {
		close(fd);
		return;
	}
	w = mem_zalloc(sizeof(*w));
	w->s = s;
	w->fd = fd;
	w->watch = (struct watch){.fd = -1, .ready = opened, .ctx = w};
	w->timer.fire = too_late;
	w->timer.ctx = w;
	s->n_control++;
	loop_watch(s->loop, &w->watch, fd, EPOLLIN);
	loop_timer(s->loop, &w->timer, loop_now(s->loop) + OPEN_MS);
}

static bool
control_path(const struct supervisor *s, struct sockaddr_un *un)
{
	int n;

	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	n = snprintf(
	    un->sun_path, sizeof(un->sun_path), "%s/control", s->config->data);
	return n > 0 && (size_t)n < sizeof(un->sun_path);
}

bool
control_listen(struct supervisor *s)
{
	struct sockaddr_un un;
	int fd;

	if (!control_path(s, &un)) {
		log_error("the path of DATA is too long for a socket");
		return false;
	}
	/* We hold the lock on DATA, so whoever left it there is dead. */
	(void)unlink(un.sun_path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 ||
	    chmod(un.sun_path, 0600) < 0 || listen(fd, BACKLOG) < 0) {
		log_error("cannot listen", LOG_Z("file", un.sun_path),
		    LOG_ERRNO(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	s->control = (struct watch){.fd = -1, .ready = acceptable, .ctx = s};
	loop_watch(s->loop, &s->control, fd, EPOLLIN);
	return true;
}

void
control_close(struct supervisor *s)
{
	struct sockaddr_un un;
	int fd = s->control.fd;

	if (fd < 0)
		return;
	loop_unwatch(s->loop, &s->control);
	close(fd);
	if (control_path(s, &un))
		(void)unlink(un.sun_path);
}

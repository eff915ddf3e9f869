/*
 * With a server: requests go through DATA/control to auth, or to the home
 * worker of an account.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/target_int.h"
#include "daemon/control.h"

static void
finish(struct post *p, enum status st, struct str answer)
{
	p->done(p->ctx, p->tag, st, answer);
	free(p);
}

static void
on_message(void *ctx, struct channel *ch UNUSED, struct packet *m)
{
	struct remote *r = ctx;
	struct control_answer answer;
	struct post *p;

	if (m->type != CONTROL_ANSWER ||
	    control_answer_decode(m->body, &answer) != ST_OK)
		return;
	if (m->n_fds) { /* with what we are lent, the lock on DATA (S1) */
		target_unlock(r->target);
		r->target->lent_lock = packet_take(m, 0);
	}
	p = map_remove_u64(&r->posts, answer.id);
	if (p)
		finish(p, answer.status, answer.body);
}

static void
on_closed(void *ctx, struct channel *ch UNUSED)
{
	struct remote *r = ctx;
	struct str key;
	void *value;
	size_t pos = 0;

	channel_free(&r->ch);
	/* Whether they were done is not known (V7). */
	while (map_next(&r->posts, &pos, &key, &value)) {
		uint64_t id;

		ASSERT(key.n == sizeof(id));
		memcpy(&id, key.p, sizeof(id));
		(void)map_remove_u64(&r->posts, id);
		finish(value, ST_UNKNOWN, S(""));
	}
}

static const struct channel_ops ops = {on_message, on_closed};

/* The server may be starting: its lock is taken before its socket is there. */
static int
connect_control(const struct cli_target *t)
{
	int64_t until = clock_mono(&clock_system) + TARGET_CONNECT_MS;
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd, size = 512 * 1024;

	if (t->control.n >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(un.sun_path, t->control.p, t->control.n);
	for (;;) {
		fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return -1;
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
			return fd;
		close(fd);
		if ((errno != ENOENT && errno != ECONNREFUSED) ||
		    clock_mono(&clock_system) > until)
			return -1;
		usleep(50 * 1000);
	}
}

static enum status
remote_connect(struct cli_target *t, struct remote *r, struct str account)
{
	struct control_open open = {
	    .owner = account.n > 0 ? CONTROL_MAIL : CONTROL_AUTH,
	    .account = account,
	};
	uid_t was = geteuid();
	enum status st;
	struct buf b;
	int fd;

	if (r->ch && str_eq(r->account, account))
		return ST_OK;
	if (r->ch)
		channel_free(&r->ch);
	/* The server asks who it is that connects. */
	target_as_caller();
	fd = connect_control(t);
	if (was != 0)
		target_as_owner(t);
	if (fd < 0)
		return ST_CLOSED;
	free((char *)(uintptr_t)r->account.p);
	r->account = str_of(str_dup(account), account.n);
	r->target = t;
	r->ch = channel_new(t->loop, fd, &ops, r);
	buf_init(&b, 1000);
	control_open_encode(&open, &b);
	st = channel_send(r->ch, CONTROL_OPEN, buf_str(&b), NULL, 0);
	buf_release(&b);
	return st;
}

enum status
remote_open(struct cli_target *t, const char **why_out)
{
	enum status st;

	t->online = true;
	t->loop = loop_new();
	st = remote_connect(t, &t->auth, S(""));
	if (st != ST_OK)
		*why_out = errno == EACCES || errno == EPERM
		    ? "only DATA's owner and root may administer the server"
		    : "another process owns the data folder, and no server "
		      "answers";
	return st;
}

static void
forget(struct remote *r)
{
	struct str key;
	void *value;
	size_t pos = 0;

	if (r->ch)
		channel_free(&r->ch);
	/* Who asked has given up waiting. */
	while (map_next(&r->posts, &pos, &key, &value))
		free(value);
	map_release(&r->posts);
	free((char *)(uintptr_t)r->account.p);
	r->account = S("");
}

void
remote_close(struct cli_target *t)
{
	if (!t->loop)
		return;
	forget(&t->auth);
	forget(&t->worker);
	loop_free(&t->loop);
}

/* Runs the loop until at most `most` answers are awaited. */
static enum status
await(struct cli_target *t, const struct remote *r, size_t most)
{
	int64_t until = clock_mono(&clock_system) + TARGET_ANSWER_MS;
	size_t before = r->posts.n;

	while (r->posts.n > most) {
		(void)loop_once(t->loop, 1000);
		if (r->posts.n != before) {
			before = r->posts.n;
			until = clock_mono(&clock_system) + TARGET_ANSWER_MS;
		}
		if (clock_mono(&clock_system) > until)
			return ST_CLOSED;
	}
	return ST_OK;
}

enum status
remote_wait(struct cli_target *t, size_t most)
{
	return await(t, &t->worker, most);
}

/* A long request goes into a memory file, the last descriptor. */
static int
attach(struct str request)
{
	int fd = memfd_create("mailstead-request", MFD_CLOEXEC);
	size_t at = 0;
	ssize_t n;

	while (fd >= 0 && at < request.n) {
		n = write(fd, request.p + at, request.n - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			close(fd);
			return -1;
		}
		at += (size_t)n;
	}
	return fd;
}

static enum status
send_ask(struct remote *r, uint32_t id, struct str request, int fd)
{
	struct control_ask ask = {.id = id, .body = request};
	enum status st = ST_IO;
	int fds[2], attached;
	struct buf b;
	size_t n = 0;

	if (fd >= 0 && (fds[n++] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return ST_IO;
	if (request.n > CONTROL_INLINE) {
		attached = attach(request);
		if (attached < 0)
			goto out;
		fds[n++] = attached;
		ask.attached = true;
		ask.body = S("");
	}
	buf_init(&b, CHANNEL_MESSAGE);
	control_ask_encode(&ask, &b);
	st = channel_send(r->ch, CONTROL_ASK, buf_str(&b), fds, n);
	explicit_bzero(b.p, b.n); /* it may hold a password */
	buf_release(&b);
out:
	while (st != ST_OK && n > 0)
		close(fds[--n]);
	return st;
}

static enum status
post(struct remote *r, struct post *p, struct str request, int fd)
{
	uint32_t id = ++r->last_id;
	enum status st = send_ask(r, id, request, fd);

	if (st == ST_OK)
		(void)map_set_u64(&r->posts, id, p);
	return st;
}

enum status
remote_post(struct cli_target *t, struct post *p, struct str account,
    struct str request, int fd)
{
	enum status st = ST_OK;

	if (!str_eq(t->worker.account, account))
		st = remote_wait(t, 0);
	if (st == ST_OK)
		st = remote_connect(t, &t->worker, account);
	if (st == ST_OK)
		st = remote_wait(t, TARGET_POSTS - 1);
	/* The wait may have lost the connection. */
	if (st == ST_OK && !t->worker.ch)
		st = ST_CLOSED;
	return st == ST_OK ? post(&t->worker, p, request, fd) : st;
}

enum status
remote_admin(struct cli_target *t, struct str request, struct buf *answer)
{
	struct target_single s = {answer, ST_CLOSED};
	struct post *p;
	enum status st = remote_connect(t, &t->auth, S(""));

	if (st != ST_OK)
		return st;
	p = mem_zalloc(sizeof(*p));
	p->target = t;
	p->done = target_single_done;
	p->ctx = &s;
	st = post(&t->auth, p, request, -1);
	if (st != ST_OK)
		free(p);
	else
		st = await(t, &t->auth, 0);
	return st == ST_OK ? s.st : st;
}

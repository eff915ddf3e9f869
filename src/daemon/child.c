#include "daemon/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "daemon/sandbox.h"

enum { EXIT_LOST = 3 };

static void
link_message(void *ctx, struct channel *ch UNUSED, struct packet *m)
{
	struct link *l = ctx;

	l->child->def->message(l->child, l, m);
}

static void
link_closed(void *ctx, struct channel *ch UNUSED)
{
	struct link *l = ctx;

	channel_free(&l->ch);
	if (l->child->def->lost)
		l->child->def->lost(l->child, l);
}

static const struct channel_ops link_ops = {link_message, link_closed};

static void
link_up(struct link *l)
{
	struct child *c = l->child;

	if (l->fd < 0)
		return;
	/* The end of the old one may not have been noticed yet. */
	if (l->ch) {
		channel_free(&l->ch);
		if (c->def->lost)
			c->def->lost(c, l);
	}
	l->ch = channel_new(c->loop, l->fd, &link_ops, l);
	l->fd = -1;
	l->generation++;
	if (c->def->linked)
		c->def->linked(c, l);
}

enum status
link_send(struct link *l, enum message_type type, struct str body, int fd)
{
	if (!l->ch)
		return ST_CLOSED;
	return channel_send(l->ch, type, body, &fd, fd >= 0);
}

void
link_tell(struct link *l, enum message_type type, struct str body)
{
	if (l->ch)
		channel_tell(l->ch, type, body);
}

static void
take_settings(struct child *c, struct str text)
{
	struct config *fresh;

	ASSERT(config_decode(text, &fresh) == ST_OK);
	config_free(&c->config);
	c->config = fresh;
	config_proto(c->config, &c->proto);
}

static void
set_log(struct child *c)
{
	char name[32];

	(void)snprintf(
	    name, sizeof(name), "%s[%u]", role_name(c->def->role), c->index);
	log_setup(STDERR_FILENO, name, (enum log_level)c->config->log_level);
}

static void
hello(struct child *c, struct str body)
{
	struct wire w = wire_of(body);

	for (size_t i = 0; i < ROLES; i++)
		c->counts[i] = wire_u32(&w);
	c->epoch = wire_u64(&w);
	c->uid = wire_u32(&w);
	c->gid = wire_u32(&w);
	take_settings(c, wire_str(&w));
	ASSERT(wire_end(&w));
	c->data = str_dup(str_from(c->config->data));
	set_log(c);
}

static void
peer(struct child *c, struct packet *m)
{
	struct wire w = wire_of(m->body);
	unsigned role = wire_u8(&w), index = wire_u32(&w);
	struct link *l;

	ASSERT(wire_end(&w) && role < ROLES && index < ROLE_MOST);
	l = &c->links[role][index];
	if (l->fd >= 0)
		close(l->fd);
	l->fd = packet_take(m, 0);
	if (c->started)
		link_up(l);
}

static void
shared(struct child *c, struct packet *m)
{
	struct wire w = wire_of(m->body);
	unsigned kind = wire_u8(&w), number = wire_u32(&w);
	int fd = packet_take(m, 0);

	ASSERT(wire_end(&w) && fd >= 0);
	switch (kind) {
	case SHARED_BOARD:
	case SHARED_BOARD_READ:
		c->board = board_open(fd, number, kind == SHARED_BOARD);
		c->waiter = number;
		close(fd);
		break;
	case SHARED_KICKER:
		board_kicker(c->board, number, fd);
		break;
	default:
		ASSERT(c->def->shared);
		c->def->shared(c, (enum shared_kind)kind, fd);
	}
}

/* False: the settings demand more than this system has. */
static bool
enter_sandbox(struct child *c, uint8_t *weak_out)
{
	struct sandbox s = {.role = c->def->role,
	    .data = c->data,
	    .uid = c->uid,
	    .gid = c->gid};
	unsigned weak = sandbox_enter(&s);

	*weak_out = (uint8_t)weak;
	if (c->config->sandbox != SANDBOX_REQUIRE ||
	    !(weak & (SANDBOX_NO_SECCOMP | SANDBOX_NO_LANDLOCK)))
		return true;
	channel_tell(c->up, MSG_FAILED,
	    weak & SANDBOX_NO_SECCOMP
		? S("sandbox=require, but seccomp is not to be had")
		: S("sandbox=require, but landlock is not to be had"));
	return false;
}

static void
start(struct child *c)
{
	struct buf b;
	uint8_t weak;

	/* The time zone is in a file. */
	tzset();
	if (c->def->prepare)
		c->def->prepare(c);
	if (!enter_sandbox(c, &weak))
		return;
	c->started = true;
	if (c->board && c->waiter != BOARD_NOBODY)
		board_attach(c->board, c->loop);
	c->def->start(c);
	for (size_t r = 0; r < ROLES; r++)
		for (size_t i = 0; i < ROLE_MOST; i++)
			link_up(&c->links[r][i]);
	buf_init(&b, 8);
	wire_put_u8(&b, weak);
	channel_tell(c->up, MSG_READY, buf_str(&b));
	buf_release(&b);
}

static void
told(void *ctx, struct channel *ch UNUSED, struct packet *m)
{
	struct child *c = ctx;

	switch (m->type) {
	case MSG_HELLO:
		hello(c, m->body);
		break;
	case MSG_LOCK:
		c->lock = packet_take(m, 0);
		break;
	case MSG_SHARED:
		shared(c, m);
		break;
	case MSG_PEER:
		peer(c, m);
		break;
	case MSG_START:
		start(c);
		break;
	case MSG_RELOAD:
		take_settings(c, m->body);
		set_log(c);
		if (c->def->reloaded)
			c->def->reloaded(c);
		break;
	case MSG_DRAIN:
		c->draining = true;
		if (c->def->drain)
			c->def->drain(c);
		else
			child_done(c);
		break;
	default:
		if (c->def->told)
			c->def->told(c, m);
	}
}

/* Without its supervisor a child has no right to DATA and no purpose. */
static void
orphaned(void *ctx UNUSED, struct channel *ch UNUSED)
{
	_exit(EXIT_LOST);
}

static const struct channel_ops up_ops = {told, orphaned};

void
child_done(struct child *c)
{
	loop_stop(c->loop);
}

int
child_main(const struct role_def *def, unsigned index)
{
	static struct child child;
	struct child *c = &child;
	char name[16];

	/* Who ends is decided by the supervisor, not by a terminal. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	(void)snprintf(
	    name, sizeof(name), "ms-%s/%u", role_name(def->role), index);
	prctl(PR_SET_NAME, name);
	c->def = def;
	c->index = index;
	c->lock = -1;
	c->loop = loop_new();
	for (unsigned r = 0; r < ROLES; r++)
		for (unsigned i = 0; i < ROLE_MOST; i++)
			c->links[r][i] = (struct link){.child = c,
			    .role = (enum role)r,
			    .index = i,
			    .fd = -1};
	if (fcntl(CHILD_FD, F_SETFD, FD_CLOEXEC) < 0) {
		(void)fputs("mailstead: a role is started by "
			    "`mailstead serve` alone\n",
		    stderr);
		return 2;
	}
	c->up = channel_new(c->loop, CHILD_FD, &up_ops, c);
	loop_run(c->loop);
	if (c->def->end)
		c->def->end(c);
	return 0;
}

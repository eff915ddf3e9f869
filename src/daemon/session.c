#include "daemon/session.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/squeeze.h"

/* Emptied after each slice, so that one serves all sessions of a process, and
 * question ids are unique in it. */
static struct outbox outbox;
static char scratch[SESSION_READ];

static void step(struct session *s);

static void
take_questions(struct session *s)
{
	struct question q[PROTO_OUTBOX_MAX];
	size_t n = outbox.n;
	bool stepping = s->stepping;

	if (!n)
		return;
	memcpy(q, outbox.q, n * sizeof(*q));
	outbox.n = 0;
	/* One that is answered at once must not end the session under us. */
	s->stepping = true;
	for (size_t i = 0; i < n; i++)
		s->ops->ask(s, &q[i]);
	s->stepping = stepping;
}

static void
trace_what(struct session *s, const struct event *e)
{
	static const char *const words[] = {
	    [EVENT_INPUT] = NULL, /* the bytes are written */
	    [EVENT_EOF] = "eof",
	    [EVENT_TIMER] = "timer",
	    [EVENT_ANSWER] = "answer",
	    [EVENT_CHANGED] = "changed",
	    [EVENT_SECURED] = "tls",
	    [EVENT_REVOKED] = "revoke",
	    [EVENT_DRAIN] = "drain",
	};

	if (words[e->kind])
		trace_event(s->trace, words[e->kind]);
}

static void
happen(struct session *s, const struct event *e)
{
	if (s->trace)
		trace_what(s, e);
	s->proto->event(s->machine, e);
	take_questions(s);
	s->again = true;
}

/* False: nothing more goes out now. */
static bool
write_out(struct session *s)
{
	size_t done = 0;

	while (done < s->out.n) {
		ssize_t n =
		    send(s->fd, s->out.p + done, s->out.n - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				s->broken = true;
			else if (s->stalled == INT64_MAX)
				s->stalled =
				    loop_now(s->loop) + SESSION_STALL_MS;
			break;
		}
		s->stalled = INT64_MAX;
		done += (size_t)n;
	}
	buf_consume(&s->out, done);
	return s->out.n == 0;
}

/*
 * A session that waits keeps no buffer. One that goes on does: giving the
 * memory back to the system for each slice costs more than the slice.
 */
static void
rest(struct session *s)
{
	if (s->out.n || s->soon)
		return;
	if (s->squeeze)
		squeeze_idle(s->squeeze);
	buf_shrink(&s->out);
}

/* Reads once. */
static void
read_in(struct session *s)
{
	size_t room = min_size(s->in.max - s->in.n, SESSION_READ);
	ssize_t n;

	if (s->squeeze)
		room = squeeze_room(s->squeeze);
	if (!room)
		return;
	do
		n = recv(s->fd, scratch, room, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0 && s->squeeze)
		squeeze_in(s->squeeze, str_of(scratch, (size_t)n));
	else if (n > 0)
		buf_add(&s->in, scratch, (size_t)n);
	else if (n == 0)
		s->eof = true;
	else if (errno != EAGAIN)
		s->broken = true;
	if (n > 0)
		s->stuck = false;
	if (n > 0 && s->secret)
		explicit_bzero(scratch, (size_t)n);
}

static void
inflate_more(struct session *s)
{
	if (!s->squeeze || !squeeze_pending(s->squeeze) || s->in.n == s->in.max)
		return;
	if (squeeze_inflate(s->squeeze, &s->in) != ST_OK)
		s->broken = true;
	s->stuck = false;
}

static void
give(struct session *s)
{
	const struct event e = {.kind = EVENT_INPUT, .input = &s->in};
	struct arena a = ARENA_INIT;
	struct str had = S("");

	if (s->trace)
		had = arena_str(&a, buf_str(&s->in));
	happen(s, &e);
	if (s->trace)
		trace_client(s->trace, str_first(had, had.n - s->in.n));
	arena_release(&a);
}

static void
give_input(struct session *s)
{
	size_t before;

	inflate_more(s);
	before = s->in.n;
	if (before && !s->stuck) {
		give(s);
		/* It takes nothing though it asked: not before there is more,
		 * and when no more fits, never. */
		s->stuck = s->in.n == before;
		if (s->stuck && s->in.n == s->in.max)
			s->broken = true;
		if (!s->in.n)
			buf_shrink(&s->in);
	} else if (!before && s->eof && !s->told_eof) {
		s->told_eof = true;
		happen(s, &(struct event){.kind = EVENT_EOF});
	}
}

/* One slice of the machine. */
static void
run(struct session *s)
{
	struct wants w;
	size_t before = s->out.n;

	s->again = false;
	w = s->proto->run(s->machine, &s->out);
	if (s->trace)
		trace_server(s->trace, str_from_pos(buf_str(&s->out), before));
	if (s->squeeze && s->out.n > before)
		squeeze_out(s->squeeze, &s->out, before);
	s->wants = w.bits;
	s->deadline = w.deadline;
	take_questions(s);
}

static bool
may_run(const struct session *s)
{
	if (s->wants &
	    (WANT_FLUSH | WANT_CLOSE | WANT_STARTTLS | WANT_HANDOVER |
		WANT_COMPRESS | WANT_RETURN))
		return s->out.n == 0;
	return s->out.n < PROTO_OUT_HIGH;
}

/* What was read behind the COMPRESS command is compressed already. */
static void
start_squeeze(struct session *s)
{
	s->squeeze = squeeze_new();
	if (s->in.n > SQUEEZE_RAW) {
		s->broken = true;
		return;
	}
	squeeze_in(s->squeeze, buf_str(&s->in));
	buf_clear(&s->in);
}

/* What is done when all output has left. True: the session is not ours now. */
static bool
turn(struct session *s)
{
	if (s->out.n)
		return false;
	if (s->wants & WANT_CLOSE) {
		s->ops->closed(s);
		return true;
	}
	if (s->wants & WANT_STARTTLS) {
		s->wants = 0;
		s->ops->starttls(s);
		return true;
	}
	if (s->wants & WANT_HANDOVER) {
		s->wants = 0;
		s->ops->handover(s);
		return true;
	}
	if (s->wants & WANT_RETURN) {
		s->wants = 0;
		s->ops->returned(s);
		return true;
	}
	if (s->wants & WANT_COMPRESS) {
		s->wants &= ~(unsigned)WANT_COMPRESS;
		start_squeeze(s);
		s->again = true;
	}
	return false;
}

static void
arm(struct session *s)
{
	int64_t at = s->deadline < s->stalled ? s->deadline : s->stalled;
	uint32_t events = s->out.n ? EPOLLOUT : 0;

	if ((s->wants & WANT_INPUT) && !s->eof && s->in.n < s->in.max)
		events |= EPOLLIN;
	loop_change(s->loop, &s->watch, events);
	if (s->soon)
		at = loop_now(s->loop);
	if (at == INT64_MAX)
		loop_untimer(s->loop, &s->timer);
	else
		loop_timer(s->loop, &s->timer, at);
}

static void
step(struct session *s)
{
	int slices = 0;

	if (s->stepping)
		return;
	s->stepping = true;
	s->soon = false;
	if (s->ops->enter)
		s->ops->enter(s);
	for (;;) {
		(void)write_out(s);
		if (s->broken) {
			s->ops->closed(s);
			return;
		}
		if (turn(s))
			return;
		if (!may_run(s))
			break;
		if (!s->again && !(s->wants & WANT_AGAIN)) {
			if (!(s->wants & WANT_INPUT))
				break;
			give_input(s);
			if (s->broken)
				continue;
			if (!s->again)
				break;
		}
		if (slices++ == SESSION_SLICES) {
			s->soon = true;
			break;
		}
		run(s);
	}
	s->stepping = false;
	rest(s);
	arm(s);
}

static void
ready(void *ctx, uint32_t events)
{
	struct session *s = ctx;

	if (events & EPOLLIN && s->wants & WANT_INPUT)
		read_in(s);
	else if (events & (EPOLLHUP | EPOLLERR) && !(events & EPOLLOUT))
		s->broken = true;
	step(s);
}

static void
timed(void *ctx)
{
	struct session *s = ctx;
	int64_t now = loop_now(s->loop);

	if (s->stalled <= now)
		s->broken = true;
	else if (s->deadline <= now) {
		s->deadline = INT64_MAX;
		happen(s, &(struct event){.kind = EVENT_TIMER});
	}
	step(s);
}

static void
attach(struct session *s, int fd)
{
	s->fd = fd;
	loop_watch(s->loop, &s->watch, fd, 0);
}

void
session_start(struct session *s, struct loop *l, const struct proto *proto,
    const struct session_ops *ops, void *owner, int fd, size_t in_max,
    struct str unread)
{
	s->loop = l;
	s->ops = ops;
	s->owner = owner;
	s->proto = proto;
	s->host.outbox = &outbox;
	s->deadline = s->stalled = INT64_MAX;
	s->watch = (struct watch){.fd = -1, .ready = ready, .ctx = s};
	s->timer.fire = timed;
	s->timer.ctx = s;
	buf_init(&s->in, in_max);
	s->in.secret = s->secret;
	buf_adds(&s->in, unread);
	ASSERT(!buf_full(&s->in));
	buf_init(&s->out, SIZE_MAX / 2);
	attach(s, fd);
	s->machine = proto->open(&s->host);
	take_questions(s);
	s->again = true;
	step(s);
}

void
session_event(struct session *s, enum event_kind kind)
{
	happen(s, &(struct event){.kind = kind});
	step(s);
}

void
session_answer(struct session *s, const struct answer *a)
{
	happen(s, &(struct event){.kind = EVENT_ANSWER, .answer = a});
	step(s);
}

int
session_detach(struct session *s)
{
	int fd = s->fd;

	loop_unwatch(s->loop, &s->watch);
	loop_untimer(s->loop, &s->timer);
	s->fd = -1;
	s->deadline = s->stalled = INT64_MAX;
	return fd;
}

void
session_secured(struct session *s, int fd, const struct tls_facts *facts)
{
	s->stepping = false;
	attach(s, fd);
	happen(s, &(struct event){.kind = EVENT_SECURED, .tls = facts});
	step(s);
}

void
session_end(struct session *s)
{
	if (s->machine)
		s->proto->close(s->machine);
	s->machine = NULL;
	outbox.n = 0;
	loop_unwatch(s->loop, &s->watch);
	loop_untimer(s->loop, &s->timer);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	squeeze_free(&s->squeeze);
	buf_release(&s->in);
	buf_release(&s->out);
}

#include "net/loop.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"

enum { EVENTS_PER_ROUND = 256 };

struct loop {
	int epoll;
	int64_t now;
	bool stopped;
	struct epoll_event *events;
	int n_events; /* of the round that is being worked off */
	struct timer **heap;
	size_t n_heap, cap_heap;
	uint64_t order;
	bool (*after)(void *ctx);
	void *after_ctx;
};

struct loop *
loop_new(void)
{
	struct loop *l = mem_zalloc(sizeof(*l));

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT(l->epoll >= 0);
	l->events = mem_alloc(EVENTS_PER_ROUND * sizeof(*l->events));
	l->now = clock_mono(&clock_system);
	return l;
}

void
loop_free(struct loop **l)
{
	if (!*l)
		return;
	close((*l)->epoll);
	free((*l)->events);
	free((*l)->heap);
	free(*l);
	*l = NULL;
}

void
loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = w};

	w->fd = fd;
	w->events = events;
	ASSERT(epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

void
loop_change(struct loop *l, struct watch *w, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = w};

	if (w->fd < 0 || w->events == events)
		return;
	w->events = events;
	ASSERT(epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e) == 0);
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	/* What the kernel has reported for it in this round is void. */
	for (int i = 0; i < l->n_events; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
}

static bool
earlier(const struct timer *a, const struct timer *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
put(struct loop *l, size_t place, struct timer *t)
{
	l->heap[place - 1] = t;
	t->place = place;
}

/* Moves the timer at `place` up or down to where it belongs. */
static void
settle(struct loop *l, size_t place)
{
	struct timer *t = l->heap[place - 1];

	while (place > 1 && earlier(t, l->heap[place / 2 - 1])) {
		put(l, place, l->heap[place / 2 - 1]);
		place /= 2;
	}
	for (;;) {
		size_t child = place * 2;

		if (child > l->n_heap)
			break;
		if (child < l->n_heap &&
		    earlier(l->heap[child], l->heap[child - 1]))
			child++;
		if (!earlier(l->heap[child - 1], t))
			break;
		put(l, place, l->heap[child - 1]);
		place = child;
	}
	put(l, place, t);
}

void
loop_timer(struct loop *l, struct timer *t, int64_t at)
{
	/* The past is now: else what re-arms itself at 0 would starve others. */
	if (at < l->now)
		at = l->now;
	if (t->place && t->at == at)
		return;
	t->at = at;
	t->order = ++l->order;
	if (!t->place) {
		mem_grow(
		    &l->heap, &l->cap_heap, l->n_heap + 1, sizeof(*l->heap));
		put(l, ++l->n_heap, t);
	}
	settle(l, t->place);
}

void
loop_untimer(struct loop *l, struct timer *t)
{
	size_t place = t->place;
	struct timer *last;

	if (!place)
		return;
	t->place = 0;
	last = l->heap[--l->n_heap];
	if (last == t)
		return;
	put(l, place, last);
	settle(l, place);
}

void
loop_after(struct loop *l, bool (*after)(void *ctx), void *ctx)
{
	l->after = after;
	l->after_ctx = ctx;
}

int64_t
loop_now(const struct loop *l)
{
	return l->now;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}

/* Timers set by the callbacks of this round wait for the next one. */
static void
fire_due(struct loop *l)
{
	uint64_t newest = l->order;

	while (l->n_heap && !l->stopped) {
		struct timer *t = l->heap[0];

		if (t->at > l->now || t->order > newest)
			return;
		loop_untimer(l, t);
		t->fire(t->ctx);
	}
}

static int
wait_ms(const struct loop *l, int64_t most_ms)
{
	int64_t ms = most_ms;

	if (l->n_heap) {
		int64_t left = l->heap[0]->at - clock_mono(&clock_system);

		if (left < 0)
			left = 0;
		if (ms < 0 || left < ms)
			ms = left;
	}
	return ms > 60 * 60 * 1000 ? 60 * 60 * 1000 : (int)ms;
}

bool
loop_once(struct loop *l, int64_t most_ms)
{
	int n = epoll_wait(
	    l->epoll, l->events, EVENTS_PER_ROUND, wait_ms(l, most_ms));

	ASSERT(n >= 0 || errno == EINTR);
	l->now = clock_mono(&clock_system);
	l->n_events = n > 0 ? n : 0;
	for (int i = 0; i < l->n_events && !l->stopped; i++) {
		struct watch *w = l->events[i].data.ptr;

		if (w)
			w->ready(w->ctx, l->events[i].events);
	}
	l->n_events = 0;
	fire_due(l);
	return !l->stopped;
}

void
loop_run(struct loop *l)
{
	bool more = false;

	while (loop_once(l, more ? 0 : -1))
		more = l->after && l->after(l->after_ctx);
	l->stopped = false;
}

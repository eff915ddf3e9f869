/*
 * Ticks the timeline and saves it in DATA/times: often enough that a keeper
 * which is killed has missed less than what a downtime may last.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/keeper_int.h"

enum {
	TICK_MS = 60 * 1000,
	SAVE_TICKS = 10,
	FILE_MAX = 16 * 1024,
};

static struct {
	struct child *child;
	struct timeline t;
	struct timer timer;
	unsigned ticks;
	size_t spans; /* when last saved */
} times;

static bool
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *to = fd < 0 ? NULL : buf_reserve(out, FILE_MAX);
	ssize_t n = to ? read(fd, to, FILE_MAX) : -1;

	if (fd >= 0)
		close(fd);
	if (n > 0)
		buf_commit(out, (size_t)n);
	return n > 0;
}

static void
load(void)
{
	struct buf path, text;

	buf_init(&path, 4096);
	buf_init(&text, FILE_MAX);
	buf_addf(&path, "%s/times", times.child->data);
	if (read_file(path.p, &text) &&
	    timeline_decode(buf_str(&text), &times.t) != ST_OK)
		log_warn("DATA/times is damaged: the past seems younger than "
			 "it is, and is kept for longer");
	buf_release(&path);
	buf_release(&text);
}

static bool
write_file(const char *path, struct str text)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n &&
	    fdatasync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void
save(void)
{
	struct buf path, fresh, text;

	buf_init(&path, 4096);
	buf_init(&fresh, 4096);
	buf_init(&text, FILE_MAX);
	buf_addf(&path, "%s/times", times.child->data);
	buf_addf(&fresh, "%s/times.new", times.child->data);
	timeline_encode(&times.t, &text);
	if (buf_full(&fresh) || !write_file(fresh.p, buf_str(&text)) ||
	    rename(fresh.p, path.p) != 0)
		log_warn("DATA/times cannot be written: the past is kept for "
			 "longer");
	buf_release(&path);
	buf_release(&fresh);
	buf_release(&text);
	times.ticks = 0;
	times.spans = times.t.n;
}

static void
tick(void *ctx UNUSED)
{
	size_t n = times.t.n;

	timeline_tick(
	    &times.t, clock_wall(&clock_system), clock_mono(&clock_system));
	if (n && times.t.n != n)
		log_notice("the clock has stepped, or the server was down for "
			   "more than a day: nothing of the past is dropped "
			   "for a day");
	if (++times.ticks >= SAVE_TICKS || times.t.n != times.spans)
		save();
	loop_timer(times.child->loop, &times.timer,
	    loop_now(times.child->loop) + TICK_MS);
}

const struct timeline *
times_get(void)
{
	return &times.t;
}

void
times_start(struct child *c)
{
	times.child = c;
	times.timer.fire = tick;
	load();
	times.spans = times.t.n;
	tick(NULL);
}

void
times_end(void)
{
	if (!times.child)
		return;
	timeline_tick(
	    &times.t, clock_wall(&clock_system), clock_mono(&clock_system));
	save();
}

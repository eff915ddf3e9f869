/*
 * Syncs go to the sync processes; each token to one of them. The answers of
 * one that dies are lost: what it synced is then unknown, which the store
 * hears as an error (S4).
 *
 * A sync goes to the process with the fewest of ours: behind one of a slow
 * disk none waits while another process is idle. What the others of us have
 * given a process is not known here, so each worker begins at its own.
 */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "daemon/worker_int.h"

struct syncing {
	unsigned index;
};

static void
sync_here(struct worker *w, int fd, uint64_t token)
{
	int error = fdatasync(fd) < 0 ? errno : 0;

	close(fd);
	store_synced(w->store, token, error);
}

static unsigned
least_busy(const struct worker *w)
{
	const unsigned *counts = w->child->counts;
	unsigned n = counts[ROLE_SYNC], best = UINT_MAX, waiting = UINT_MAX;
	unsigned from = w->child->index * n / counts[ROLE_WORKER];

	for (unsigned i = 0; i < n && waiting; i++) {
		unsigned at = (from + i) % n;

		if (w->syncing[at] < waiting) {
			best = at;
			waiting = w->syncing[at];
		}
	}
	return best;
}

static void
forget(struct worker *w, struct syncing *s)
{
	w->syncing[s->index]--;
	free(s);
}

void
worker_sync(void *ctx, int fd, uint64_t token)
{
	struct worker *w = ctx;
	unsigned n = w->child->counts[ROLE_SYNC];
	unsigned index = least_busy(w);
	enum status st = ST_CLOSED;
	struct syncing *s;
	struct buf b;

	buf_init(&b, 16);
	wire_put_u64(&b, token);
	for (unsigned i = 0; i < n && st != ST_OK; i++) {
		if (i)
			index = (index + 1) % n;
		st = link_send(&w->child->links[ROLE_SYNC][index], MSG_SYNC,
		    buf_str(&b), fd);
	}
	buf_release(&b);
	if (st != ST_OK) {
		/* Rather late than not at all. */
		sync_here(w, fd, token);
		return;
	}
	s = mem_zalloc(sizeof(*s));
	s->index = index;
	w->syncing[index]++;
	free(map_set_u64(&w->syncs, token, s));
}

void
worker_synced(struct worker *w, struct str body)
{
	struct wire in = wire_of(body);
	uint64_t token = wire_u64(&in);
	uint32_t error = wire_u32(&in);
	struct syncing *s;

	if (!wire_end(&in))
		return;
	s = map_remove_u64(&w->syncs, token);
	if (!s)
		return;
	forget(w, s);
	store_synced(w->store, token, (int)error);
}

void
worker_sync_lost(struct worker *w, unsigned index)
{
	size_t pos = 0;
	struct str key;
	void *value;

	while (map_next(&w->syncs, &pos, &key, &value)) {
		struct syncing *s = value;
		uint64_t token;

		if (s->index != index)
			continue;
		memcpy(&token, key.p, sizeof(token));
		(void)map_remove_u64(&w->syncs, token);
		forget(w, s);
		store_synced(w->store, token, EIO);
	}
}

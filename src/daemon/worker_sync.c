/*
 * Syncs go to the sync processes; each token to one of them. The answers of
 * one that dies are lost: what it synced is then unknown, which the store
 * hears as an error (S4).
 */
#include <errno.h>
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

void
worker_sync(void *ctx, int fd, uint64_t token)
{
	struct worker *w = ctx;
	unsigned n = w->child->counts[ROLE_SYNC];
	enum status st = ST_CLOSED;
	struct syncing *s;
	unsigned index = 0;
	struct buf b;

	buf_init(&b, 16);
	wire_put_u64(&b, token);
	for (unsigned i = 0; i < n && st != ST_OK; i++) {
		index = w->next_sync++ % n;
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
	free(s);
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
		free(s);
		store_synced(w->store, token, EIO);
	}
}

/*
 * The role `sync`: fdatasync on descriptors that a worker has opened for it,
 * so that no worker waits for a disk. It can open nothing itself.
 */
#include <errno.h>
#include <unistd.h>

#include "daemon/child.h"

static void
start(struct child *c UNUSED)
{
}

static void
message(struct child *c UNUSED, struct link *l, struct packet *m)
{
	struct wire w = wire_of(m->body);
	uint64_t token = wire_u64(&w);
	int fd = packet_take(m, 0);
	uint32_t error = 0;
	struct buf b;

	if (m->type != MSG_SYNC || !wire_end(&w))
		return;
	if (fd < 0 || fdatasync(fd) < 0)
		error = fd < 0 ? EBADF : (uint32_t)errno;
	if (fd >= 0)
		close(fd);
	buf_init(&b, 64);
	wire_put_u64(&b, token);
	wire_put_u32(&b, error);
	link_tell(l, MSG_SYNCED, buf_str(&b));
	buf_release(&b);
}

const struct role_def role_sync = {
    .role = ROLE_SYNC,
    .start = start,
    .message = message,
};

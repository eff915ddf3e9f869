/*
 * Large messages: the file into which one was received is linked into the
 * account's folder, and nothing is copied (S6). Its name is the message's id.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/pack_int.h"
#include "store/store_int.h"

void
pack_apart_name(uint64_t id, char out[static 32])
{
	(void)snprintf(out, 32, "large-%llu", (unsigned long long)id);
}

bool
pack_apart_link(struct pack *p, uint64_t id, struct incoming *in)
{
	uint64_t min = p->a->store->apart_min;
	char from[64], name[32];
	int fd;

	if (frames_stored(incoming_frames(in)) < (min ? min : PACK_APART_MIN) ||
	    (fd = incoming_whole_file(in)) < 0)
		return false;
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	pack_apart_name(id, name);
	/* A power cut may have left one of a turn that never was. */
	(void)unlinkat(p->a->dir_fd, name, 0);
	/* A memfd cannot be linked, nor a file of another file system. */
	if (linkat(AT_FDCWD, from, p->a->dir_fd, name, AT_SYMLINK_FOLLOW) != 0)
		return false;
	*VEC_ADD(p, apart) = id;
	p->folder_dirty = true;
	return true;
}

int
pack_apart_open(const struct account *a, uint64_t id)
{
	char name[32];

	pack_apart_name(id, name);
	return account_open_file(a, name, O_RDONLY);
}

void
pack_apart_drop(struct pack *p)
{
	char name[32];

	for (size_t i = 0; i < p->n_apart; i++) {
		pack_apart_name(p->apart[i], name);
		(void)unlinkat(p->a->dir_fd, name, 0);
	}
	pack_apart_keep(p);
}

void
pack_apart_keep(struct pack *p)
{
	p->n_apart = p->n_apart_synced = 0;
}

/*
 * The files of large messages that nobody names go when an account is opened:
 * a power cut leaves one between its linking and the sync of its record.
 */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "store/lease.h"
#include "store/pack_int.h"
#include "store/store_int.h"

static void
drop_unnamed(struct pack *p, uint64_t id)
{
	struct message_row row;
	char name[32];

	if (db_message(p->a, id, false, &row) != ST_NOT_FOUND ||
	    pack_names_apart(p, id))
		return;
	pack_apart_name(id, name);
	log_debug("the file of a message that never was",
	    LOG_STR("account", p->a->id), LOG_U64("id", id));
	(void)unlinkat(p->a->dir_fd, name, 0);
}

void
pack_apart_sweep(struct pack *p)
{
	int fd = account_open_file(p->a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int lease = -1;

	while (dir && (e = readdir(dir))) {
		struct str name = str_from(e->d_name);
		uint64_t id;

		if (!str_starts(name, S("large-")) ||
		    !str_to_u64(str_from_pos(name, 6), &id))
			continue;
		/* Another time, when a backup has it in hand. */
		if (lease < 0 && lease_exclude(p->a->dir, &lease) != ST_OK)
			break;
		drop_unnamed(p, id);
	}
	lease_end(&lease);
	if (dir)
		closedir(dir);
}

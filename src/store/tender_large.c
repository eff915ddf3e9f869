/* Large messages that no row names any more: their files go. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/tender_int.h"

static bool
is_dead(struct tender *t, struct str name, uint64_t *id)
{
	struct message_row row;

	return str_starts(name, S("large-")) &&
	    str_to_u64(str_from_pos(name, 6), id) &&
	    /* Those of a turn under way have ids from there on. */
	    *id < t->row.next_id &&
	    db_message(t->a, *id, false, &row) == ST_NOT_FOUND;
}

static size_t
find_dead(struct tender *t)
{
	int fd = account_open_file(t->a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	size_t n = 0;

	while (dir && n < TENDER_LARGE_MAX && (e = readdir(dir)))
		if (is_dead(t, str_from(e->d_name), &t->ids[n]))
			n++;
	if (dir)
		closedir(dir);
	return n;
}

void
tender_large_end(struct tender *t)
{
	while (t->n_large)
		close(t->large[--t->n_large]);
}

enum tender_next
tender_large(struct tender *t)
{
	size_t n;

	tender_large_end(t);
	if (!tender_refresh(t))
		return TENDER_AGAIN;
	if ((n = find_dead(t)) == 0) {
		t->phase = PHASE_SHRINK;
		return TENDER_AGAIN;
	}
	/* That their rows are gone must outlast a power cut first. */
	if (!tender_checkpointed(t))
		return t->phase == PHASE_DONE ? TENDER_AGAIN : TENDER_LATER;
	/* Open here, their blocks are freed by us, not by the owner. */
	for (size_t i = 0; i < n; i++) {
		int fd = pack_apart_open(t->a, t->ids[i]);

		if (fd >= 0)
			t->large[t->n_large++] = fd;
	}
	t->piece = (struct tend){
	    .kind = TEND_LARGE, .messages = t->ids, .n_messages = n};
	return TENDER_ASK;
}

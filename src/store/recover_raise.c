/*
 * Numbers that may have been given before a loss are not given again (S20,
 * S22): behind a power cut, a rebuild, and in an account out of a backup.
 */
#include <fcntl.h>
#include <unistd.h>

#include "store/recover_int.h"
#include "store/store_int.h"
#include "store/turn_int.h"

static enum status
sync_wal(struct account *a)
{
	int fd = account_open_file(a, "mail.db-wal", O_RDONLY);
	enum status st = fd < 0 || fdatasync(fd) ? ST_IO : ST_OK;

	if (fd >= 0)
		close(fd);
	return st;
}

/*
 * S22: what the machine has forgotten may have been seen. Modseqs and uids
 * that may have been given are never given again; the interval is kept, so
 * that a client which presents such a modseq is told everything.
 */
enum status
raise_numbers(struct account *a, uint64_t modseq, uint32_t uids, uint64_t ids)
{
	struct turn *t = turn_new(a);
	struct ask ask = {
	    .c = {.kind = CHANGE_QUOTA, .origin = &recovery_origin}};
	uint64_t first = a->modseq + 1;
	enum status st = ST_OK;
	size_t pos = 0;
	void *value;

	while (map_next(&a->boxes, &pos, NULL, &value)) {
		struct pbox *p = plan_box(t, ((struct mbox *)value)->pub.id);

		/* Where none are left, the ones below are as good as new. */
		if (p->now.uidnext < UINT32_MAX - 2 * UID_RESERVE - uids)
			p->now.uidnext += uids;
		p->dirty = true;
	}
	t->raise_dead = uids;
	t->row.modseq = modseq;
	t->row.next_id += ids;
	t->row.epoch = a->store->cfg.epoch;
	plan_effect(t, &ask, EFFECT_EPOCH, NULL);
	t->lost_first = first;
	t->lost_last = modseq;
	t->row.applied = a->applied;
	if ((st = turn_commit(t)) == ST_OK && (st = sync_wal(a)) == ST_OK)
		turn_publish(t);
	turn_free(t);
	return st;
}

enum status
mark_clear(struct account *a, const char *name)
{
	return unlinkat(a->dir_fd, name, 0) == 0 && fsync(a->dir_fd) == 0
	    ? ST_OK
	    : ST_IO;
}

/* How old the backup is that it comes from, in seconds. */
static uint64_t
age_of_backup(struct account *a)
{
	int fd = account_open_file(a, RECREATED_MARK, O_RDONLY);
	int64_t now = clock_wall(a->store->cfg.clock);
	uint64_t ms = 0;
	char text[32];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	if (n <= 0 || !str_to_u64(str_trim(str_of(text, (size_t)n)), &ms) ||
	    ms > (uint64_t)now)
		return 0;
	return ((uint64_t)now - ms) / 1000;
}

/*
 * S20: two recoveries from one backup begin from the same numbers, and
 * programs may have seen mail of both. So what a recovery adds grows with the
 * time since the backup, faster than a mailbox gets mail: 256 UIDs a second
 * for thirty days, then 8, so that 2^30 last for two years
 * (docs/decisions/0041).
 */
enum { UIDS_FAST = 256, UIDS_SLOW = 8, FAST_SECONDS = 30 * 86400 };

static uint64_t
uids_for(uint64_t age)
{
	uint64_t fast = age < FAST_SECONDS ? age : FAST_SECONDS;
	uint64_t more = fast * UIDS_FAST + (age - fast) * UIDS_SLOW;

	return REBUILD_UIDS + (more < UINT32_C(1) << 30 ? more : 1 << 30);
}

/* An account out of a backup: what it gave out since, nobody knows. */
enum status
raise_recreated(struct account *a)
{
	uint64_t now = (uint64_t)clock_wall(a->store->cfg.clock) / 1000 << 30;
	uint64_t age, least, uids;
	enum status st;

	if (faccessat(a->dir_fd, RECREATED_MARK, F_OK, AT_SYMLINK_NOFOLLOW))
		return ST_OK;
	age = age_of_backup(a);
	uids = uids_for(age);
	least = a->modseq + (UINT64_C(1) << 40) + (age << 20);
	st = raise_numbers(a, now > least ? now : least, (uint32_t)uids, uids);
	return st == ST_OK ? mark_clear(a, RECREATED_MARK) : st;
}

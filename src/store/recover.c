#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/pack.h"
#include "store/recover_int.h"
#include "store/store_int.h"
#include "store/turn_int.h"

enum { EPOCH_UIDS = 1 << 17, REBUILD_UIDS = 1 << 24 };

const struct origin recovery_origin = {
    .protocol = STR_INIT("recovery"),
};

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
static enum status
raise_numbers(struct account *a, uint64_t modseq, uint32_t uids)
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

static enum status
set_mark(struct account *a, const char *name)
{
	int fd = account_open_file(a, name, O_WRONLY | O_CREAT);

	if (fd < 0)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	close(fd);
	return fsync(a->dir_fd) == 0 ? ST_OK : ST_IO;
}

static enum status
clear_mark(struct account *a, const char *name)
{
	return unlinkat(a->dir_fd, name, 0) == 0 && fsync(a->dir_fd) == 0
	    ? ST_OK
	    : ST_IO;
}

/* An account out of a backup: what it gave out since, nobody knows. */
static enum status
raise_recreated(struct account *a)
{
	uint64_t now = (uint64_t)clock_wall(a->store->cfg.clock) / 1000 << 30;
	uint64_t least = a->modseq + (UINT64_C(1) << 40);
	enum status st;

	if (faccessat(a->dir_fd, RECREATED_MARK, F_OK, AT_SYMLINK_NOFOLLOW))
		return ST_OK;
	st = raise_numbers(a, now > least ? now : least, REBUILD_UIDS);
	return st == ST_OK ? clear_mark(a, RECREATED_MARK) : st;
}

/* mail.db is lost, the packs are there. */
static enum status
rebuild(struct account *a)
{
	struct db_account row = {.next_id = 1, .epoch = a->store->cfg.epoch};
	uint64_t now = (uint64_t)clock_wall(a->store->cfg.clock) / 1000;
	enum status st;

	log_debug("mail.db is rebuilt", LOG_STR("account", a->id));
	/* A rebuild that is cut short is begun anew. */
	if ((st = set_mark(a, REBUILDING_MARK)) != ST_OK ||
	    (st = db_open(a, true)) != ST_OK)
		return st;
	db_account_to(&row, a);
	if ((st = db_set_account(a, &row)) != ST_OK ||
	    (st = pack_open(a, a->applied, &a->pack)) != ST_OK ||
	    (st = recover_replay(a, a->applied, true)) != ST_OK)
		return st;
	/* Nobody knows how far modseqs had come; seconds << 30 is beyond. */
	st = raise_numbers(a, now << 30, REBUILD_UIDS);
	if (st == ST_OK)
		st = db_checkpoint(a);
	return st == ST_OK ? clear_mark(a, REBUILDING_MARK) : st;
}

/* What a rebuild that was cut short has made is of no use. */
static enum status
drop_half(struct account *a)
{
	static const char *const files[] = {
	    "mail.db", "mail.db-wal", "mail.db-shm"};

	if (faccessat(a->dir_fd, REBUILDING_MARK, F_OK, AT_SYMLINK_NOFOLLOW) !=
	    0)
		return ST_OK;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (unlinkat(a->dir_fd, files[i], 0) != 0 && errno != ENOENT)
			return ST_IO;
	return ST_OK;
}

/*
 * A WAL that somebody left may have lost pages to a failed sync that is long
 * reported, and what is appended behind them would be lost with them: nothing
 * is written before all of it is in mail.db (S4).
 */
static enum status
empty_wal(struct account *a)
{
	struct stat sb;

	if (fstatat(a->dir_fd, "mail.db-wal", &sb, AT_SYMLINK_NOFOLLOW) != 0 ||
	    sb.st_size == 0)
		return ST_OK;
	return db_checkpoint(a);
}

enum status
recover_account(struct account *a)
{
	bool read_only = a->store->cfg.read_only;
	struct stat sb;
	enum status st;

	if (!read_only && (st = drop_half(a)) != ST_OK)
		return st;
	if (fstatat(a->dir_fd, "mail.db", &sb, AT_SYMLINK_NOFOLLOW) != 0) {
		if (!pack_any(a))
			return ST_NOT_FOUND;
		return read_only ? ST_READONLY : rebuild(a);
	}
	if ((st = db_open(a, false)) != ST_OK)
		return st;
	st = db_load_account(a);
	if (st == ST_NOT_FOUND && pack_any(a) && !read_only) {
		db_close(a);
		return rebuild(a);
	}
	if (st != ST_OK)
		return st;
	st = pack_open(a, a->applied, &a->pack);
	if (st == ST_CORRUPT && a->pack) {
		/* S3: bytes are missing that rows speak of. */
		a->broken = a->damaged = true;
		return ST_OK;
	}
	if (st != ST_OK || read_only)
		return st;
	if (empty_wal(a) != ST_OK) {
		a->broken = true;
		return ST_OK;
	}
	if ((st = raise_recreated(a)) == ST_OK &&
	    a->epoch < a->store->cfg.epoch)
		st = raise_numbers(
		    a, a->modseq + (UINT64_C(1) << 40), EPOCH_UIDS);
	if (st == ST_OK)
		st = recover_replay(a, a->applied, false);
	return st;
}

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/pack.h"
#include "store/recover_int.h"
#include "store/store_int.h"
#include "store/turn_int.h"

const struct origin recovery_origin = {
    .protocol = STR_INIT("recovery"),
};

static enum status
set_mark(struct account *a, const char *name)
{
	int fd = account_open_file(a, name, O_WRONLY | O_CREAT);

	if (fd < 0)
		return file_errno();
	close(fd);
	return fsync(a->dir_fd) == 0 ? ST_OK : ST_IO;
}

/*
 * Packs alone do not know what was done to messages since they arrived: that is
 * said, once, and `check` finds the file. Of a repair it is told already.
 */
static enum status
note_missing(struct account *a)
{
	char name[64];
	enum status st;
	int fd;

	if (faccessat(a->dir_fd, SALVAGING_MARK, F_OK, AT_SYMLINK_NOFOLLOW) ==
	    0)
		return ST_OK;
	log_warn("mail.db was missing and is rebuilt from the packs: flags, "
		 "moves and deletions of before are lost",
	    LOG_STR("account", a->id), LOG_Z("see", "mailstead check"));
	(void)snprintf(name, sizeof(name), "lost-%lld" MISSING_END,
	    (long long)clock_wall(a->store->cfg.clock));
	fd = account_open_file(a, name, O_WRONLY | O_CREAT);
	if (fd < 0)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	st = file_write(fd, S("mail.db was not there any more\n"));
	close(fd);
	return st;
}

/* mail.db is lost, the packs are there. */
static enum status
rebuild(struct account *a)
{
	struct db_account row = {.next_id = 1, .epoch = a->store->cfg.epoch};
	uint64_t now = (uint64_t)clock_wall(a->store->cfg.clock) / 1000;
	enum status st;

	/* A rebuild that is cut short is begun anew. */
	if (faccessat(a->dir_fd, REBUILDING_MARK, F_OK, AT_SYMLINK_NOFOLLOW) !=
		0 &&
	    (st = note_missing(a)) != ST_OK)
		return st;
	if ((st = set_mark(a, REBUILDING_MARK)) != ST_OK ||
	    (st = db_open(a, true)) != ST_OK)
		return st;
	db_account_to(&row, a);
	if ((st = db_set_account(a, &row)) != ST_OK ||
	    (st = pack_open(a, a->applied, &a->pack)) != ST_OK ||
	    (st = recover_replay(a, a->applied, true)) != ST_OK)
		return st;
	/* Nobody knows how far modseqs had come; seconds << 30 is beyond. */
	st = raise_numbers(a, now << 30, REBUILD_UIDS, 0);
	if (st == ST_OK)
		st = db_checkpoint(a);
	return st == ST_OK ? mark_clear(a, REBUILDING_MARK) : st;
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
	enum status st;

	if (fstatat(a->dir_fd, "mail.db-wal", &sb, AT_SYMLINK_NOFOLLOW) != 0 ||
	    sb.st_size == 0)
		return ST_OK;
	st = db_checkpoint(a);
	if (st == ST_NO_SPACE && reserve_release(a->store))
		st = db_checkpoint(a);
	return st;
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
		    a, a->modseq + (UINT64_C(1) << 40), EPOCH_UIDS, 0);
	if (st == ST_OK)
		st = recover_replay(a, a->applied, false);
	return st;
}

#include "store/recreate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/message.h"
#include "store/recover_int.h"
#include "store/store_int.h"

enum {
	CHUNK = 1024 * 1024,
	BEHIND = 8 * CHUNK, /* the disk writes while we go on reading */
	AHEAD = 2 * BEHIND, /* and reads while we sum */
	PATH_BYTES = 4096,
};

static enum status
failed(struct recreate *r, enum status st, const char *what)
{
	if (r->why->n == 0)
		buf_addf(r->why, "%s: %s", what,
		    st == ST_CORRUPT
			? "the backup is damaged there (mailstead check)"
			: st == ST_IO && errno ? strerror(errno)
					       : status_text(st));
	return st;
}

enum status
recreate_open(struct recreate *r, const char *dir,
    const struct recreate_host *host, struct buf *why)
{
	*r = (struct recreate){.host = *host, .why = why};
	return manifest_open(dir, &r->dir, &r->m, why);
}

void
recreate_close(struct recreate *r)
{
	manifest_release(&r->m);
	close(r->dir);
}

/* --- one file --- */

static ssize_t
read_some(int fd, char *to, size_t n, uint64_t at)
{
	ssize_t k;

	do
		k = pread(fd, to, n, (off_t)at);
	while (k < 0 && errno == EINTR);
	return k;
}

/* In the kernel where it can: a third cheaper than writing what was read. */
static enum status
copy_all(int from, int to, struct str bytes, uint64_t at)
{
	while (bytes.n) {
		off_t in = (off_t)at, out = (off_t)at;
		ssize_t k = copy_file_range(from, &in, to, &out, bytes.n, 0);

		if (k <= 0)
			return file_pwrite(to, bytes, at);
		at += (uint64_t)k;
		bytes = str_from_pos(bytes, (size_t)k);
	}
	return ST_OK;
}

/* Both directions of the disk are kept busy; nobody waits for either. */
static void
stream(int from, int to, uint64_t at)
{
	(void)posix_fadvise(from, (off_t)at, AHEAD, POSIX_FADV_WILLNEED);
	if (to >= 0 && at >= BEHIND)
		(void)sync_file_range(
		    to, (off_t)(at - BEHIND), BEHIND, SYNC_FILE_RANGE_WRITE);
}

/* A piece: read, summed, and written to `to` unless that is -1. */
static enum status
take_piece(struct recreate *r, int from, int to, const struct piece *p,
    uint64_t at, char *chunk)
{
	unsigned char sum[DIGEST_BYTES];
	uint64_t left = p->n;
	enum status st = ST_OK;
	struct digest d;

	digest_begin(&d);
	while (left && st == ST_OK) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t k = read_some(from, chunk, want, at);

		if (k <= 0) {
			st = k < 0 ? ST_IO : ST_CORRUPT;
			break;
		}
		digest_add(&d, str_of(chunk, (size_t)k));
		if (to >= 0)
			st = copy_all(from, to, str_of(chunk, (size_t)k), at);
		at += (uint64_t)k;
		if (at / BEHIND != (at - (uint64_t)k) / BEHIND)
			stream(from, to, at);
		left -= (uint64_t)k;
		r->bytes += (uint64_t)k;
		if (r->host.progress)
			r->host.progress(r->host.ctx, r->bytes);
	}
	digest_end(&d, sum);
	if (st == ST_OK && memcmp(sum, p->sum, DIGEST_BYTES) != 0)
		st = ST_CORRUPT;
	return st;
}

static enum status
take_bytes(struct recreate *r, int from, int to, const struct manifest_file *f)
{
	char *chunk = mem_alloc(CHUNK);
	bool cloned = ioctl(to, FICLONE, from) == 0;
	enum status st = ST_OK;
	uint64_t at = 0;

	stream(from, -1, 0);
	for (size_t i = 0; i < f->n_pieces && st == ST_OK; i++) {
		st = take_piece(
		    r, from, cloned ? -1 : to, &f->pieces[i], at, chunk);
		at += f->pieces[i].n;
	}
	/* What stands behind is of a run that did not end. */
	if (st == ST_OK && cloned && ftruncate(to, (off_t)f->size) != 0)
		st = file_errno();
	free(chunk);
	return st;
}

enum status
recreate_file(struct recreate *r, const struct manifest_folder *folder,
    struct str name, const char *to, unsigned mode)
{
	const struct manifest_file *f = manifest_file(folder, name);
	char path[PATH_BYTES], fresh[PATH_BYTES];
	enum status st = ST_OK;
	int from, fd;

	errno = 0;
	(void)snprintf(path, sizeof(path), STR_FMT "/" STR_FMT,
	    STR_ARG(folder->place), STR_ARG(name));
	(void)snprintf(fresh, sizeof(fresh), "%s.new", to);
	if (!f)
		return failed(r, ST_NOT_FOUND, path);
	from = openat(r->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0)
		return failed(r, errno == ENOENT ? ST_CORRUPT : ST_IO, path);
	fd = open(
	    fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		close(from);
		return failed(r, file_errno(), fresh);
	}
	st = take_bytes(r, from, fd, f);
	if (st != ST_OK)
		(void)failed(r, st, path);
	if (st == ST_OK && fchmod(fd, mode) != 0)
		st = file_errno();
	close(from);
	if (close(fd) != 0 && st == ST_OK)
		st = file_errno();
	if (st == ST_OK && rename(fresh, to) != 0)
		st = file_errno();
	return st == ST_OK ? ST_OK : failed(r, st, to);
}

/* --- one account --- */

static enum status
make_folders(const char *path)
{
	char *p = str_dup(str_from(path));
	enum status st = ST_OK;

	for (size_t i = 1; st == ST_OK; i++) {
		char c = p[i];

		if (c != '/' && c != '\0')
			continue;
		p[i] = '\0';
		if (mkdir(p, 0700) != 0 && errno != EEXIST)
			st = file_errno();
		p[i] = c;
		if (c == '\0')
			break;
	}
	free(p);
	return st;
}

/* What a run that was killed has left. */
static void
empty_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

void
recreate_drop(const char *to)
{
	empty_folder(to);
	(void)rmdir(to);
}

/* A sealed pack is sealed again: the active one is what is appended to. */
static unsigned
mode_of(const struct manifest_folder *f, struct str name)
{
	uint32_t no;

	if (str_starts(name, S("pack-")) &&
	    str_to_u32(str_from_pos(name, 5), &no) && no < f->applied_pack)
		return 0444;
	return str_starts(name, S("keep-")) ? 0444 : 0600;
}

/* Of when the backup is: how far numbers are raised depends on it. */
static bool
write_mark(struct recreate *r, int dir)
{
	int fd = openat(dir, RECREATED_MARK,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	char text[32];
	int n =
	    snprintf(text, sizeof(text), "%lld\n", (long long)r->m.began_ms);
	bool ok = fd >= 0 && write(fd, text, (size_t)n) == n && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

enum status
recreate_mark(struct recreate *r, const char *to)
{
	int dir = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	enum status st = ST_OK;

	errno = 0;
	/* All of it is on the disk before the mark says so. */
	if (dir < 0 || syncfs(dir) != 0 || !write_mark(r, dir) ||
	    fsync(dir) != 0)
		st = file_errno();
	if (dir >= 0)
		close(dir);
	return st == ST_OK ? ST_OK : failed(r, st, to);
}

enum status
recreate_account(
    struct recreate *r, const struct manifest_folder *f, const char *to)
{
	char path[PATH_BYTES];
	enum status st = make_folders(to);

	if (st != ST_OK)
		return failed(r, st, to);
	empty_folder(to);
	for (size_t i = 0; i < f->n_files && st == ST_OK; i++) {
		struct str name = f->files[i].name;
		bool db = str_eq(name, f->db);
		int n = snprintf(path, sizeof(path), "%s/" STR_FMT, to,
		    STR_ARG(db ? S("mail.db") : name));

		st = n > 0 && n < PATH_BYTES
		    ? recreate_file(r, f, name, path, mode_of(f, name))
		    : failed(r, ST_LIMIT, to);
	}
	return st;
}

bool
recreate_done(const char *to)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/%s", to, RECREATED_MARK);

	return n > 0 && n < PATH_BYTES && access(path, F_OK) == 0;
}

/* --- looking into the backup --- */

enum status
recreate_look(struct recreate *r, const char *dir,
    const struct manifest_folder *f, struct store **store_out,
    struct account **out)
{
	struct store_config cfg = {.root = str_from(dir),
	    .clock = &clock_system,
	    .random = &random_system,
	    .read_only = true};
	char path[PATH_BYTES], *db = str_dup(f->db);
	struct store *s = NULL;
	enum status st;

	(void)snprintf(
	    path, sizeof(path), "%s/" STR_FMT, dir, STR_ARG(f->place));
	if ((st = store_open(&cfg, &s)) == ST_OK)
		st = account_open_still(s, path, db, true, out);
	free(db);
	if (st != ST_OK) {
		store_close(&s);
		return failed(r, st, path);
	}
	*store_out = s;
	return ST_OK;
}

void
recreate_look_end(struct store **s, struct account **a)
{
	account_close(a);
	store_close(s);
}

enum status
recreate_emailid(struct account *a, uint64_t message, unsigned char out[16])
{
	uint64_t next;
	enum status st;
	struct buf b;

	buf_init(&b, 64);
	st = message_emailids(a, message, 1, &b, &next);
	if (st == ST_OK && b.n != 16)
		st = ST_NOT_FOUND;
	if (st == ST_OK)
		memcpy(out, b.p, 16);
	buf_release(&b);
	return st;
}

#include "store/pack_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/store_int.h"

void
pack_name(uint32_t no, char out[static 16])
{
	(void)snprintf(out, 16, no & PACK_KEPT ? "keep-%06u" : "pack-%06u",
	    (no & ~PACK_KEPT) % 1000000);
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

enum status
pack_list(const struct account *a, struct pack_list *out)
{
	int fd = account_open_file(a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	*out = (struct pack_list){0};
	if (!dir)
		return ST_IO;
	while ((e = readdir(dir))) {
		struct str name = str_from(e->d_name);
		uint32_t no;

		if (str_starts(name, S("pack-")) &&
		    str_to_u32(str_from_pos(name, 5), &no))
			*VEC_ADD(out, nos) = no;
	}
	closedir(dir);
	if (out->n_nos > 1)
		qsort(out->nos, out->n_nos, sizeof(*out->nos), by_number);
	return ST_OK;
}

bool
pack_any(const struct account *a)
{
	struct pack_list l;
	bool any = pack_list(a, &l) == ST_OK && l.n_nos > 0;

	free(l.nos);
	return any;
}

enum status
pack_pread(int fd, uint64_t at, size_t n, struct buf *out)
{
	char *to = buf_reserve(out, n);
	ssize_t got;

	if (!to)
		return ST_LIMIT;
	got = file_pread(fd, to, n, at);
	if (got < 0)
		return ST_IO;
	if ((size_t)got < n)
		return ST_CORRUPT;
	buf_commit(out, n);
	return ST_OK;
}

enum status
pack_read_header(int fd, struct pack_header *out)
{
	struct buf b;
	enum status st;

	buf_init(&b, PACK_HEADER);
	st = pack_pread(fd, 0, PACK_HEADER, &b);
	if (st == ST_OK)
		st = pack_header_get(buf_str(&b), out);
	buf_release(&b);
	return st;
}

static enum status
write_header(int fd, const struct pack_header *h)
{
	struct buf b;
	enum status st;

	buf_init(&b, PACK_HEADER);
	pack_header_put(h, &b);
	st = file_pwrite(fd, buf_str(&b), 0);
	buf_release(&b);
	return st;
}

enum status
pack_begin(struct pack *p, uint32_t no, uint64_t before_end)
{
	struct pack_header h = {.before_end = before_end};
	char name[16];
	enum status st;
	int fd;

	pack_name(no, name);
	fd = account_open_file(p->a, name, O_RDWR | O_CREAT | O_EXCL);
	if (fd < 0)
		return file_errno();
	random_fill(p->a->store->cfg.random, h.salt, sizeof(h.salt));
	if ((st = write_header(fd, &h)) != ST_OK) {
		close(fd);
		(void)unlinkat(p->a->dir_fd, name, 0);
		return st;
	}
	if (p->fd >= 0) {
		/* Sealed (S36): a backup may link what never changes again. */
		(void)fchmod(p->fd, 0444);
		close(p->fd);
	}
	p->fd = fd;
	p->no = no;
	p->header = h;
	p->end = PACK_HEADER;
	p->folder_dirty = true;
	return ST_OK;
}

/*
 * The header is not one: a power cut came before the first sync of this pack,
 * and nothing in it was answered. Or mail.db is lost as well, and this is
 * damage: so the file is kept beside the one that begins in its place.
 */
static enum status
begin_again(struct pack *p, uint32_t no)
{
	char name[16], lost[64];

	close(p->fd);
	p->fd = -1;
	pack_name(no, name);
	(void)snprintf(lost, sizeof(lost), "lost-%lld-%s",
	    (long long)clock_wall(p->a->store->cfg.clock), name);
	if (renameat(p->a->dir_fd, name, p->a->dir_fd, lost) != 0)
		return file_errno();
	return pack_begin(p, no, UINT64_MAX);
}

static enum status
open_active(struct pack *p, uint32_t no, struct place applied)
{
	struct stat sb;
	char name[16];
	enum status st;

	pack_name(no, name);
	p->fd = account_open_file(p->a, name, O_RDWR);
	/* It was sealed, and then a power cut took the one behind it. */
	if (p->fd < 0 && errno == EACCES && !p->a->store->cfg.read_only &&
	    fchmodat(p->a->dir_fd, name, 0600, 0) == 0)
		p->fd = account_open_file(p->a, name, O_RDWR);
	if (p->fd < 0)
		p->fd = account_open_file(p->a, name, O_RDONLY);
	if (p->fd < 0 || fstat(p->fd, &sb) != 0)
		return ST_IO;
	p->no = no;
	p->end = (uint64_t)sb.st_size;
	st = pack_read_header(p->fd, &p->header);
	if (st == ST_CORRUPT && applied.pack < no &&
	    !p->a->store->cfg.read_only)
		return begin_again(p, no);
	if (st == ST_OK &&
	    (applied.pack > no ||
		(applied.pack == no && applied.offset > p->end)))
		st = ST_CORRUPT;
	return st;
}

enum status
pack_open(struct account *a, struct place applied, struct pack **out)
{
	struct pack *p = mem_zalloc(sizeof(*p));
	struct pack_list l;
	enum status st;

	p->a = a;
	p->fd = p->read_fd = p->apart_fd = -1;
	buf_init(&p->frame_bytes, FRAME_RAW);
	buf_init(&p->window, RECORD_META_MAX);
	if ((st = pack_list(a, &l)) == ST_OK)
		st = l.n_nos ? open_active(p, l.nos[l.n_nos - 1], applied)
			     : pack_begin(p, applied.pack + 1, 0);
	free(l.nos);
	if (st == ST_OK || (st == ST_CORRUPT && p->fd >= 0))
		*out = p;
	else
		pack_close(&p);
	return st;
}

void
pack_close(struct pack **out)
{
	struct pack *p = *out;

	*out = NULL;
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	if (p->read_fd >= 0)
		close(p->read_fd);
	if (p->apart_fd >= 0)
		close(p->apart_fd);
	free(p->apart);
	pack_place_release(&p->at);
	buf_release(&p->frame_bytes);
	buf_release(&p->window);
	free(p);
}

struct place
pack_end(const struct pack *p)
{
	return (struct place){p->no, p->end};
}

bool
pack_unsynced(const struct pack *p)
{
	return p->n_apart_synced < p->n_apart || p->folder_dirty || p->dirty;
}

void
pack_sync_again(struct pack *p)
{
	p->n_apart_synced = 0;
	p->folder_dirty = p->dirty = true;
}

int
pack_sync_fd(struct pack *p)
{
	char name[16];

	if (p->n_apart_synced < p->n_apart)
		return pack_apart_open(p->a, p->apart[p->n_apart_synced++]);
	if (p->folder_dirty) {
		p->folder_dirty = false;
		return account_open_file(p->a, ".", O_RDONLY | O_DIRECTORY);
	}
	p->dirty = false;
	pack_name(p->no, name);
	return account_open_file(p->a, name, O_RDONLY);
}

enum status
pack_roll(struct pack *p)
{
	if (place_cmp(pack_end(p), p->a->applied) != 0)
		return ST_BUSY;
	return pack_begin(p, p->no + 1, p->end);
}

enum status
pack_forget(struct pack *p, uint32_t no)
{
	if (no == p->no)
		return ST_STATE;
	if (p->at_valid && p->last.pack == no)
		p->at_valid = false;
	if (p->window_no == no)
		buf_clear(&p->window);
	if (p->read_no == no && p->read_fd >= 0) {
		close(p->read_fd);
		p->read_fd = -1;
	}
	return ST_OK;
}

void
pack_forget_apart(struct pack *p, uint64_t id)
{
	if (!p->at_valid || !p->at.r.apart || p->at.r.id != id)
		return;
	p->at_valid = false;
	if (p->apart_fd >= 0)
		close(p->apart_fd);
	p->apart_fd = -1;
}

enum status
pack_cut(struct pack *p, struct place to)
{
	uint64_t end = to.pack == p->no ? to.offset : PACK_HEADER;

	/* A pack that began in the turn stays, empty. */
	p->at_valid = false;
	p->dirty = false;
	pack_apart_drop(p);
	if (ftruncate(p->fd, (off_t)end) != 0 || fdatasync(p->fd) != 0)
		return ST_IO;
	p->end = end;
	return ST_OK;
}

enum status
pack_give_up(struct pack *p, struct place at)
{
	uint64_t end = at.pack == p->no ? at.offset : PACK_HEADER;
	enum status st = pack_begin(p, p->no + 1, end);

	p->at_valid = false;
	p->dirty = false;
	pack_apart_drop(p);
	if (st == ST_OK && (fdatasync(p->fd) != 0 || fsync(p->a->dir_fd) != 0))
		st = ST_IO;
	if (st == ST_OK)
		p->folder_dirty = false;
	return st;
}

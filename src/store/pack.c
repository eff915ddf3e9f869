#include "store/pack_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/store_int.h"

enum { CHUNK = 1024 * 1024 }; /* of frames, gathered for one write */

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
write_at(int fd, struct iovec *v, int n, uint64_t at)
{
	while (n) {
		ssize_t k = pwritev(fd, v, n, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return file_errno();
		at += (uint64_t)k;
		while (n && (size_t)k >= v->iov_len) {
			k -= (ssize_t)v->iov_len;
			v++;
			n--;
		}
		if (n) {
			v->iov_base = (char *)v->iov_base + k;
			v->iov_len -= (size_t)k;
		}
	}
	return ST_OK;
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

/* The next pack becomes the active one; its name is synced with its data. */
static enum status
begin_pack(struct pack *p, uint32_t no, uint64_t before_end)
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
	return begin_pack(p, no, UINT64_MAX);
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
			     : begin_pack(p, applied.pack + 1, 0);
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

/* The frames of a message, in the order in which they are stored. */
struct content {
	const struct incoming *in;
	struct frames all; /* with the prefix in front */
	uint64_t *sums;
};

static void
content_init(struct content *c, const struct incoming *in)
{
	struct str prefix = incoming_prefix(in);
	const struct frames *f = incoming_frames(in);

	*c = (struct content){.in = in};
	if (prefix.n)
		*VEC_ADD(&c->all, frames) = (struct frame){
		    (uint32_t)prefix.n, (uint32_t)prefix.n, CODEC_RAW, 0};
	for (size_t i = 0; i < f->n_frames; i++)
		*VEC_ADD(&c->all, frames) = f->frames[i];
	c->sums = mem_zalloc(c->all.n_frames * sizeof(*c->sums));
}

/* Of frames in a file of their own; few have no sum yet. */
static enum status
content_sum(struct content *c)
{
	enum status st = ST_OK;
	uint64_t at = 0;
	struct buf b;

	buf_init(&b, FRAME_STORED_MAX);
	for (size_t i = 0; i < c->all.n_frames && st == ST_OK; i++) {
		const struct frame *f = &c->all.frames[i];

		c->sums[i] = f->sum;
		if (!f->sum) {
			buf_clear(&b);
			st = incoming_stored(c->in, at, f->stored, &b);
			c->sums[i] = frame_sum(buf_str(&b));
		}
		at += f->stored;
	}
	buf_release(&b);
	return st;
}

/*
 * Sums all frames and writes them from `at` on, but for the last gathered
 * bytes, which stay in `rest` to go out with the record's head.
 */
static enum status
content_write(struct pack *p, struct content *c, uint64_t at, struct buf *rest,
    uint64_t *rest_at)
{
	struct str prefix = incoming_prefix(c->in);
	enum status st = ST_OK;
	uint64_t from = 0;

	*rest_at = at;
	for (size_t i = 0; i < c->all.n_frames && st == ST_OK; i++) {
		size_t was, n = c->all.frames[i].stored;

		if (rest->n > CHUNK) {
			st = file_pwrite(p->fd, buf_str(rest), *rest_at);
			if (st != ST_OK)
				break;
			*rest_at += rest->n;
			buf_clear(rest);
		}
		was = rest->n;
		if (i == 0 && prefix.n) {
			buf_adds(rest, prefix);
		} else {
			st = incoming_stored(c->in, from, n, rest);
			from += n;
		}
		if (st == ST_OK)
			c->sums[i] =
			    pack_sum(&p->header, str_of(rest->p + was, n));
	}
	return st;
}

static enum status
append_message(struct pack *p, const struct pack_record *r,
    const struct incoming *in, uint64_t *stored_out)
{
	struct place place = pack_end(p);
	struct content c;
	struct buf meta, head, rest;
	uint64_t at, rest_at, content;
	enum status st;

	content_init(&c, in);
	content = r->apart ? 0 : frames_stored(&c.all);
	buf_init(&meta, RECORD_META_MAX);
	buf_init(&head, RECORD_META_MAX + RECORD_FIXED);
	buf_init(&rest, CHUNK + 2 * FRAME_RAW);
	/* Sums have a fixed width: the length of meta is known before them. */
	pack_meta_put(r, &c.all, NULL, &meta);
	at = place.offset + RECORD_FIXED + meta.n;
	rest_at = at;
	st = r->apart ? content_sum(&c)
		      : content_write(p, &c, at, &rest, &rest_at);
	if (st == ST_OK) {
		struct iovec v[2];

		buf_clear(&meta);
		pack_meta_put(r, &c.all, c.sums, &meta);
		pack_fixed_put(
		    &p->header, place, buf_str(&meta), content, &head);
		buf_adds(&head, buf_str(&meta));
		v[0] = (struct iovec){head.p, head.n};
		v[1] = (struct iovec){rest.p, rest.n};
		if (rest_at == at) {
			st = write_at(p->fd, v, 2, place.offset);
		} else if ((st = write_at(p->fd, v + 1, 1, rest_at)) == ST_OK) {
			st = write_at(p->fd, v, 1, place.offset);
		}
	}
	if (st == ST_OK)
		*stored_out = head.n + content;
	buf_release(&meta);
	buf_release(&head);
	buf_release(&rest);
	free(c.all.frames);
	free(c.sums);
	return st;
}

static enum status
append_folder(struct pack *p, const struct pack_record *r, uint64_t *stored_out)
{
	struct buf meta, head;
	enum status st;

	buf_init(&meta, 64 * 1024);
	buf_init(&head, 64 * 1024 + RECORD_FIXED);
	pack_meta_put(r, NULL, NULL, &meta);
	pack_fixed_put(&p->header, pack_end(p), buf_str(&meta), 0, &head);
	buf_adds(&head, buf_str(&meta));
	st = file_pwrite(p->fd, buf_str(&head), p->end);
	*stored_out = head.n;
	buf_release(&meta);
	buf_release(&head);
	return st;
}

/*
 * A new pack begins between turns alone: what is in the one before it has
 * been synced and applied, and no group stands in two.
 */
static bool
is_full(const struct pack *p)
{
	uint64_t max = p->a->store->pack_max;

	return p->end >= (max ? max : PACK_FILE_MAX) &&
	    place_cmp(pack_end(p), p->a->applied) == 0;
}

enum status
pack_append(struct pack *p, const struct pack_record *r, struct incoming *in,
    struct place *place_out, uint64_t *stored_out)
{
	struct pack_record full = *r;
	uint64_t stored = 0;
	enum status st = ST_OK;

	if (place_cmp(pack_end(p), p->a->applied) == 0)
		pack_apart_keep(p); /* those of the turn before */
	if (is_full(p) && (st = begin_pack(p, p->no + 1, p->end)) != ST_OK)
		return st;
	*place_out = pack_end(p);
	if (r->kind == PACK_MESSAGE) {
		full.size = incoming_size(in);
		full.header_size = incoming_header_size(in);
		full.apart = pack_apart_link(p, full.id, in);
		st = append_message(p, &full, in, &stored);
	} else {
		st = append_folder(p, &full, &stored);
	}
	if (st != ST_OK)
		return st;
	p->end += stored;
	p->dirty = true;
	*stored_out = stored;
	return ST_OK;
}

enum status
pack_roll(struct pack *p)
{
	if (place_cmp(pack_end(p), p->a->applied) != 0)
		return ST_BUSY;
	return begin_pack(p, p->no + 1, p->end);
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
	enum status st = begin_pack(p, p->no + 1, end);

	p->at_valid = false;
	p->dirty = false;
	pack_apart_drop(p);
	if (st == ST_OK && (fdatasync(p->fd) != 0 || fsync(p->a->dir_fd) != 0))
		st = ST_IO;
	if (st == ST_OK)
		p->folder_dirty = false;
	return st;
}

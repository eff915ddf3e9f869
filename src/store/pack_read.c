#include "store/pack_int.h"

#include <fcntl.h>
#include <unistd.h>

static enum status
pack_fd(struct pack *p, uint32_t no, int *fd_out,
    const struct pack_header **header_out)
{
	char name[16];
	enum status st;

	if (no == p->no) {
		*fd_out = p->fd;
		*header_out = &p->header;
		return ST_OK;
	}
	if (no != p->read_no || p->read_fd < 0) {
		if (p->read_fd >= 0)
			close(p->read_fd);
		pack_name(no, name);
		p->read_fd = account_open_file(p->a, name, O_RDONLY);
		p->read_no = no;
		if (p->read_fd < 0)
			return ST_CORRUPT;
		st = pack_read_header(p->read_fd, &p->read_header);
		if (st != ST_OK)
			return st;
	}
	*fd_out = p->read_fd;
	*header_out = &p->read_header;
	return ST_OK;
}

/*
 * Bytes of a record, borrowed until the next call. Messages are mostly read in
 * the order in which they came, and a read costs more than what it brings:
 * within a slice, more than is asked for is read at once. Not longer: behind
 * the applied offset a pack may be cut and written anew (S4).
 */
static enum status
borrow(
    struct pack *p, int fd, uint32_t no, uint64_t at, size_t n, struct str *out)
{
	struct buf *w = &p->window;
	bool follows =
	    at >= p->window_at && at - p->window_at < 2 * PACK_WINDOW;
	size_t want = !p->a->reading ? n
	    : follows                ? max_size(n, PACK_WINDOW)
				     : max_size(n, PACK_WINDOW_FIRST);
	enum status st;
	ssize_t got;
	char *to;

	if (p->window_no == 0 || no != p->window_no || at < p->window_at ||
	    at + n > p->window_at + w->n) {
		p->window_no = 0;
		buf_clear(w);
		to = buf_reserve(w, want);
		if (!to)
			return ST_LIMIT;
		got = pread(fd, to, want, (off_t)at);
		if (got >= 0 && (size_t)got >= n)
			buf_commit(w, (size_t)got);
		else if ((st = pack_pread(fd, at, n, w)) != ST_OK)
			return st;
		p->window_at = at;
		if (p->a->reading)
			p->window_no = no;
	}
	*out = str_of(w->p + (at - p->window_at), n);
	return ST_OK;
}

void
pack_read_done(struct pack *p)
{
	p->window_no = 0;
	/* One large record must not hold its memory for good. */
	if (p->window.cap > 4 * PACK_WINDOW)
		buf_release(&p->window);
}

static enum status
read_head(struct pack *p, int fd, const struct pack_header *h,
    struct place place, struct pack_place *out)
{
	uint32_t meta = 0;
	uint64_t sum = 0;
	struct str bytes;
	enum status st;

	st = borrow(p, fd, place.pack, place.offset, RECORD_FIXED, &bytes);
	if (st != ST_OK)
		return st;
	if (!pack_fixed_get(h, place, bytes, &meta, &out->content, &sum) ||
	    meta > RECORD_META_MAX)
		return ST_CORRUPT;
	st = borrow(
	    p, fd, place.pack, place.offset + RECORD_FIXED, meta, &bytes);
	if (st != ST_OK)
		return st;
	if (pack_sum(h, bytes) != sum)
		return ST_CORRUPT;
	out->head = RECORD_FIXED + (uint64_t)meta;
	return pack_meta_get(bytes, out);
}

static enum status
go_to(struct pack *p, struct place place, int fd, const struct pack_header *h)
{
	enum status st;

	if (p->at_valid && p->last.pack == place.pack &&
	    p->last.offset == place.offset)
		return ST_OK;
	p->at_valid = false;
	p->frame = SIZE_MAX;
	pack_place_release(&p->at);
	if (p->apart_fd >= 0)
		close(p->apart_fd);
	p->apart_fd = -1;
	st = read_head(p, fd, h, place, &p->at);
	if (st == ST_OK && p->at.r.kind != PACK_MESSAGE) {
		pack_place_release(&p->at);
		st = ST_CORRUPT;
	}
	if (st == ST_OK && p->at.r.apart) {
		p->apart_fd = pack_apart_open(p->a, p->at.r.id);
		if (p->apart_fd < 0) {
			pack_place_release(&p->at);
			st = ST_CORRUPT;
		}
	}
	p->last = place;
	p->at_valid = st == ST_OK;
	return st;
}

static enum status
load_frame(
    struct pack *p, int fd, const struct pack_header *h, size_t i, uint64_t at)
{
	const struct frame *f = &p->at.frames.frames[i];
	bool apart = p->at.r.apart;
	struct str stored;
	enum status st;

	if (p->frame == i)
		return ST_OK;
	p->frame = SIZE_MAX;
	buf_clear(&p->frame_bytes);
	st = borrow(p, apart ? p->apart_fd : fd, apart ? 0 : p->last.pack, at,
	    f->stored, &stored);
	if (st == ST_OK &&
	    (apart ? frame_sum(stored) : pack_sum(h, stored)) != p->at.sums[i])
		st = ST_CORRUPT;
	if (st == ST_OK)
		st = frame_decode(f, stored, &p->frame_bytes);
	if (st == ST_OK)
		p->frame = i;
	return st;
}

enum status
pack_read(struct pack *p, struct place place, uint64_t at, uint64_t n,
    struct buf *out)
{
	const struct pack_header *h;
	uint64_t raw = 0, stored, end;
	enum status st;
	int fd;

	if ((st = pack_fd(p, place.pack, &fd, &h)) != ST_OK ||
	    (st = go_to(p, place, fd, h)) != ST_OK)
		return st;
	if (at >= p->at.r.size)
		return ST_OK;
	end = n < p->at.r.size - at ? at + n : p->at.r.size;
	stored = p->at.r.apart ? 0 : place.offset + p->at.head;
	for (size_t i = 0; i < p->at.frames.n_frames && raw < end; i++) {
		const struct frame *f = &p->at.frames.frames[i];

		if (raw + f->raw > at) {
			size_t skip = at > raw ? (size_t)(at - raw) : 0;
			struct str bytes;

			if ((st = load_frame(p, fd, h, i, stored)) != ST_OK)
				return st;
			bytes = str_from_pos(buf_str(&p->frame_bytes), skip);
			buf_adds(
			    out, str_first(bytes, (size_t)(end - raw - skip)));
		}
		raw += f->raw;
		stored += f->stored;
	}
	return buf_status(out);
}

static enum status
verify_frames(
    struct pack *p, int fd, const struct pack_header *h, struct place place)
{
	uint64_t at = p->at.r.apart ? 0 : place.offset + p->at.head;
	enum status st = ST_OK;
	struct buf b;

	buf_init(&b, FRAME_STORED_MAX);
	for (size_t i = 0; i < p->at.frames.n_frames && st == ST_OK; i++) {
		size_t n = p->at.frames.frames[i].stored;
		uint64_t sum;

		buf_clear(&b);
		st = pack_pread(p->at.r.apart ? p->apart_fd : fd, at, n, &b);
		if (st != ST_OK)
			break;
		sum = p->at.r.apart ? frame_sum(buf_str(&b))
				    : pack_sum(h, buf_str(&b));
		if (sum != p->at.sums[i])
			st = ST_CORRUPT;
		at += n;
	}
	buf_release(&b);
	return st;
}

enum status
pack_verify(struct pack *p, struct place place, struct pack_checked *out)
{
	const struct pack_header *h;
	struct pack_checked c;
	enum status st;
	int fd;

	if ((st = pack_fd(p, place.pack, &fd, &h)) != ST_OK)
		return st;
	p->at_valid = false;
	pack_place_release(&p->at);
	if (p->apart_fd >= 0)
		close(p->apart_fd);
	p->apart_fd = -1;
	if ((st = read_head(p, fd, h, place, &p->at)) != ST_OK)
		return st;
	c = (struct pack_checked){.kind = p->at.r.kind,
	    .id = p->at.r.id,
	    .size = p->at.r.size,
	    .stored = p->at.head + p->at.content};
	if (p->at.r.apart)
		p->apart_fd = pack_apart_open(p->a, p->at.r.id);
	if (p->at.r.apart && p->apart_fd < 0)
		st = ST_CORRUPT;
	else if (c.kind == PACK_MESSAGE)
		st = verify_frames(p, fd, h, place);
	pack_place_release(&p->at);
	if (st == ST_OK)
		*out = c;
	return st;
}

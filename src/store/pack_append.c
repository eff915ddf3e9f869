/* Records, appended to the active pack: their bytes, then what speaks of them. */
#include "store/pack_int.h"

#include <errno.h>
#include <sys/uio.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/store_int.h"

enum { CHUNK = 1024 * 1024 }; /* of frames, gathered for one write */

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
	if (is_full(p) && (st = pack_begin(p, p->no + 1, p->end)) != ST_OK)
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

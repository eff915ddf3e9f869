/*
 * What the packs hold behind the rows, at open (S3): whole groups are handed
 * on, a torn tail is cut, damage in the middle is skipped. Both are copied to
 * lost-<time> first.
 */
#include "base/file.h"
#include "store/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/store_int.h"

struct replay {
	struct pack *p;
	enum status (*fn)(void *ctx, const struct pack_record *r,
	    struct place place, uint64_t stored, struct place end,
	    struct str summary);
	void *ctx;
	struct pack_found *group; /* records of a group that is not whole yet */
	size_t n_group, cap_group;
	struct buf summary;
};

static enum status
save_lost(struct pack *p, struct str bytes)
{
	char name[64];
	enum status st;
	int fd;

	(void)snprintf(name, sizeof(name), "lost-%lld",
	    (long long)clock_wall(p->a->store->cfg.clock));
	fd = account_open_file(p->a, name, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return file_errno();
	st = file_write(fd, bytes);
	if (st == ST_OK && fsync(fd) != 0)
		st = ST_IO;
	close(fd);
	return st;
}

static enum status
summarize(struct replay *r, const struct pack_found *f, struct arena *a)
{
	struct summarizer *z = summarizer_new();
	struct str content = f->content;
	struct summary s;
	struct buf raw;
	enum status st = ST_OK;

	buf_init(&raw, FRAME_RAW);
	for (size_t i = 0; i < f->at.frames.n_frames && st == ST_OK; i++) {
		const struct frame *frame = &f->at.frames.frames[i];

		buf_clear(&raw);
		st = frame_decode(
		    frame, str_first(content, frame->stored), &raw);
		summarizer_feed(z, buf_str(&raw));
		content = str_from_pos(content, frame->stored);
	}
	if (st == ST_OK) {
		summarizer_finish(z, a, &s);
		buf_clear(&r->summary);
		summary_encode(&s, &r->summary);
		st = buf_status(&r->summary);
	}
	summarizer_free(&z);
	buf_release(&raw);
	return st;
}

static void
drop_group(struct replay *r)
{
	for (size_t i = 0; i < r->n_group; i++)
		pack_found_release(&r->group[i]);
	r->n_group = 0;
}

static enum status
hand_on(struct replay *r)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < r->n_group && st == ST_OK; i++) {
		struct pack_found *f = &r->group[i];
		struct arena a = ARENA_INIT;

		buf_clear(&r->summary);
		if (f->at.r.kind == PACK_MESSAGE)
			st = summarize(r, f, &a);
		if (st == ST_OK)
			st = r->fn(r->ctx, &f->at.r, f->place,
			    f->at.head + f->at.content, f->end,
			    buf_str(&r->summary));
		arena_release(&a);
	}
	drop_group(r);
	return st;
}

/* A group is called after its first message; folder records bear its id. */
static bool
begins_group(const struct pack_record *r)
{
	return r->id == r->group;
}

/* A whole record of a group whose beginning is lost: the group never was. */
static enum status
skip(struct replay *r, const struct pack_map *m, struct pack_found *f,
    uint64_t *whole_out)
{
	enum status st = save_lost(r->p,
	    str_of(m->bytes.p + f->place.offset,
		(size_t)(f->end.offset - f->place.offset)));

	if (st == ST_OK)
		*whole_out = f->end.offset;
	pack_found_release(f);
	return st;
}

/*
 * Replays one pack from `at`; *whole_out is the end of its last whole group
 * or skipped damage. A group never spans packs.
 */
static enum status
replay_pack(struct replay *r, const struct pack_map *m, uint64_t at,
    uint64_t *whole_out)
{
	enum status st = ST_OK;

	*whole_out = at;
	while (st == ST_OK && at < m->bytes.n) {
		struct pack_found f;

		if (!pack_record_at(m, at, &f)) {
			if (!pack_find_record(m, at + 1, &f))
				break;
			/* Damage, and mail behind it: keep both. */
			drop_group(r);
			st = save_lost(r->p,
			    str_of(m->bytes.p + *whole_out,
				(size_t)(f.place.offset - *whole_out)));
			if (st != ST_OK) {
				pack_found_release(&f);
				break;
			}
			*whole_out = f.place.offset;
		}
		if (r->n_group && r->group[0].at.r.group != f.at.r.group)
			drop_group(r);
		if (r->n_group == 0 && !begins_group(&f.at.r)) {
			st = skip(r, m, &f, whole_out);
			at = f.end.offset;
			continue;
		}
		*VEC_ADD(r, group) = f;
		at = f.end.offset;
		if (f.at.r.last_of_group) {
			st = hand_on(r);
			*whole_out = at;
		}
	}
	drop_group(r);
	return st;
}

static enum status
replay_one(struct replay *r, uint32_t no, struct place from)
{
	struct pack *p = r->p;
	uint64_t at = PACK_HEADER, whole = 0;
	struct pack_map m;
	enum status st;

	st = pack_map(p->a, no, &m);
	if (st == ST_CORRUPT && no != p->no) {
		/* Given up before its first sync; or damage, and it stays. */
		log_debug("a pack has no header", LOG_STR("account", p->a->id),
		    LOG_U64("pack", no));
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	if (from.pack == m.no)
		at = from.offset;
	st = replay_pack(r, &m, at, &whole);
	if (st == ST_OK && whole < m.bytes.n && m.no == p->no) {
		st = save_lost(p, str_from_pos(m.bytes, (size_t)whole));
		if (st == ST_OK)
			st = pack_cut(p, (struct place){m.no, whole});
	}
	pack_unmap(&m);
	return st;
}

/* What is to be looked through, in the order in which its records came. */
struct order {
	uint32_t origin, no;
};

struct orders {
	struct order *items;
	size_t n_items, cap_items;
};

static int
by_origin(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->origin != y->origin)
		return x->origin < y->origin ? -1 : 1;
	return x->no > y->no ? -1 : x->no < y->no;
}

/* Mail.db is lost: compacted packs count as well (S10). */
static enum status
add_keeps(const struct account *a, struct orders *out)
{
	struct pack_list l;
	enum status st = keep_list(a, &l);

	for (size_t i = 0; st == ST_OK && i < l.n_nos; i++) {
		struct pack_map m;

		if (pack_map(a, l.nos[i], &m) != ST_OK)
			continue; /* it stays where it is */
		*VEC_ADD(out, items) =
		    (struct order){m.header.origin, l.nos[i]};
		pack_unmap(&m);
	}
	free(l.nos);
	return st;
}

static enum status
put_in_order(struct pack *p, struct place from, struct orders *out)
{
	struct pack_list l;
	enum status st = pack_list(p->a, &l);

	for (size_t i = 0; st == ST_OK && i < l.n_nos; i++)
		if (l.nos[i] >= from.pack)
			*VEC_ADD(out, items) =
			    (struct order){l.nos[i], l.nos[i]};
	free(l.nos);
	if (st == ST_OK && from.pack == 0)
		st = add_keeps(p->a, out);
	if (out->n_items > 1)
		qsort(out->items, out->n_items, sizeof(*out->items), by_origin);
	return st;
}

enum status
pack_replay(struct pack *p, struct place from,
    enum status (*fn)(void *ctx, const struct pack_record *r,
	struct place place, uint64_t stored, struct place end,
	struct str summary),
    void *ctx)
{
	struct replay r = {.p = p, .fn = fn, .ctx = ctx};
	struct orders o = {0};
	enum status st = put_in_order(p, from, &o);

	buf_init(&r.summary, SUMMARY_MAX);
	for (size_t i = 0; i < o.n_items && st == ST_OK; i++)
		st = replay_one(&r, o.items[i].no, from);
	buf_release(&r.summary);
	free(r.group);
	free(o.items);
	return st;
}

enum status
pack_numbers(const struct account *a, uint32_t **out, size_t *n_out)
{
	struct pack_list l;
	enum status st = pack_list(a, &l);

	if (st != ST_OK)
		return st;
	*out = l.nos;
	*n_out = l.n_nos;
	return ST_OK;
}

enum status
pack_bounds(struct pack *p, uint32_t no, uint64_t *end_out)
{
	struct pack_list l;
	struct stat sb;
	char name[16];
	enum status st;

	_Static_assert((int)PACK_FIRST == (int)PACK_HEADER, "pack.h");
	if ((st = pack_list(p->a, &l)) != ST_OK)
		return st;
	pack_name(no, name);
	st = ST_NOT_FOUND;
	for (size_t i = 0; i < l.n_nos; i++)
		if (l.nos[i] == no &&
		    fstatat(p->a->dir_fd, name, &sb, AT_SYMLINK_NOFOLLOW) ==
			0) {
			*end_out =
			    pack_counted_end(p->a, no, (uint64_t)sb.st_size);
			st = ST_OK;
		}
	free(l.nos);
	return st;
}

/* Damage may hide a name: then it is one. */
static bool
names_apart(const struct pack_map *m, uint64_t id)
{
	uint64_t at = PACK_HEADER;
	struct pack_found f;
	bool named = false;

	while (at < m->bytes.n && !named) {
		if (!pack_head_at(m, at, &f))
			return true;
		named = f.at.r.apart && f.at.r.id == id;
		at = f.end.offset;
		pack_found_release(&f);
	}
	return named;
}

bool
pack_names_apart(struct pack *p, uint64_t id)
{
	struct pack_list l;
	struct pack_map m;
	bool named = pack_list(p->a, &l) != ST_OK;

	for (size_t i = 0; i < l.n_nos && !named; i++) {
		if (pack_map(p->a, l.nos[i], &m) != ST_OK) {
			named = true;
			break;
		}
		named = names_apart(&m, id);
		pack_unmap(&m);
	}
	free(l.nos);
	return named;
}

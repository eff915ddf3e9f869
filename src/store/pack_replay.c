/*
 * What the packs hold behind the rows, at open (S3): whole groups are handed
 * on, a torn tail is cut, damage in the middle is skipped. Both are copied to
 * lost-<time> first.
 */
#include "store/pack_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/store_int.h"

/* One pack in memory, while it is looked through. */
struct mapped {
	const struct account *a;
	uint32_t no;
	int fd;
	struct pack_header header;
	struct str bytes; /* up to where the pack counts */
	void *map;
	size_t map_n;
};

struct found {
	struct pack_place at;
	struct str content; /* the frames, in the pack or in a file apart */
	void *map;          /* of that file, or NULL */
	size_t map_n;
	struct place place, end;
};

struct replay {
	struct pack *p;
	enum status (*fn)(void *ctx, const struct pack_record *r,
	    struct place place, uint64_t stored, struct place end,
	    struct str summary);
	void *ctx;
	struct found *group; /* records of a group that is not whole yet */
	size_t n_group, cap_group;
	struct buf summary;
};

static enum status
map_pack(struct pack *p, uint32_t no, struct mapped *out)
{
	struct mapped m = {.a = p->a, .no = no};
	struct stat sb;
	char name[16];
	enum status st = ST_IO;

	pack_name(no, name);
	m.fd = account_open_file(p->a, name, O_RDONLY);
	if (m.fd < 0)
		return ST_IO;
	if (fstat(m.fd, &sb) != 0 ||
	    (st = pack_read_header(m.fd, &m.header)) != ST_OK)
		goto fail;
	m.map_n = (size_t)sb.st_size;
	m.map = mmap(NULL, m.map_n, PROT_READ, MAP_SHARED, m.fd, 0);
	if (m.map == MAP_FAILED) {
		st = ST_IO;
		goto fail;
	}
	m.bytes = str_of(m.map, m.map_n);
	*out = m;
	return ST_OK;
fail:
	close(m.fd);
	return st;
}

static void
unmap_pack(struct mapped *m)
{
	munmap(m->map, m->map_n);
	close(m->fd);
}

static void
found_release(struct found *f)
{
	pack_place_release(&f->at);
	if (f->map)
		munmap(f->map, f->map_n);
	f->map = NULL;
}

/* The frames of a large message, from their own file. */
static bool
map_apart(const struct account *a, struct found *f)
{
	int fd = pack_apart_open(a, f->at.r.id);
	uint64_t n = frames_stored(&f->at.frames);
	struct stat sb;

	if (fd < 0)
		return false;
	if (fstat(fd, &sb) == 0 && (uint64_t)sb.st_size >= n) {
		f->map_n = (size_t)n;
		f->map = mmap(NULL, f->map_n, PROT_READ, MAP_PRIVATE, fd, 0);
		if (f->map == MAP_FAILED)
			f->map = NULL;
	}
	close(fd);
	f->content = str_of(f->map, f->map ? f->map_n : 0);
	return f->map != NULL;
}

/* What the head of a record at `at` says; its frames are not looked at. */
static bool
head_at(const struct mapped *m, uint64_t at, struct found *out)
{
	struct str rest = str_from_pos(m->bytes, (size_t)at), meta;
	struct found f = {.place = {m->no, at}};
	uint32_t meta_n;
	uint64_t sum;

	if (rest.n < RECORD_FIXED ||
	    !pack_fixed_get(&m->header, f.place, str_first(rest, RECORD_FIXED),
		&meta_n, &f.at.content, &sum))
		return false;
	rest = str_from_pos(rest, RECORD_FIXED);
	if (rest.n < meta_n || rest.n - meta_n < f.at.content)
		return false;
	meta = str_first(rest, meta_n);
	f.content = str_first(str_from_pos(rest, meta_n), (size_t)f.at.content);
	if (pack_sum(&m->header, meta) != sum ||
	    pack_meta_get(meta, &f.at) != ST_OK) {
		pack_place_release(&f.at);
		return false;
	}
	f.at.head = RECORD_FIXED + (uint64_t)meta_n;
	f.end = (struct place){m->no, at + f.at.head + f.at.content};
	*out = f;
	return true;
}

/* Is there a whole record at `at`, its frames too? */
static bool
record_at(const struct mapped *m, uint64_t at, struct found *out)
{
	struct str content;
	struct found f;

	if (!head_at(m, at, &f))
		return false;
	if (f.at.r.apart && !map_apart(m->a, &f)) {
		found_release(&f);
		return false;
	}
	content = f.content;
	for (size_t i = 0; i < f.at.frames.n_frames; i++) {
		size_t n = f.at.frames.frames[i].stored;
		struct str frame = str_first(content, n);

		if ((f.at.r.apart
			    ? frame_sum(frame)
			    : pack_sum(&m->header, frame)) != f.at.sums[i]) {
			found_release(&f);
			return false;
		}
		content = str_from_pos(content, n);
	}
	*out = f;
	return true;
}

/* The next place behind `at` where a whole record stands. */
static bool
find_record(const struct mapped *m, uint64_t at, struct found *out)
{
	for (;;) {
		struct str rest = str_from_pos(m->bytes, (size_t)at);
		size_t i = str_find_str(rest, S("MSRC"));

		if (i == SIZE_MAX)
			return false;
		at += i;
		if (record_at(m, at, out))
			return true;
		at++;
	}
}

static enum status
save_lost(struct pack *p, struct str bytes)
{
	char name[64];
	enum status st = ST_OK;
	int fd;

	(void)snprintf(name, sizeof(name), "lost-%lld",
	    (long long)clock_wall(p->a->store->cfg.clock));
	fd = account_open_file(p->a, name, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	while (bytes.n && st == ST_OK) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n > 0)
			bytes = str_from_pos(bytes, (size_t)n);
		else if (n == 0 || errno != EINTR)
			st = ST_IO;
	}
	if (st == ST_OK && fsync(fd) != 0)
		st = ST_IO;
	close(fd);
	return st;
}

static enum status
summarize(struct replay *r, const struct found *f, struct arena *a)
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
		found_release(&r->group[i]);
	r->n_group = 0;
}

static enum status
hand_on(struct replay *r)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < r->n_group && st == ST_OK; i++) {
		struct found *f = &r->group[i];
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
skip(struct replay *r, const struct mapped *m, struct found *f,
    uint64_t *whole_out)
{
	enum status st = save_lost(r->p,
	    str_of(m->bytes.p + f->place.offset,
		(size_t)(f->end.offset - f->place.offset)));

	if (st == ST_OK)
		*whole_out = f->end.offset;
	found_release(f);
	return st;
}

/*
 * Replays one pack from `at`; *whole_out is the end of its last whole group
 * or skipped damage. A group never spans packs.
 */
static enum status
replay_pack(
    struct replay *r, const struct mapped *m, uint64_t at, uint64_t *whole_out)
{
	enum status st = ST_OK;

	*whole_out = at;
	while (st == ST_OK && at < m->bytes.n) {
		struct found f;

		if (!record_at(m, at, &f)) {
			if (!find_record(m, at + 1, &f))
				break;
			/* Damage, and mail behind it: keep both. */
			drop_group(r);
			st = save_lost(r->p,
			    str_of(m->bytes.p + *whole_out,
				(size_t)(f.place.offset - *whole_out)));
			if (st != ST_OK) {
				found_release(&f);
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

/* Where pack `no` ends: by its size, or by what the next one says of it. */
static uint64_t
counted_end(struct pack *p, const struct pack_list *l, size_t i, uint64_t size)
{
	struct pack_header h;
	uint64_t end = size;
	char name[16];
	int fd;

	if (i + 1 == l->n_nos)
		return size;
	pack_name(l->nos[i + 1], name);
	fd = account_open_file(p->a, name, O_RDONLY);
	if (fd >= 0 && pack_read_header(fd, &h) == ST_OK && h.before_end < size)
		end = h.before_end;
	if (fd >= 0)
		close(fd);
	return end;
}

static enum status
replay_one(
    struct replay *r, const struct pack_list *l, size_t i, struct place from)
{
	struct pack *p = r->p;
	uint64_t at = PACK_HEADER, whole = 0;
	struct mapped m;
	enum status st;

	st = map_pack(p, l->nos[i], &m);
	if (st == ST_CORRUPT && l->nos[i] != p->no) {
		/* Given up before its first sync; or damage, and it stays. */
		log_debug("a pack has no header", LOG_STR("account", p->a->id),
		    LOG_U64("pack", l->nos[i]));
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	m.bytes.n = (size_t)counted_end(p, l, i, m.bytes.n);
	if (from.pack == m.no)
		at = from.offset;
	st = replay_pack(r, &m, at, &whole);
	if (st == ST_OK && whole < m.bytes.n && m.no == p->no) {
		st = save_lost(p, str_from_pos(m.bytes, (size_t)whole));
		if (st == ST_OK)
			st = pack_cut(p, (struct place){m.no, whole});
	}
	unmap_pack(&m);
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
	struct pack_list l;
	enum status st;

	if ((st = pack_list(p->a, &l)) != ST_OK)
		return st;
	buf_init(&r.summary, SUMMARY_MAX);
	for (size_t i = 0; i < l.n_nos && st == ST_OK; i++)
		if (l.nos[i] >= from.pack)
			st = replay_one(&r, &l, i, from);
	buf_release(&r.summary);
	free(r.group);
	free(l.nos);
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
			*end_out = counted_end(p, &l, i, (uint64_t)sb.st_size);
			st = ST_OK;
		}
	free(l.nos);
	return st;
}

/* Damage may hide a name: then it is one. */
static bool
names_apart(const struct mapped *m, uint64_t id)
{
	uint64_t at = PACK_HEADER;
	struct found f;
	bool named = false;

	while (at < m->bytes.n && !named) {
		if (!head_at(m, at, &f))
			return true;
		named = f.at.r.apart && f.at.r.id == id;
		at = f.end.offset;
		found_release(&f);
	}
	return named;
}

bool
pack_names_apart(struct pack *p, uint64_t id)
{
	struct pack_list l;
	struct mapped m;
	bool named = pack_list(p->a, &l) != ST_OK;

	for (size_t i = 0; i < l.n_nos && !named; i++) {
		if (map_pack(p, l.nos[i], &m) != ST_OK) {
			named = true;
			break;
		}
		m.bytes.n = (size_t)counted_end(p, &l, i, m.bytes.n);
		named = names_apart(&m, id);
		unmap_pack(&m);
	}
	free(l.nos);
	return named;
}

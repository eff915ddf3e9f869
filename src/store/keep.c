#include "store/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/store_int.h"

enum {
	KEEP_GATHER = 256 * 1024,          /* for one write */
	KEEP_SYNC_EVERY = 4 * 1024 * 1024, /* so that no sync lasts long */
};

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool
keep_number(struct str name, uint32_t *out)
{
	return str_starts(name, S("keep-")) &&
	    str_to_u32(str_from_pos(name, 5), out) && !(*out & PACK_KEPT);
}

static DIR *
open_folder(const struct account *a)
{
	int fd = account_open_file(a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

enum status
keep_list(const struct account *a, struct pack_list *out)
{
	DIR *dir = open_folder(a);
	struct dirent *e;
	uint32_t no;

	*out = (struct pack_list){0};
	if (!dir)
		return ST_IO;
	while ((e = readdir(dir)))
		if (keep_number(str_from(e->d_name), &no))
			*VEC_ADD(out, nos) = no | PACK_KEPT;
	closedir(dir);
	if (out->n_nos > 1)
		qsort(out->nos, out->n_nos, sizeof(*out->nos), by_number);
	return ST_OK;
}

void
keep_clean(const struct account *a)
{
	DIR *dir = open_folder(a);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct str name = str_from(e->d_name);

		if (str_starts(name, S("keep-")) && str_ends(name, S(".new")))
			(void)unlinkat(a->dir_fd, e->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

static void
new_name(const struct keep *k, char out[static 32])
{
	char name[16];

	pack_name(k->no, name);
	(void)snprintf(out, 32, "%s.new", name);
}

static enum status
source_header(const struct account *a, uint32_t source, struct pack_header *out)
{
	char name[16];
	enum status st;
	int fd;

	pack_name(source, name);
	fd = account_open_file(a, name, O_RDONLY);
	if (fd < 0)
		return ST_NOT_FOUND;
	st = pack_read_header(fd, out);
	close(fd);
	return st;
}

enum status
keep_begin(const struct account *a, const uint32_t *sources, size_t n,
    const struct random *random, struct keep **out)
{
	struct keep *k = mem_zalloc(sizeof(*k));
	struct pack_header h;
	struct pack_list l;
	enum status st;
	char name[32];

	k->a = a;
	k->fd = -1;
	buf_init(&k->out, RECORD_META_MAX + FRAME_STORED_MAX + KEEP_GATHER);
	if ((st = keep_list(a, &l)) == ST_OK)
		st = source_header(a, sources[0], &h);
	if (st == ST_OK) {
		k->no = (l.n_nos ? l.nos[l.n_nos - 1] + 1 : 1) | PACK_KEPT;
		k->header = (struct pack_header){
		    .before_end = h.before_end,
		    .origin = sources[0] & PACK_KEPT ? h.origin : sources[0],
		};
		memcpy(k->header.sources, sources, n * sizeof(*sources));
		random_fill(random, k->header.salt, PACK_SALT);
		new_name(k, name);
		k->fd =
		    account_open_file(a, name, O_WRONLY | O_CREAT | O_TRUNC);
		if (k->fd < 0)
			st = file_errno();
	}
	free(l.nos);
	if (st != ST_OK) {
		keep_free(&k);
		return st;
	}
	pack_header_put(&k->header, &k->out);
	k->end = PACK_HEADER;
	*out = k;
	return ST_OK;
}

static enum status
flush(struct keep *k)
{
	enum status st = file_write(k->fd, buf_str(&k->out));

	if (st != ST_OK)
		return st;
	buf_clear(&k->out);
	if (k->end - k->synced < KEEP_SYNC_EVERY)
		return ST_OK;
	k->synced = k->end;
	return fdatasync(k->fd) == 0 ? ST_OK : ST_IO;
}

/* The frames as they are; their sums anew, with this file's salt. */
static void
sum_again(struct keep *k, const struct pack_found *f, uint64_t *sums)
{
	struct str rest = f->content;

	for (size_t i = 0; i < f->at.frames.n_frames; i++) {
		size_t n = f->at.frames.frames[i].stored;

		sums[i] = f->at.r.apart
		    ? f->at.sums[i]
		    : pack_sum(&k->header, str_first(rest, n));
		rest = str_from_pos(rest, n);
	}
}

enum status
keep_add(struct keep *k, const struct pack_found *f)
{
	struct pack_record r = f->at.r;
	const struct frames *frames = &f->at.frames;
	uint64_t *sums = mem_zalloc((frames->n_frames + 1) * sizeof(*sums));
	uint64_t content = r.apart ? 0 : f->at.content;
	struct buf meta;
	enum status st = ST_OK;
	bool message = r.kind == PACK_MESSAGE;

	/* The others of its group may be gone. */
	r.group = r.id;
	r.last_of_group = true;
	sum_again(k, f, sums);
	buf_init(&meta, RECORD_META_MAX);
	pack_meta_put(
	    &r, message ? frames : NULL, message ? sums : NULL, &meta);
	pack_fixed_put(&k->header, (struct place){k->no, k->end},
	    buf_str(&meta), content, &k->out);
	buf_adds(&k->out, buf_str(&meta));
	k->end += RECORD_FIXED + meta.n;
	for (uint64_t at = 0; at < content && st == ST_OK;) {
		uint64_t n = content - at;

		if (n > KEEP_GATHER)
			n = KEEP_GATHER;
		buf_adds(&k->out, str_of(f->content.p + at, (size_t)n));
		at += n;
		k->end += n;
		if (k->out.n >= KEEP_GATHER)
			st = flush(k);
	}
	if (st == ST_OK && k->out.n >= KEEP_GATHER)
		st = flush(k);
	if (st == ST_OK)
		st = buf_status(&k->out);
	buf_release(&meta);
	free(sums);
	return st;
}

enum status
keep_finish(struct keep *k)
{
	char from[32], to[16];
	enum status st = flush(k);

	if (st != ST_OK)
		return st;
	new_name(k, from);
	pack_name(k->no, to);
	if (fchmod(k->fd, 0444) != 0 || fdatasync(k->fd) != 0 ||
	    renameat(k->a->dir_fd, from, k->a->dir_fd, to) != 0)
		return ST_IO;
	close(k->fd);
	k->fd = -1;
	return fsync(k->a->dir_fd) == 0 ? ST_OK : ST_IO;
}

void
keep_free(struct keep **kp)
{
	struct keep *k = *kp;
	char name[32];

	*kp = NULL;
	if (!k)
		return;
	if (k->fd >= 0) {
		close(k->fd);
		new_name(k, name);
		(void)unlinkat(k->a->dir_fd, name, 0);
	}
	buf_release(&k->out);
	free(k);
}

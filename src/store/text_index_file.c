#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "base/wire.h"
#include "store/frame.h"
#include "store/text_index_int.h"

enum { HEADER_SUMMED = 32, FIXED_SUMMED = 56, HEADER_TRIES = 3 };

void
text_header_put(const struct text_header *h, struct buf *out)
{
	size_t from = out->n;

	buf_addz(out, "MSTEXT01");
	wire_put_u64(out, h->end);
	wire_put_u64(out, h->last);
	wire_put_u64(out, h->messages);
	wire_put_u64(out, frame_sum(str_from_pos(buf_str(out), from)));
	wire_put_u64(out, h->trying);
	wire_put_u64(out, h->died);
	wire_put_u64(out, h->counted);
}

bool
text_header_get(struct str bytes, struct text_header *out)
{
	struct wire w = wire_of(bytes);
	struct str magic = wire_bytes(&w, 8);

	out->end = wire_u64(&w);
	out->last = wire_u64(&w);
	out->messages = wire_u64(&w);
	if (wire_u64(&w) != frame_sum(str_first(bytes, HEADER_SUMMED)) ||
	    !str_eq(magic, S("MSTEXT01")))
		return false;
	out->trying = wire_u64(&w);
	out->died = wire_u64(&w);
	out->counted = wire_u64(&w);
	return wire_ok(&w);
}

void
text_fixed_put(const struct text_fixed *f, struct buf *out)
{
	size_t from = out->n;

	buf_addz(out, "MSTS");
	wire_put_u32(out, f->messages);
	wire_put_u64(out, f->first);
	wire_put_u64(out, f->last);
	wire_put_u32(out, f->table);
	wire_put_u32(out, 0);
	wire_put_u64(out, f->sets);
	wire_put_u64(out, f->sum_table);
	wire_put_u64(out, f->sum_sets);
	wire_put_u64(out, frame_sum(str_from_pos(buf_str(out), from)));
}

bool
text_fixed_get(struct str bytes, struct text_fixed *out)
{
	struct wire w = wire_of(bytes);
	struct str magic = wire_bytes(&w, 4);

	out->messages = wire_u32(&w);
	out->first = wire_u64(&w);
	out->last = wire_u64(&w);
	out->table = wire_u32(&w);
	(void)wire_u32(&w);
	out->sets = wire_u64(&w);
	out->sum_table = wire_u64(&w);
	out->sum_sets = wire_u64(&w);
	out->sum = wire_u64(&w);
	return out->sum == frame_sum(str_first(bytes, FIXED_SUMMED)) &&
	    wire_ok(&w) && str_eq(magic, S("MSTS")) && out->messages >= 1 &&
	    out->messages <= TEXT_SEGMENT;
}

int
text_index_file(struct account *a, int flags, struct text_header *out)
{
	int fd = account_open_file(a, TEXT_INDEX_NAME, flags);
	char bytes[TEXT_HEADER];
	struct stat sb;

	if (fd < 0)
		return -1;
	if (pread(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) &&
	    text_header_get(str_of(bytes, sizeof(bytes)), out) &&
	    fstat(fd, &sb) == 0 && out->end >= TEXT_HEADER &&
	    out->end <= (uint64_t)sb.st_size && out->last < a->next_id)
		return fd;
	close(fd);
	return -1;
}

enum status
text_layout_read(int fd, uint64_t end, struct text_layout *out)
{
	uint64_t at = TEXT_HEADER, last = 0, left;
	char bytes[TEXT_FIXED];
	struct text_place p;

	while (at < end) {
		left = end - at;
		if (left < TEXT_FIXED ||
		    file_pread(fd, bytes, TEXT_FIXED, at) != TEXT_FIXED ||
		    !text_fixed_get(str_of(bytes, TEXT_FIXED), &p.f))
			return ST_CORRUPT;
		left -= TEXT_FIXED;
		p.at = at + TEXT_FIXED;
		if (p.f.first <= last || p.f.first > p.f.last ||
		    p.f.table > left || p.f.sets > left - p.f.table)
			return ST_CORRUPT;
		*VEC_ADD(out, places) = p;
		last = p.f.last;
		at = p.at + p.f.table + p.f.sets;
	}
	return ST_OK;
}

static enum status
read_summed(int fd, uint64_t n, uint64_t at, struct buf *out)
{
	char *to = n <= TEXT_PLACE_MAX ? buf_reserve(out, n) : NULL;

	if (!to || file_pread(fd, to, n, at) != (ssize_t)n)
		return ST_CORRUPT;
	buf_commit(out, n);
	return ST_OK;
}

enum status
text_place_table(int fd, const struct text_place *p, struct buf *out)
{
	buf_clear(out);
	if (read_summed(fd, p->f.table, p->at, out) != ST_OK)
		return ST_CORRUPT;
	return frame_sum(buf_str(out)) == p->f.sum_table ? ST_OK : ST_CORRUPT;
}

enum status
text_place_read(int fd, const struct text_place *p, struct buf *out)
{
	if (text_place_table(fd, p, out) != ST_OK ||
	    read_summed(fd, p->f.sets, p->at + p->f.table, out) != ST_OK)
		return ST_CORRUPT;
	return frame_sum(str_from_pos(buf_str(out), p->f.table)) ==
		p->f.sum_sets
	    ? ST_OK
	    : ST_CORRUPT;
}

enum status
text_header_write(int fd, const struct text_header *h)
{
	struct buf b;
	enum status st;

	buf_init(&b, TEXT_HEADER);
	text_header_put(h, &b);
	st = fdatasync(fd) == 0 ? file_pwrite(fd, buf_str(&b), 0) : ST_IO;
	buf_release(&b);
	return st;
}

/* A header that is being written may be read half old, half new. */
static bool
read_header(int fd, struct text_header *out)
{
	char bytes[TEXT_HEADER];

	for (int i = 0; i < HEADER_TRIES; i++)
		if (file_pread(fd, bytes, TEXT_HEADER, 0) == TEXT_HEADER &&
		    text_header_get(str_of(bytes, sizeof(bytes)), out))
			return true;
	return false;
}

static enum status
verify(int fd, struct text_proof *out)
{
	struct text_layout l = {0};
	struct text_header h;
	struct stat sb;
	enum status st = ST_OK;
	struct buf b;

	if (fstat(fd, &sb) != 0)
		return ST_IO;
	if (sb.st_size == 0) /* is being made */
		return ST_NOT_FOUND;
	if (!read_header(fd, &h) || h.end > (uint64_t)sb.st_size)
		return ST_CORRUPT;
	out->at = TEXT_HEADER;
	st = text_layout_read(fd, h.end, &l);
	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < l.n_places; i++) {
		const struct text_place *p = &l.places[i];

		out->at = p->at;
		if (text_place_read(fd, p, &b) != ST_OK) {
			st = ST_CORRUPT;
			break;
		}
		out->at += p->f.table + p->f.sets;
		out->messages += p->f.messages;
	}
	buf_release(&b);
	free(l.places);
	return st;
}

enum status
text_index_verify(const struct account *a, struct text_proof *out)
{
	int fd = account_open_file(a, TEXT_INDEX_NAME, O_RDONLY);
	enum status st;

	*out = (struct text_proof){0};
	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_CORRUPT;
	st = verify(fd, out);
	close(fd);
	return st;
}

enum status
text_index_drop(struct account *a)
{
	map_release(&a->text_proven);
	if (unlinkat(a->dir_fd, TEXT_INDEX_NAME, 0) == 0 || errno == ENOENT)
		return ST_OK;
	return ST_IO;
}

void
text_index_check(struct account *a)
{
	struct text_header h;
	int fd = text_index_file(a, O_RDONLY, &h);

	if (fd >= 0) {
		close(fd);
		return;
	}
	if (faccessat(a->dir_fd, TEXT_INDEX_NAME, F_OK, 0) == 0)
		log_warn("a text index that is of no use is dropped: it is "
			 "made anew",
		    LOG_STR("account", account_id(a)));
	if (text_index_drop(a) != ST_OK)
		log_warn("a text index that is of no use cannot be deleted",
		    LOG_STR("account", account_id(a)), LOG_ERRNO(errno));
}

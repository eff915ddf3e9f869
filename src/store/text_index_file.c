#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wire.h"
#include "store/frame.h"
#include "store/text_index_int.h"

enum { HEADER_SUMMED = 32, FIXED_SUMMED = 56 };

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
	wire_put_u64(out, 0);
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
	return wire_u64(&w) == frame_sum(str_first(bytes, FIXED_SUMMED)) &&
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
text_index_drop(struct account *a)
{
	if (unlinkat(a->dir_fd, TEXT_INDEX_NAME, 0) == 0 || errno == ENOENT)
		return ST_OK;
	return ST_IO;
}

void
text_index_check(struct account *a)
{
	struct text_header h;
	int fd = text_index_file(a, O_RDONLY, &h);

	if (fd >= 0)
		close(fd);
	else if (text_index_drop(a) != ST_OK)
		log_warn("a text index that is of no use cannot be deleted",
		    LOG_STR("account", account_id(a)), LOG_ERRNO(errno));
}

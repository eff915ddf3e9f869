/* A pack, or a compacted one, in memory: whole records are found in it. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/keep.h"

/* The header of what holds the records of pack `no`: itself, or a keep. */
static bool
header_of(const struct account *a, uint32_t no, struct pack_header *out)
{
	struct pack_list l;
	char name[16];
	bool found;
	int fd;

	pack_name(no, name);
	fd = account_open_file(a, name, O_RDONLY);
	found = fd >= 0 && pack_read_header(fd, out) == ST_OK;
	if (fd >= 0)
		close(fd);
	if (found || keep_list(a, &l) != ST_OK)
		return found;
	for (size_t i = 0; i < l.n_nos && !found; i++) {
		pack_name(l.nos[i], name);
		fd = account_open_file(a, name, O_RDONLY);
		found = fd >= 0 && pack_read_header(fd, out) == ST_OK &&
		    out->origin == no;
		if (fd >= 0)
			close(fd);
	}
	free(l.nos);
	return found;
}

uint64_t
pack_counted_end(const struct account *a, uint32_t no, uint64_t size)
{
	struct pack_header h;

	if (no & PACK_KEPT || !header_of(a, no + 1, &h) || h.before_end >= size)
		return size;
	return h.before_end;
}

enum status
pack_map(const struct account *a, uint32_t no, struct pack_map *out)
{
	struct pack_map m = {.a = a, .no = no};
	struct stat sb;
	char name[16];
	enum status st = ST_IO;

	pack_name(no, name);
	m.fd = account_open_file(a, name, O_RDONLY);
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
	m.bytes = str_of(m.map, (size_t)pack_counted_end(a, no, m.map_n));
	*out = m;
	return ST_OK;
fail:
	close(m.fd);
	return st;
}

void
pack_unmap(struct pack_map *m)
{
	if (!m->map)
		return;
	munmap(m->map, m->map_n);
	close(m->fd);
	m->map = NULL;
}

void
pack_found_release(struct pack_found *f)
{
	pack_place_release(&f->at);
	if (f->map)
		munmap(f->map, f->map_n);
	f->map = NULL;
}

/* The frames of a large message, from their own file. */
static bool
map_apart(const struct account *a, struct pack_found *f)
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

bool
pack_head_at(const struct pack_map *m, uint64_t at, struct pack_found *out)
{
	struct str rest = str_from_pos(m->bytes, (size_t)at), meta;
	struct pack_found f = {.place = {m->no, at}};
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

bool
pack_record_at(const struct pack_map *m, uint64_t at, struct pack_found *out)
{
	struct str content;
	struct pack_found f;

	if (!pack_head_at(m, at, &f))
		return false;
	if (f.at.r.apart && !map_apart(m->a, &f)) {
		pack_found_release(&f);
		return false;
	}
	content = f.content;
	for (size_t i = 0; i < f.at.frames.n_frames; i++) {
		size_t n = f.at.frames.frames[i].stored;
		struct str frame = str_first(content, n);

		if ((f.at.r.apart
			    ? frame_sum(frame)
			    : pack_sum(&m->header, frame)) != f.at.sums[i]) {
			pack_found_release(&f);
			return false;
		}
		content = str_from_pos(content, n);
	}
	*out = f;
	return true;
}

/* The next place behind `at` where a whole record stands. */
bool
pack_find_record(const struct pack_map *m, uint64_t at, struct pack_found *out)
{
	for (;;) {
		struct str rest = str_from_pos(m->bytes, (size_t)at);
		size_t i = str_find_str(rest, S("MSRC"));

		if (i == SIZE_MAX)
			return false;
		at += i;
		if (pack_record_at(m, at, out))
			return true;
		at++;
	}
}

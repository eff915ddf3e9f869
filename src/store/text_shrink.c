#include "store/text_shrink.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_int.h"
#include "store/text_segment.h"
#include "store/text_table.h"

#define NEW_NAME TEXT_INDEX_NAME ".new"

struct text_shrink {
	struct account *a;
	int fd; /* borrowed */
	struct text_header header;
	struct text_layout layout;
	enum { SHRINK_COUNTING, SHRINK_COPYING, SHRINK_DONE } phase;
	enum status st;
	/* The segment at work. */
	size_t place;
	bool taken;
	struct buf bytes; /* its table and its sets */
	struct text_table table;
	bool alive[TEXT_SEGMENT];
	size_t at; /* message */
	uint64_t n_alive, n_all;
	/* The new file. */
	int to;
	struct text_header made;
	struct text_segment segment;
};

struct text_shrink *
text_shrink_new(struct account *a, int fd, const struct text_header *h)
{
	struct text_shrink *s = mem_zalloc(sizeof(*s));

	s->a = a;
	s->fd = fd;
	s->header = *h;
	s->to = -1;
	buf_init(&s->bytes, TEXT_PLACE_MAX * 2);
	text_segment_init(&s->segment);
	/* What a run left that was killed. */
	(void)unlinkat(a->dir_fd, NEW_NAME, 0);
	s->st = text_layout_read(fd, h->end, &s->layout);
	return s;
}

void
text_shrink_free(struct text_shrink **sp)
{
	struct text_shrink *s = *sp;

	*sp = NULL;
	if (!s)
		return;
	if (s->to >= 0) {
		close(s->to);
		(void)unlinkat(s->a->dir_fd, NEW_NAME, 0);
	}
	text_segment_release(&s->segment);
	buf_release(&s->bytes);
	free(s->layout.places);
	free(s);
}

enum status
text_shrink_status(const struct text_shrink *s)
{
	return s->st;
}

int
text_shrink_take(struct text_shrink *s, struct text_header *out)
{
	int fd = s->to;

	s->to = -1;
	if (fd >= 0)
		*out = s->made;
	return fd;
}

/* Which messages of the table are there still? */
static enum status
find_alive(struct text_shrink *s)
{
	const struct text_table *t = &s->table;
	uint64_t ids[TEXT_SEGMENT], after = t->ids[0] - 1;
	size_t n = ARRAY_LEN(ids), at;
	enum status st = ST_OK;

	memset(s->alive, 0, sizeof(s->alive));
	while (st == ST_OK && n == ARRAY_LEN(ids) && after < t->ids[t->n - 1]) {
		st = db_message_ids(s->a, after, ids, ARRAY_LEN(ids), &n);
		for (size_t i = 0; st == ST_OK && i < n; i++) {
			after = ids[i];
			at = text_table_find(t, after);
			if (at < t->n && t->ids[at] == after)
				s->alive[at] = true;
		}
	}
	return st;
}

static enum status
take_place(struct text_shrink *s)
{
	const struct text_place *p = &s->layout.places[s->place];
	enum status st = s->phase == SHRINK_COUNTING
	    ? text_place_table(s->fd, p, &s->bytes)
	    : text_place_read(s->fd, p, &s->bytes);

	if (st == ST_OK)
		st = text_table_read(&p->f,
		    str_first(buf_str(&s->bytes), p->f.table), &s->table);
	if (st == ST_OK)
		st = find_alive(s);
	s->taken = true;
	s->at = 0;
	return st;
}

/* --- is it worth it? --- */

static enum status
begin_copy(struct text_shrink *s)
{
	uint64_t dead = s->n_all - s->n_alive;

	if (dead < TEXT_DEAD_LEAST || dead * TEXT_DEAD_SHARE < s->n_all) {
		s->phase = SHRINK_DONE;
		return ST_OK;
	}
	s->phase = SHRINK_COPYING;
	s->place = 0;
	s->made = (struct text_header){.end = TEXT_HEADER,
	    .last = s->header.last,
	    .died = s->header.died,
	    .counted = s->a->history_from};
	s->to = account_open_file(s->a, NEW_NAME, O_RDWR | O_CREAT | O_TRUNC);
	if (s->to < 0)
		return file_errno();
	return ST_OK;
}

static enum status
count(struct text_shrink *s)
{
	enum status st;

	if (s->place == s->layout.n_places)
		return begin_copy(s);
	st = take_place(s);
	for (size_t i = 0; st == ST_OK && i < s->table.n; i++)
		s->n_alive += s->alive[i];
	s->n_all += s->table.n;
	s->place++;
	s->taken = false;
	return st;
}

/* --- the new file --- */

static enum status
flush(struct text_shrink *s)
{
	enum status st;
	struct buf b;

	if (s->segment.n == 0)
		return ST_OK;
	buf_init(&b, TEXT_PLACE_MAX + TEXT_PLACE_MAX / 2);
	st = text_segment_write(&s->segment, &b);
	if (st == ST_OK)
		st = file_pwrite(s->to, buf_str(&b), s->made.end);
	s->made.end += b.n;
	s->made.messages += s->segment.n;
	buf_release(&b);
	text_segment_clear(&s->segment);
	return st;
}

/* Whole and on the disk before it has the name. */
static enum status
finish(struct text_shrink *s)
{
	enum status st = flush(s);

	s->phase = SHRINK_DONE;
	if (st == ST_OK)
		st = text_header_write(s->to, &s->made);
	if (st == ST_OK &&
	    (fdatasync(s->to) != 0 ||
		renameat(s->a->dir_fd, NEW_NAME, s->a->dir_fd,
		    TEXT_INDEX_NAME) != 0 ||
		fsync(s->a->dir_fd) != 0))
		st = ST_IO;
	return st;
}

static enum status
copy_one(struct text_shrink *s)
{
	const struct text_place *p = &s->layout.places[s->place];
	enum status st = ST_OK;

	if (s->alive[s->at]) {
		if (s->segment.n == TEXT_SEGMENT)
			st = flush(s);
		text_segment_take(&s->segment, &s->table,
		    str_from_pos(buf_str(&s->bytes), p->f.table), s->at);
	}
	s->at++;
	return st;
}

static enum status
copy(struct text_shrink *s)
{
	if (s->place == s->layout.n_places)
		return finish(s);
	if (!s->taken)
		return take_place(s);
	if (s->at < s->table.n)
		return copy_one(s);
	s->place++;
	s->taken = false;
	return ST_OK;
}

bool
text_shrink_step(struct text_shrink *s, int64_t until)
{
	const struct clock *clock = s->a->store->cfg.clock;

	do {
		if (s->st != ST_OK || s->phase == SHRINK_DONE)
			return false;
		s->st = s->phase == SHRINK_COUNTING ? count(s) : copy(s);
	} while (clock_mono(clock) < until);
	return true;
}

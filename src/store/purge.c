#include "store/purge_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"
#include "mime/summary.h"
#include "store/columns.h"
#include "store/db_int.h"
#include "store/store_int.h"
#include "store/tender.h"

enum { PURGE_LATER_US = 100 * 1000, PURGE_LATER_MOST = 300 };

static const struct viewer operator_viewer = {STR_INIT("operator"), RIGHT_ALL};
static const struct origin purge_origin = {
    .person = STR_INIT("operator"),
    .protocol = STR_INIT("purge"),
};

/* --- what is meant --- */

static enum status
find_in_folder(
    struct account *a, const struct purge_what *what, struct purge_found *out)
{
	struct mbox *b = map_get(&a->by_name, what->folder);
	enum status st;

	if (!b)
		return ST_NOT_FOUND;
	if ((st = mbox_columns(a, b->pub.id, &b)) != ST_OK)
		return st;
	for (size_t i = 0; i < columns_count(b->columns); i++) {
		struct entry e;

		columns_at(b->columns, i, &e, NULL);
		if (what->uids.n_ranges == 0 || uidset_has(&what->uids, e.uid))
			*VEC_ADD(out, ids) = e.message;
	}
	return ST_OK;
}

/* A summary has it without what stands around it. */
static struct str
bare(struct str id)
{
	id = str_trim(id);
	if (str_starts(id, S("<")) && str_ends(id, S(">")))
		id = str_from_pos(str_first(id, id.n - 1), 1);
	return id;
}

/* Does the message bear that Message-ID? */
static enum status
bears(struct account *a, uint64_t id, struct str message_id, bool *out)
{
	struct arena arena = ARENA_INIT;
	struct summary s;
	struct str text;
	enum status st = message_summary(a, id, &arena, &text);

	*out = false;
	if (st == ST_OK && summary_decode(text, &arena, &s) == ST_OK)
		*out = str_eq(s.message_id, bare(message_id));
	arena_release(&arena);
	return st;
}

static enum status
find_everywhere(
    struct account *a, const struct purge_what *what, struct purge_found *out)
{
	uint64_t after = 0, ids[TEND_ITEMS_MAX];
	enum status st;
	size_t n;

	for (;;) {
		st = db_message_ids(a, after, ids, ARRAY_LEN(ids), &n);
		if (st != ST_OK || n == 0)
			return st;
		for (size_t i = 0; i < n; i++) {
			bool yes = what->all;

			if (!yes)
				st = bears(a, ids[i], what->message_id, &yes);
			if (st != ST_OK)
				return st;
			if (yes)
				*VEC_ADD(out, ids) = ids[i];
		}
		after = ids[n - 1];
	}
}

static int
by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Ascending, each once. */
static void
sort(struct purge_found *f)
{
	size_t n = 0;

	if (f->n_ids)
		qsort(f->ids, f->n_ids, sizeof(*f->ids), by_id);
	for (size_t i = 0; i < f->n_ids; i++)
		if (n == 0 || f->ids[n - 1] != f->ids[i])
			f->ids[n++] = f->ids[i];
	f->n_ids = n;
}

enum status
purge_find(
    struct account *a, const struct purge_what *what, struct purge_found *out)
{
	struct purge_found f = {0};
	enum status st = what->folder.n ? find_in_folder(a, what, &f)
					: find_everywhere(a, what, &f);

	/* Those of one that was cut short, whatever is asked for now. */
	if (st == ST_OK || st == ST_NOT_FOUND)
		st = purge_mark_read(a, &f);
	sort(&f);
	for (size_t i = 0; i < f.n_ids && st == ST_OK; i++) {
		struct message m;

		st = message_get(a, f.ids[i], &m);
		if (st == ST_OK)
			f.bytes += m.size;
		else if (st == ST_NOT_FOUND)
			st = ST_OK; /* gone by then */
	}
	if (st == ST_OK && f.n_ids == 0)
		st = ST_NOT_FOUND;
	if (st == ST_OK)
		*out = f;
	else
		purge_found_release(&f);
	return st;
}

void
purge_found_release(struct purge_found *f)
{
	free(f->ids);
	*f = (struct purge_found){0};
}

/* --- out of the folders, as a change that everybody is told of --- */

static enum status
expunge_from(
    struct store *s, struct account *a, struct mbox *b, const struct map *going)
{
	struct change c = {
	    .kind = CHANGE_EXPUNGE,
	    .viewer = &operator_viewer,
	    .origin = &purge_origin,
	    .mailbox = b->pub.id,
	    .forced = true,
	};
	struct arena arena = ARENA_INIT;
	struct changed done;
	enum status st = mbox_columns(a, b->pub.id, &b);

	for (size_t i = 0; st == ST_OK && i < columns_count(b->columns); i++) {
		struct entry e;

		columns_at(b->columns, i, &e, NULL);
		if (map_get_u64(going, e.message))
			uidset_add(&c.uids, e.uid, e.uid);
	}
	if (st == ST_OK && c.uids.n_ranges)
		st = store_do(s, a, &c, &arena, &done);
	uidset_release(&c.uids);
	arena_release(&arena);
	return st;
}

static enum status
expunge(struct store *s, struct account *a, const struct purge_found *f)
{
	struct map going = MAP_INIT;
	uint64_t *boxes = mem_zalloc((a->boxes.n + 1) * sizeof(*boxes));
	enum status st = ST_OK;
	size_t pos = 0, n = 0;
	void *value;

	for (size_t i = 0; i < f->n_ids; i++)
		(void)map_set_u64(&going, f->ids[i], a);
	while (map_next(&a->boxes, &pos, NULL, &value))
		boxes[n++] = ((struct mbox *)value)->pub.id;
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = expunge_from(s, a, mbox_get(a, boxes[i]), &going);
	map_release(&going);
	free(boxes);
	return st;
}

/* --- out of the past --- */

static enum status
forget(struct store *s, struct account *a, const struct purge_found *f)
{
	enum status st = ST_OK;

	for (size_t at = 0; at < f->n_ids && st == ST_OK;) {
		struct tended done = {0};
		struct tend piece = {
		    .kind = TEND_PURGE,
		    .messages = f->ids + at,
		    .n_messages = min_size(f->n_ids - at, TEND_ITEMS_MAX),
		};

		st = store_tend_do(s, a, &piece, &done);
		if (st == ST_OK && !done.more)
			at += piece.n_messages;
	}
	return st;
}

/* --- out of the packs --- */

static enum status
tend_step_of(struct store *s, struct account *a, struct tender *t,
    unsigned *later, bool *more)
{
	const struct tend *piece;
	struct tended done = {0};
	enum status st;

	switch (tender_step(t, &piece)) {
	case TENDER_ASK:
		st = store_tend_do(s, a, piece, &done);
		tender_answered(t, st, &done);
		break;
	case TENDER_LATER:
		if (++*later > PURGE_LATER_MOST)
			return ST_BUSY;
		usleep(PURGE_LATER_US);
		break;
	case TENDER_DONE:
		*more = false;
		return tender_status(t);
	case TENDER_AGAIN:
		break;
	}
	return ST_OK;
}

static enum status
compact(struct store *s, struct account *a)
{
	static const struct timeline never = {0}; /* nothing is old */
	const struct tender_config cfg = {
	    .root = s->cfg.root,
	    .account = a->id,
	    .clock = s->cfg.clock,
	    .random = s->cfg.random,
	    .times = &never,
	    .purge = true,
	};
	struct tender *t;
	unsigned later = 0;
	bool more = true;
	enum status st;

	/* The keeper lets go as soon as it asks for something. */
	while ((st = tender_open(&cfg, &t)) == ST_BUSY &&
	    ++later < PURGE_LATER_MOST)
		usleep(PURGE_LATER_US);
	if (st != ST_OK)
		return st;
	while (st == ST_OK && more)
		st = tend_step_of(s, a, t, &later, &more);
	tender_close(&t);
	return st;
}

/* --- and what nobody can look into: of traces, sessions have ended --- */

bool
purge_is_opaque(struct str name)
{
	return str_starts(name, S("lost-")) || str_starts(name, S("trace-"));
}

static enum status
drop_lost(struct account *a, const struct purge_host *host)
{
	int fd = account_open_file(a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	enum status st = ST_OK;

	if (!dir)
		return ST_IO;
	while ((e = readdir(dir)) && st == ST_OK) {
		struct str name = str_from(e->d_name);
		bool index = str_starts(name, S("text-index"));

		if (!index && !purge_is_opaque(name))
			continue;
		if (unlinkat(a->dir_fd, e->d_name, 0) != 0)
			st = ST_IO;
		else if (!index) /* that is made again */
			host->file(host->ctx, name);
	}
	closedir(dir);
	if (st == ST_OK && fsync(a->dir_fd) != 0)
		st = ST_IO;
	return st;
}

enum status
purge_run(struct store *s, struct account *a, const struct purge_found *f,
    const struct purge_host *host)
{
	enum status st = purge_mark_write(a, f);

	for (size_t i = 0; i < f->n_ids && st == ST_OK; i++) {
		struct message m;

		st = message_get(a, f->ids[i], &m);
		if (st == ST_OK)
			host->message(host->ctx, &m);
		else if (st == ST_NOT_FOUND)
			st = ST_OK; /* in an earlier attempt */
	}
	if (st == ST_OK)
		st = expunge(s, a, f);
	if (st == ST_OK)
		st = forget(s, a, f);
	if (st == ST_OK)
		st = compact(s, a);
	if (st == ST_OK)
		st = drop_lost(a, host);
	if (st == ST_OK)
		st = db_write_anew(a);
	if (st == ST_OK)
		st = purge_mark_clear(a);
	log_notice("messages purged", LOG_STR("account", a->id),
	    LOG_U64("messages", f->n_ids), LOG_U64("bytes", f->bytes),
	    LOG_ST(st));
	return st;
}

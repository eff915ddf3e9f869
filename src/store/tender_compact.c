/*
 * Compaction (S10): a pack of which much is dead is copied, as far as it is
 * alive, to a file of another name; the rows are told; when that is in
 * mail.db itself, the pack goes. What a kill leaves is found by what is there:
 * a compacted file and its source both, and the rows are told once more.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/checkpoint.h"
#include "store/tender_int.h"

enum {
	COPY_SLICE = 512 * 1024, /* of a source, between two pauses */
	COPY_RECORDS = 256,
	DEAD_SHARE = 4, /* a fourth of it must be dead */
};

/* Sealed packs are worth the work from 1 MiB on; the active one, which is
 * sealed for it, from 16. */
static uint64_t
dead_min(const struct tender *t, bool active)
{
	if (t->cfg.dead_min)
		return t->cfg.dead_min;
	return active ? UINT64_C(16) << 20 : UINT64_C(1) << 20;
}

bool
tender_file_size(const struct tender *t, const char *name, uint64_t *out)
{
	struct stat sb;

	if (fstatat(t->a->dir_fd, name, &sb, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	*out = (uint64_t)sb.st_size;
	return true;
}

static void
damaged_name(uint32_t no, char out[static 32])
{
	char name[16];

	pack_name(no, name);
	(void)snprintf(out, 32, "damaged-%s", name);
}

bool
tender_is_damaged(const struct tender *t, uint32_t no)
{
	uint64_t size;
	char name[32];

	damaged_name(no, name);
	return tender_file_size(t, name, &size);
}

/* It stays as it is, and is not tried again until somebody has looked. */
static void
set_damaged(struct tender *t, uint64_t message)
{
	char name[32], text[128];
	int fd, n;

	damaged_name(t->source, name);
	fd = account_open_file(t->a, name, O_WRONLY | O_CREAT);
	n = snprintf(text, sizeof(text),
	    "message %llu, and what else stands there, cannot be read\n",
	    (unsigned long long)message);
	if (fd >= 0 && write(fd, text, (size_t)n) != n)
		log_debug("mark not written", LOG_STR("account", t->a->id));
	if (fd >= 0)
		close(fd);
	log_error("a pack is damaged: it is kept, and its sound messages were "
		  "copied (see: mailstead check)",
	    LOG_STR("account", t->a->id), LOG_Z("file", name + 8),
	    LOG_U64("message", message));
}

static bool
worth(struct tender *t, uint32_t no, bool active)
{
	uint64_t size, dead;
	char name[16];

	pack_name(no, name);
	if (!tender_file_size(t, name, &size) || tender_is_damaged(t, no) ||
	    db_pack_dead_of(t->a, no, &dead) != ST_OK)
		return false;
	/* A pack that was given up may have bytes behind its end. */
	if (t->cfg.purge)
		return dead || pack_counted_end(t->a, no, size) < size;
	return dead >= dead_min(t, active) && dead * DEAD_SHARE >= size;
}

/* A compacted file of which a source is there still: the work goes on. */
static bool
left_behind(struct tender *t, uint32_t no)
{
	struct pack_header h = {0};
	uint64_t size;
	char name[16];
	int fd;

	pack_name(no, name);
	fd = account_open_file(t->a, name, O_RDONLY);
	if (fd >= 0 && pack_read_header(fd, &h) != ST_OK)
		h.sources[0] = 0;
	if (fd >= 0)
		close(fd);
	t->source = 0;
	for (size_t i = 0; i < PACK_SOURCES && h.sources[i]; i++) {
		pack_name(h.sources[i], name);
		if (!tender_file_size(t, name, &size) ||
		    tender_is_damaged(t, h.sources[i]))
			continue;
		if (!t->source)
			t->source = h.sources[i];
		t->last_source = h.sources[i];
	}
	t->kept = no;
	t->merged = h.sources[1] != 0;
	return t->source != 0;
}

static void
begin_copy(struct tender *t)
{
	t->source = t->sources[0];
	t->at_source = 0;
	t->phase = PHASE_COPY;
}

static void
choose_among(struct tender *t, const struct pack_list *packs,
    const struct pack_list *keeps)
{
	uint32_t active = packs->nos[packs->n_nos - 1];

	for (size_t i = 0; i < keeps->n_nos; i++)
		if (left_behind(t, keeps->nos[i])) {
			t->phase = PHASE_MOVE;
			return;
		}
	for (size_t i = 0; i < packs->n_nos + keeps->n_nos; i++) {
		uint32_t no = i < packs->n_nos ? packs->nos[i]
					       : keeps->nos[i - packs->n_nos];

		if (no != active && worth(t, no, false)) {
			t->sources[0] = no;
			t->n_sources = 1;
			begin_copy(t);
			return;
		}
	}
	/* Once: what is dead in it stays so until the next run. */
	if (!t->rolled && worth(t, active, true))
		t->phase = PHASE_ROLL;
	else if (!t->cfg.purge && tender_merge(t, packs, keeps))
		begin_copy(t);
	else
		t->phase = PHASE_LARGE;
}

enum tender_next
tender_choose(struct tender *t)
{
	struct pack_list packs = {0}, keeps = {0};
	enum status st = pack_list(t->a, &packs);

	keep_clean(t->a);
	pack_unmap(&t->from);
	pack_unmap(&t->to);
	t->at = t->moved = 0;
	if (st == ST_OK)
		st = keep_list(t->a, &keeps);
	if (st != ST_OK || packs.n_nos == 0)
		tender_fail(t, st != ST_OK ? st : ST_NOT_FOUND);
	else
		choose_among(t, &packs, &keeps);
	free(packs.nos);
	free(keeps.nos);
	return TENDER_AGAIN;
}

/* The owner has begun a new pack; its name must last before the old one goes. */
void
tender_rolled(struct tender *t)
{
	struct pack_list packs;
	enum status st = pack_list(t->a, &packs);
	char name[16];
	int fd;

	if (st == ST_OK && packs.n_nos) {
		pack_name(packs.nos[packs.n_nos - 1], name);
		fd = account_open_file(t->a, name, O_RDONLY);
		if (fd < 0 || fdatasync(fd) != 0 || fsync(t->a->dir_fd) != 0)
			st = ST_IO;
		if (fd >= 0)
			close(fd);
	}
	free(packs.nos);
	t->rolled = true;
	t->phase = PHASE_CHOOSE;
	if (st != ST_OK)
		tender_fail(t, st);
}

static enum status
is_alive(struct tender *t, const struct pack_found *f, bool *out)
{
	struct message_row row;
	enum status st;

	*out = true;
	if (f->at.r.kind != PACK_MESSAGE)
		return ST_OK;
	st = db_message(t->a, f->at.r.id, false, &row);
	*out = st == ST_OK && place_cmp(row.place, f->place) == 0;
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static enum status
copy_one(struct tender *t, struct pack_found *f)
{
	bool alive;
	enum status st = is_alive(t, f, &alive);

	if (st == ST_OK && alive)
		st = keep_add(t->keep, f);
	t->at = f->end.offset;
	return st;
}

/* Record after record; what is none is left where it is. */
static enum status
copy_slice(struct tender *t)
{
	uint64_t until = t->at + (t->cfg.slice ? t->cfg.slice : COPY_SLICE);
	enum status st = ST_OK;

	for (unsigned n = 0; n < COPY_RECORDS && st == ST_OK && t->at < until &&
	     t->at < t->from.bytes.n;
	     n++) {
		struct pack_found f;

		if (!pack_record_at(&t->from, t->at, &f) &&
		    !pack_find_record(&t->from, t->at + 1, &f)) {
			t->at = t->from.bytes.n;
			break;
		}
		st = copy_one(t, &f);
		pack_found_release(&f);
	}
	return st;
}

static enum status
begin_source(struct tender *t)
{
	enum status st = pack_map(t->a, t->source, &t->from);

	t->at = PACK_HEADER;
	if (st == ST_OK && !t->keep)
		st = keep_begin(
		    t->a, t->sources, t->n_sources, t->cfg.random, &t->keep);
	return st;
}

/* What has several sources is gone on with from what its header says. */
static enum status
end_source(struct tender *t)
{
	enum status st = ST_OK;

	if (++t->at_source < t->n_sources) {
		t->source = t->sources[t->at_source];
		pack_unmap(&t->from);
		return ST_OK;
	}
	st = keep_finish(t->keep);
	t->kept = t->keep->no;
	t->merged = false;
	t->phase = t->n_sources > 1 ? PHASE_CHOOSE : PHASE_MOVE;
	keep_free(&t->keep);
	return st;
}

enum tender_next
tender_copy(struct tender *t)
{
	enum status st = ST_OK;

	if (!t->from.map)
		st = begin_source(t);
	if (st == ST_OK)
		st = copy_slice(t);
	if (st == ST_OK && t->at >= t->from.bytes.n)
		st = end_source(t);
	if (st != ST_OK) {
		keep_free(&t->keep);
		tender_fail(t, st);
	}
	return TENDER_AGAIN;
}

/*
 * Did it come from the source whose turn it is? Of what went meanwhile the last
 * one takes account.
 */
static bool
is_of_source(struct tender *t, uint64_t id)
{
	struct message_row row;
	enum status st = db_message(t->a, id, false, &row);

	return st == ST_OK ? row.place.pack == t->source
			   : t->source == t->last_source;
}

static bool
skip_record(struct tender *t)
{
	struct pack_found f;
	bool skip;

	if (!t->merged || !pack_head_at(&t->to, t->moved, &f))
		return false;
	skip = f.at.r.kind == PACK_MESSAGE && !is_of_source(t, f.at.r.id);
	if (skip)
		t->moved = f.end.offset;
	pack_found_release(&f);
	return skip;
}

/* The new places, read back from the file that holds them. */
static enum status
fill_moves(struct tender *t)
{
	t->n_moves = 0;
	while (t->moved < t->to.bytes.n && t->n_moves < TEND_ITEMS_MAX) {
		struct pack_found f;

		if (skip_record(t))
			continue;
		if (!pack_record_at(&t->to, t->moved, &f))
			return ST_CORRUPT;
		if (f.at.r.kind == PACK_MESSAGE) {
			t->moves[t->n_moves++] = (struct tend_move){f.at.r.id,
			    f.place.offset, f.end.offset - f.place.offset};
		}
		t->moved = f.end.offset;
		pack_found_release(&f);
	}
	return ST_OK;
}

enum tender_next
tender_move(struct tender *t)
{
	enum status st = ST_OK;

	if (!t->to.map) {
		st = pack_map(t->a, t->kept, &t->to);
		t->moved = PACK_HEADER;
		t->n_moves = 0;
	}
	if (st == ST_OK && t->n_moves == 0)
		st = fill_moves(t);
	if (st != ST_OK) {
		log_error("a compacted pack cannot be read",
		    LOG_STR("account", t->a->id), LOG_U64("keep", t->kept),
		    LOG_ST(st));
		tender_fail(t, st);
		return TENDER_AGAIN;
	}
	if (t->n_moves == 0) {
		t->phase = PHASE_CHECKPOINT;
		return TENDER_AGAIN;
	}
	t->piece = (struct tend){.kind = TEND_MOVE,
	    .source = t->source,
	    .file = t->kept,
	    .moves = t->moves,
	    .n_moves = t->n_moves};
	return TENDER_ASK;
}

void
tender_moved(struct tender *t, uint64_t done)
{
	size_t n = done < t->n_moves ? (size_t)done : t->n_moves;

	t->n_moves -= n;
	memmove(t->moves, t->moves + n, t->n_moves * sizeof(*t->moves));
}

/* All that has been committed is in mail.db and on the disk. */
bool
tender_checkpointed(struct tender *t)
{
	struct checkpoint c = {0};
	enum status st = store_checkpoint(t->cfg.root, t->cfg.account, &c);

	if (st != ST_OK && st != ST_BUSY)
		tender_fail(t, st);
	return st == ST_OK && c.moved >= c.pages;
}

enum tender_next
tender_checkpoint(struct tender *t)
{
	uint64_t message;
	enum status st;

	if (!tender_checkpointed(t))
		return t->phase == PHASE_DONE ? TENDER_AGAIN : TENDER_LATER;
	st = db_any_in_pack(t->a, t->source, &message);
	if (st == ST_NOT_FOUND) {
		/* Open here, its blocks are freed by us, not by the owner. */
		if (!t->from.map &&
		    pack_map(t->a, t->source, &t->from) != ST_OK)
			t->from.map = NULL;
		t->phase = PHASE_UNLINK;
	} else if (st == ST_OK) {
		set_damaged(t, message);
		t->phase = PHASE_CHOOSE;
		if (t->cfg.purge)
			tender_fail(t, ST_CORRUPT);
	} else {
		tender_fail(t, st);
	}
	return TENDER_AGAIN;
}

enum tender_next
tender_unlink(struct tender *t)
{
	char name[16];

	pack_name(t->source, name);
	if (!tender_file_size(t, name, &t->freeing))
		t->freeing = 0;
	t->piece = (struct tend){.kind = TEND_UNLINK, .source = t->source};
	return TENDER_ASK;
}

void
tender_unlinked(struct tender *t)
{
	uint64_t kept = 0;
	char name[16];

	pack_name(t->kept, name);
	(void)tender_file_size(t, name, &kept);
	t->report.packs++;
	if (t->freeing > kept)
		t->report.bytes += t->freeing - kept;
	t->phase = PHASE_CHOOSE;
}

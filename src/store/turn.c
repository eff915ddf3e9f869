#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/pack.h"
#include "store/store_int.h"
#include "store/turn_int.h"

/* Wall steps of more than this begin a new clock segment (S23). */
enum { CLOCK_STEP_MS = 3600 * 1000 };

static enum status (*const plans[CHANGE_KINDS])(
    struct turn *t, struct ask *ask) = {
    [CHANGE_APPEND] = plan_append,
    [CHANGE_DELIVER] = plan_deliver,
    [CHANGE_FLAGS] = plan_store,
    [CHANGE_COPY] = plan_copy,
    [CHANGE_MOVE] = plan_move,
    [CHANGE_EXPUNGE] = plan_expunge,
    [CHANGE_POP3_QUIT] = plan_pop3_quit,
    [CHANGE_CREATE] = plan_create,
    [CHANGE_DELETE] = plan_delete,
    [CHANGE_RENAME] = plan_rename,
    [CHANGE_SUBSCRIBE] = plan_subscribe,
    [CHANGE_SPECIAL_USE] = plan_special_use,
    [CHANGE_QUOTA] = plan_quota,
    [CHANGE_CLAIM_RECENT] = plan_claim_recent,
    [CHANGE_RESTORE] = plan_restore,
    [CHANGE_UNDO] = plan_undo,
};

static void
set_wall(struct turn *t)
{
	const struct clock *c = t->a->store->cfg.clock;
	int64_t wall = clock_wall(c), offset = wall - clock_mono(c);
	int64_t last = t->row.last_wall;
	int64_t step = offset - t->a->wall_offset;

	if (step > CLOCK_STEP_MS || last - wall > CLOCK_STEP_MS) {
		t->clock_stepped = true;
		t->a->wall_offset = offset;
	} else if (wall < last) {
		wall = last;
	}
	t->wall = wall;
}

struct turn *
turn_new(struct account *a)
{
	struct turn *t = mem_zalloc(sizeof(*t));

	t->a = a;
	db_account_of(a, &t->row);
	set_wall(t);
	return t;
}

static void
check_space(struct turn *t)
{
	uint64_t reserve = t->a->store->cfg.reserve;
	struct statvfs v;

	if (reserve && fstatvfs(t->a->dir_fd, &v) == 0)
		t->no_space = (uint64_t)v.f_bavail * v.f_frsize < reserve;
	if (!t->no_space)
		reserve_fill(t->a->store);
}

static void
plan_one(struct turn *t, struct ask *ask)
{
	size_t n = t->n_boxes;
	size_t *had = ARENA_ARRAY(&t->arena, size_t, n + 1);

	for (size_t i = 0; i < n; i++)
		had[i] = t->boxes[i]->n_keywords;
	ASSERT(ask->c.kind < CHANGE_KINDS);
	ask->st = plans[ask->c.kind](t, ask);
	if (ask->st == ST_OK)
		return;
	/* Refused: keywords it would have brought are not borne (S41). */
	ASSERT(ask->changed.modseq == 0);
	for (size_t i = 0; i < t->n_boxes; i++)
		t->boxes[i]->n_keywords = i < n ? had[i] : 0;
	ask_forget(&ask->changed);
}

void
turn_free(struct turn *t)
{
	for (size_t i = 0; i < t->n_boxes; i++) {
		map_release(&t->boxes[i]->over);
		free(t->boxes[i]->added);
		free(t->boxes[i]->keywords);
	}
	map_release(&t->box_of);
	map_release(&t->thread_of);
	free(t->boxes);
	free(t->effects);
	free(t->arrivals);
	free(t->notes);
	free(t->threads);
	free(t->origins);
	arena_release(&t->arena);
	free(t);
}

/* The turn is over: everybody in it is told, in the order they asked. */
static void
finish(struct account *a)
{
	struct turn *t = a->turn;
	struct store *s = a->store;
	struct ask *ask = t->first;

	a->turn = NULL;
	turn_free(t);
	while (ask) {
		struct ask *next = ask->next;

		ask_answer(s, ask);
		ask = next;
	}
	if (a->ask_first || a->tending)
		store_ready(s, a);
	account_unref(&a);
}

/* Nothing of the turn happened, or (ST_UNKNOWN) nobody can tell (S4). */
static void
fail(struct account *a, enum status st)
{
	log_debug("turn failed", LOG_STR("account", a->id), LOG_ST(st));
	for (struct ask *ask = a->turn->first; ask; ask = ask->next)
		if (ask->st == ST_OK) {
			ask_forget(&ask->changed);
			ask->st = st;
		}
	finish(a);
}

/* The pack loses what no row will name; if it cannot, it is given up. */
static void
undo_pack(struct account *a)
{
	if (pack_cut(a->pack, a->applied) != ST_OK &&
	    pack_give_up(a->pack, a->applied) != ST_OK)
		a->broken = true;
}

static void
published(struct account *a)
{
	struct store *s = a->store;
	bool news = a->turn->n_effects > 0;

	turn_publish(a->turn);
	db_tend_wal(a);
	if (s->cfg.host.text_behind &&
	    a->next_id - a->text_told >= STORE_TEXT_MESSAGES) {
		a->text_told = a->next_id;
		s->cfg.host.text_behind(s->cfg.host.ctx, a);
	}
	if (news && s->cfg.host.committed)
		s->cfg.host.committed(s->cfg.host.ctx, a, a->modseq);
	finish(a);
}

static int
sync_self(int fd)
{
	int error = fdatasync(fd) ? errno : 0;

	close(fd);
	return error;
}

/* True when the sync is done (t->sync_error says how), false: the host does. */
static bool
sync_begin(struct account *a, enum turn_stage stage, int fd, bool wait)
{
	struct store *s = a->store;
	struct turn *t = a->turn;

	t->stage = stage;
	s->n_syncs++;
	if (fd < 0) {
		t->sync_error = errno ? errno : EIO;
		return true;
	}
	if (wait || !s->cfg.host.sync) {
		t->sync_error = sync_self(fd);
		return true;
	}
	t->waiting = true;
	t->token = ++s->last_token;
	map_set_u64(&s->syncs, t->token, a);
	s->cfg.host.sync(s->cfg.host.ctx, fd, t->token);
	return false;
}

static void
wal_done(struct account *a)
{
	if (a->turn->sync_error == 0) {
		store_wal_clean(a->store, a);
		published(a);
		return;
	}
	/* The transaction stands in mail.db, perhaps on the disk as well. */
	a->broken = true;
	fail(a, ST_UNKNOWN);
}

static void
commit(struct account *a, bool wait)
{
	struct turn *t = a->turn;
	bool rows = t->n_effects > 0, dirty = false;
	struct db_account row; /* a failed commit has counted into it */
	enum status st;

	for (size_t i = 0; i < t->n_boxes; i++)
		dirty = dirty || t->boxes[i]->dirty;
	if (!rows && !dirty) {
		finish(a);
		return;
	}
	t->row.applied = pack_end(a->pack);
	row = t->row;
	st = turn_load_columns(t);
	if (st == ST_OK)
		st = turn_commit(t);
	/* New mail has to wait; what makes room has not. */
	if (st == ST_NO_SPACE && !t->n_arrivals && reserve_release(a->store)) {
		t->row = row;
		st = turn_commit(t);
	}
	if (st != ST_OK) {
		if (t->n_arrivals || t->n_notes)
			undo_pack(a);
		if (st == ST_CORRUPT)
			a->broken = true;
		fail(a,
		    st == ST_CORRUPT        ? ST_CORRUPT
			: st == ST_NO_SPACE ? ST_NO_SPACE
					    : ST_IO);
		return;
	}
	if (!t->durable) {
		/* Deliveries are in the synced pack; flags have a second. */
		store_wal_dirty(a->store, a);
		published(a);
	} else if (sync_begin(a, TURN_WAL,
		       account_open_file(a, "mail.db-wal", O_RDONLY), wait)) {
		wal_done(a);
	}
}

static void
pack_done(struct account *a, bool wait)
{
	if (a->turn->sync_error) {
		/* What of it is on the disk, nobody knows: never trusted. */
		if (pack_give_up(a->pack, a->applied) != ST_OK)
			a->broken = true;
		fail(a, ST_IO);
		return;
	}
	commit(a, wait);
}

/* In steps; the worker goes on with others while the host syncs one. */
static void
sync_pack(struct account *a, bool wait)
{
	struct turn *t = a->turn;

	do {
		if (!sync_begin(a, TURN_PACK, pack_sync_fd(a->pack), wait))
			return;
	} while (!t->sync_error && pack_unsynced(a->pack));
	pack_done(a, wait);
}

/* It compares the past with what is published: nothing planned before it. */
static bool
needs_now(const struct ask *ask)
{
	return ask &&
	    (ask->c.kind == CHANGE_RESTORE || ask->c.kind == CHANGE_UNDO);
}

static void
take_asks(struct account *a, struct turn *t)
{
	struct ask *ask;

	while (t->n_touched < TURN_MESSAGES && t->n_bytes < TURN_BYTES &&
	    (!t->first || !needs_now(a->ask_first)) && (ask = ask_next(a))) {
		if (t->last)
			t->last->next = ask;
		else
			t->first = ask;
		t->last = ask;
		plan_one(t, ask);
	}
}

static void
begin(struct account *a)
{
	struct turn *t = turn_new(a);
	bool reading;

	a->refs++; /* an answer may let go of the last other reference */
	a->turn = t;
	check_space(t);
	/* All look-ups of the plan under one lock of SQLite's. */
	reading = db_begin_reading(a);
	take_asks(a, t);
	if (reading)
		db_end_reading(a);
	if (a->store->cfg.flags_sync && t->n_effects)
		t->durable = true;
}

static void
start(struct account *a, bool wait)
{
	struct turn *t;
	enum status st;

	if (!a->ask_first)
		return;
	if (a->broken || a->store->cfg.read_only) {
		turn_refuse(a, ST_READONLY);
		return;
	}
	begin(a);
	t = a->turn;
	if (!t->n_arrivals && !t->n_notes) {
		commit(a, wait);
		return;
	}
	st = turn_append(t);
	/* S4: what makes room, or brings back, has the reserve. */
	if (st == ST_NO_SPACE && !t->n_arrivals && reserve_release(a->store)) {
		undo_pack(a);
		st = turn_append(t);
	}
	if (st != ST_OK) {
		undo_pack(a);
		fail(a, st);
		return;
	}
	sync_pack(a, wait);
}

void
turn_step(struct account *a, bool wait)
{
	struct turn *t = a->turn;

	if (!t) {
		tend_step(a);
		start(a, wait);
		return;
	}
	if (t->waiting) {
		if (!wait)
			return;
		/* Somebody waits here and now: sync once more, by ourselves. */
		map_remove_u64(&a->store->syncs, t->token);
		t->waiting = false;
		if (t->stage == TURN_PACK)
			pack_sync_again(a->pack);
		else if (!sync_begin(a, TURN_WAL,
			     account_open_file(a, "mail.db-wal", O_RDONLY),
			     true))
			return;
	}
	if (t->stage == TURN_PACK && !t->sync_error && pack_unsynced(a->pack))
		sync_pack(a, wait);
	else if (t->stage == TURN_PACK)
		pack_done(a, wait);
	else
		wal_done(a);
}

void
turn_sync_wal(struct account *a)
{
	struct store *s = a->store;
	int fd = account_open_file(a, "mail.db-wal", O_RDONLY);

	s->n_syncs++;
	if (fd < 0 || !s->cfg.host.sync) {
		if (fd < 0 || sync_self(fd))
			a->broken = true;
		return;
	}
	map_set_u64(&s->syncs, ++s->last_token, a);
	s->cfg.host.sync(s->cfg.host.ctx, fd, s->last_token);
}

void
turn_synced(struct account *a, uint64_t token, int error)
{
	struct turn *t = a->turn;

	if (t && t->waiting && t->token == token) {
		t->waiting = false;
		t->sync_error = error;
		store_ready(a->store, a);
	} else if (error) { /* the flags of a second: S4, as for a turn */
		a->broken = true;
	}
}

#include "store/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/store_int.h"
#include "store/turn_int.h"

enum {
	STORE_SLICE = 8,        /* account steps in one store_run() */
	STORE_WAL_MS = 1000,    /* flags are on disk after this */
	STORE_ASKS_MAX = 10000, /* waiting for one account: then ST_BUSY */
};

const char *
store_vfs(const struct store *s)
{
	return s->vfs;
}

enum status
store_open(const struct store_config *cfg, struct store **out)
{
	struct store *s;

	/* 56 KiB an account instead of 134: no page pool per connection, no
	 * counting. Refused once SQLite runs; then it has been done before. */
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_initialize() != SQLITE_OK)
		return ST_IO;
	s = mem_zalloc(sizeof(*s));
	s->cfg = *cfg;
	s->cfg.root = str_of(str_dup(cfg->root), cfg->root.n);
	buf_init(&s->opaque_summary, 4096);
	if (s->cfg.max_open == 0)
		s->cfg.max_open = 1;
	*out = s;
	return ST_OK;
}

static void
lru_out(struct store *s, struct account *a)
{
	if (a->lru_prev)
		a->lru_prev->lru_next = a->lru_next;
	else
		s->lru_first = a->lru_next;
	if (a->lru_next)
		a->lru_next->lru_prev = a->lru_prev;
	else
		s->lru_last = a->lru_prev;
	a->lru_prev = a->lru_next = NULL;
}

static void
lru_in(struct store *s, struct account *a)
{
	a->lru_next = s->lru_first;
	a->lru_prev = NULL;
	if (s->lru_first)
		s->lru_first->lru_prev = a;
	else
		s->lru_last = a;
	s->lru_first = a;
}

static void
evict(struct store *s, struct account *a)
{
	size_t pos = 0;
	void *value;
	uint64_t token = 0;

	/* Syncs that are still under way answer to nobody. */
	do {
		struct str key;

		pos = 0;
		token = 0;
		while (map_next(&s->syncs, &pos, &key, &value))
			if (value == a && key.n == sizeof(token))
				memcpy(&token, key.p, sizeof(token));
		if (token)
			map_remove_u64(&s->syncs, token);
	} while (token);
	lru_out(s, a);
	store_wal_clean(s, a);
	map_remove(&s->accounts, a->id);
	s->n_open--;
	account_close(&a);
}

static void
trim(struct store *s, size_t max)
{
	struct account *a = s->lru_last;

	while (a && s->n_open > max) {
		struct account *before = a->lru_prev;

		if (a->refs == 0)
			evict(s, a);
		a = before;
	}
}

void
store_close(struct store **sp)
{
	struct store *s = *sp;

	*sp = NULL;
	if (!s)
		return;
	trim(s, 0);
	ASSERT(s->n_open == 0); /* who still holds an account? */
	free((char *)(uintptr_t)s->cfg.root.p);
	map_release(&s->accounts);
	map_release(&s->syncs);
	map_release(&s->opaque);
	buf_release(&s->opaque_summary);
	map_release(&s->lent);
	free(s->ready);
	free(s);
}

bool
store_good_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!(id.p[i] >= 'a' && id.p[i] <= 'z') &&
		    !(id.p[i] >= '0' && id.p[i] <= '9'))
			return false;
	return id.n >= 2 && id.n <= 64;
}

static void
take_in(struct store *s, struct account *a)
{
	map_set(&s->accounts, a->id, a);
	lru_in(s, a);
	s->n_open++;
	a->refs = 1;
	trim(s, s->cfg.max_open);
}

enum status
store_account(struct store *s, struct str id, struct account **out)
{
	struct account *a = map_get(&s->accounts, id);
	enum status st;

	if (a && a->broken && a->refs == 0) {
		evict(s, a); /* S4: reopening is what heals it */
		a = NULL;
	}
	if (a) {
		lru_out(s, a);
		lru_in(s, a);
		a->refs++;
		*out = a;
		return ST_OK;
	}
	if (!store_good_id(id))
		return ST_NOT_FOUND;
	if (map_get(&s->lent, id))
		return ST_BUSY;
	if ((st = account_open(s, id, &a)) != ST_OK)
		return st;
	take_in(s, a);
	*out = a;
	return ST_OK;
}

enum status
store_lend(struct store *s, struct str id)
{
	struct account *a = map_get(&s->accounts, id);

	if (!store_good_id(id))
		return ST_NOT_FOUND;
	if (map_get(&s->lent, id) || (a && a->refs > 0))
		return ST_BUSY;
	if (a)
		evict(s, a);
	(void)map_set(&s->lent, id, s);
	return ST_OK;
}

void
store_unlend(struct store *s, struct str id)
{
	(void)map_remove(&s->lent, id);
}

void
account_unref(struct account **ap)
{
	struct account *a = *ap;

	*ap = NULL;
	if (!a)
		return;
	ASSERT(a->refs > 0);
	a->refs--;
	trim(a->store, a->store->cfg.max_open);
}

static enum status
standard_mailboxes(
    struct store *s, struct account *a, const struct origin *origin)
{
	static const struct {
		const char *name;
		unsigned use;
	} boxes[] = {
	    {"INBOX", 0},
	    {"Drafts", USE_DRAFTS},
	    {"Sent", USE_SENT},
	    {"Junk", USE_JUNK},
	    {"Trash", USE_TRASH},
	    {"Archive", USE_ARCHIVE},
	};
	struct waiter made[ARRAY_LEN(boxes)], on[ARRAY_LEN(boxes)];
	struct changed ignored;
	struct arena arena = ARENA_INIT;
	enum status st = ST_OK;

	/* One turn for all of them. */
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		struct change c = {
		    .kind = CHANGE_CREATE,
		    .origin = origin,
		    .name = str_from(boxes[i].name),
		    .special_use = boxes[i].use,
		    .on = true,
		};

		made[i] = on[i] = (struct waiter){&arena, &ignored, 0, false};
		store_queue(s, a, &c, 0, &made[i]);
		c.kind = CHANGE_SUBSCRIBE;
		store_queue(s, a, &c, 0, &on[i]);
	}
	while (a->turn || a->ask_first)
		turn_step(a, true);
	for (size_t i = 0; i < ARRAY_LEN(boxes) && st == ST_OK; i++)
		st = made[i].st == ST_EXISTS ? ST_OK
		    : made[i].st             ? made[i].st
					     : on[i].st;
	arena_release(&arena);
	return st;
}

enum status
store_create_account(
    struct store *s, struct str id, const struct origin *origin)
{
	struct account *a;
	enum status st;

	if (!store_good_id(id))
		return ST_INVALID;
	if (s->cfg.read_only)
		return ST_READONLY;
	st = store_account(s, id, &a);
	if (st == ST_OK && map_get(&a->by_name, S("INBOX"))) {
		account_unref(&a);
		return ST_EXISTS;
	}
	/* What a crash left half made is completed. */
	if (st == ST_NOT_FOUND && (st = account_make(s, id, &a)) == ST_OK)
		take_in(s, a);
	if (st != ST_OK)
		return st;
	st = standard_mailboxes(s, a, origin);
	account_unref(&a);
	return st;
}

void
store_ready(struct store *s, struct account *a)
{
	if (a->ready)
		return;
	a->ready = true;
	a->refs++;
	*VEC_ADD(s, ready) = a;
}

void
store_queue(struct store *s, struct account *a, const struct change *c,
    uint64_t id, struct waiter *waiter)
{
	struct ask *ask = mem_zalloc(sizeof(*ask));

	(void)s;
	ask->c = *c;
	ask->id = id;
	ask->waiter = waiter;
	if (a->ask_last)
		a->ask_last->next = ask;
	else
		a->ask_first = ask;
	a->ask_last = ask;
	a->n_asks++;
}

void
store_submit(
    struct store *s, struct account *a, const struct change *c, uint64_t ask)
{
	if (a->n_asks >= STORE_ASKS_MAX) {
		s->cfg.host.answered(s->cfg.host.ctx, ask, ST_BUSY, NULL);
		return;
	}
	store_queue(s, a, c, ask, NULL);
	if (!a->turn)
		store_ready(s, a);
}

void
store_wal_dirty(struct store *s, struct account *a)
{
	if (a->dirty)
		return;
	a->dirty = true;
	a->unsynced_since = clock_mono(s->cfg.clock);
	a->dirty_prev = s->dirty_last;
	a->dirty_next = NULL;
	if (s->dirty_last)
		s->dirty_last->dirty_next = a;
	else
		s->dirty_first = a;
	s->dirty_last = a;
}

void
store_wal_clean(struct store *s, struct account *a)
{
	if (!a->dirty)
		return;
	a->dirty = false;
	if (a->dirty_prev)
		a->dirty_prev->dirty_next = a->dirty_next;
	else
		s->dirty_first = a->dirty_next;
	if (a->dirty_next)
		a->dirty_next->dirty_prev = a->dirty_prev;
	else
		s->dirty_last = a->dirty_prev;
	a->dirty_prev = a->dirty_next = NULL;
}

/* Flags of the last second go to the disk together. */
static void
sync_dirty(struct store *s)
{
	int64_t now = clock_mono(s->cfg.clock);
	struct account *a;

	while (
	    (a = s->dirty_first) && a->unsynced_since + STORE_WAL_MS <= now) {
		store_wal_clean(s, a);
		turn_sync_wal(a);
	}
}

bool
store_run(struct store *s)
{
	size_t n = min_size(s->n_ready, STORE_SLICE);

	sync_dirty(s);
	for (size_t i = 0; i < n; i++) {
		struct account *a = s->ready[i];

		a->ready = false;
		turn_step(a, false);
		account_assert_idle(a);
	}
	for (size_t i = 0; i < n; i++) {
		struct account *a = s->ready[i];

		account_unref(&a);
	}
	s->n_ready -= n;
	if (s->n_ready)
		memmove(s->ready, s->ready + n, s->n_ready * sizeof(*s->ready));
	return s->n_ready > 0;
}

void
store_synced(struct store *s, uint64_t token, int error)
{
	struct account *a = map_remove_u64(&s->syncs, token);

	if (!a) /* somebody who waited has done it meanwhile */
		return;
	turn_synced(a, token, error);
}

int64_t
store_deadline(const struct store *s)
{
	if (s->n_ready)
		return 0;
	return s->dirty_first ? s->dirty_first->unsynced_since + STORE_WAL_MS
			      : INT64_MAX;
}

enum status
store_do(struct store *s, struct account *acct, const struct change *c,
    struct arena *a, struct changed *out)
{
	struct waiter w = {.arena = a, .out = out};

	store_queue(s, acct, c, 0, &w);
	while (!w.done)
		turn_step(acct, true);
	account_assert_idle(acct);
	return w.st;
}

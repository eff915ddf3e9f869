/*
 * For x_test.c files of store/ only: a store in a folder of its own, under a
 * clock that the test moves and a generator that repeats itself.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/test.h"
#include "store/incoming.h"
#include "store/past.h"
#include "store/store_int.h"

struct fixture {
	char root[64];
	int64_t wall, mono;
	uint64_t seed;
	struct clock clock;
	struct random random;
	struct store_config cfg;
	struct store *store;
	struct account *a;
	struct arena arena;
	struct changed done; /* of the last fixture_do() */
	/* What the host was told. */
	size_t n_answers, n_commits;
	uint64_t last_ask;
	enum status last_status;
	/* Syncs that are held: answered by fixture_sync(). */
	bool hold;
	uint64_t tokens[64];
	size_t n_tokens;
};

static const struct viewer fixture_viewer UNUSED = {
    STR_INIT("anna@example.org"), RIGHT_ALL};

static inline int64_t
fixture_wall(void *ctx)
{
	return ((struct fixture *)ctx)->wall;
}

static inline int64_t
fixture_mono(void *ctx)
{
	return ((struct fixture *)ctx)->mono;
}

static inline uint64_t
fixture_next(struct fixture *f)
{
	uint64_t z = f->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void
fixture_fill(void *ctx, void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)p)[i] = (unsigned char)fixture_next(ctx);
}

static inline void
fixture_answered(
    void *ctx, uint64_t ask, enum status st, const struct changed *c)
{
	struct fixture *f = ctx;

	f->n_answers++;
	f->last_ask = ask;
	f->last_status = st;
	if (c)
		f->done.modseq = c->modseq;
}

static inline void
fixture_committed(void *ctx, struct account *a UNUSED, uint64_t modseq UNUSED)
{
	((struct fixture *)ctx)->n_commits++;
}

static inline void
fixture_held(void *ctx, int fd, uint64_t token)
{
	struct fixture *f = ctx;

	close(fd);
	assert_true(f->n_tokens < ARRAY_LEN(f->tokens));
	f->tokens[f->n_tokens++] = token;
}

/* The oldest held sync is done. */
static inline void
fixture_sync(struct fixture *f, int error)
{
	uint64_t token = f->tokens[0];

	assert_true(f->n_tokens > 0);
	memmove(f->tokens, f->tokens + 1, --f->n_tokens * sizeof(f->tokens[0]));
	store_synced(f->store, token, error);
}

static inline void
fixture_run(struct fixture *f)
{
	while (store_run(f->store))
		;
}

static inline void
fixture_open(struct fixture *f)
{
	f->cfg.host.sync = f->hold ? fixture_held : NULL;
	assert_ok(store_open(&f->cfg, &f->store));
}

static inline void
fixture_account(struct fixture *f)
{
	assert_ok(store_account(f->store, S("anna"), &f->a));
}

static inline void
fixture_close(struct fixture *f)
{
	account_unref(&f->a);
	store_close(&f->store);
}

static inline void
fixture_reopen(struct fixture *f)
{
	fixture_close(f);
	fixture_open(f);
	fixture_account(f);
}

static inline void
fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	/* In memory where that is possible: syncs are counted, not waited for. */
	snprintf(f->root, sizeof(f->root), "%s/mailstead-store-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(f->root));
	f->wall = INT64_C(1790000000000);
	f->mono = 1000;
	f->seed = 1;
	f->clock = (struct clock){fixture_wall, fixture_mono, f};
	f->random = (struct random){fixture_fill, f};
	f->cfg = (struct store_config){
	    .root = str_from(f->root),
	    .clock = &f->clock,
	    .random = &f->random,
	    .host = {f, NULL, fixture_answered, fixture_committed},
	    .epoch = 1,
	    .max_open = 4,
	};
	fixture_open(f);
	assert_ok(store_create_account(f->store, S("anna"), NULL));
	fixture_account(f);
}

static inline int
fixture_unlink(const char *path, const struct stat *sb UNUSED, int flag UNUSED,
    struct FTW *ftw UNUSED)
{
	return remove(path);
}

static inline void
fixture_release(struct fixture *f)
{
	if (f->store)
		fixture_close(f);
	arena_release(&f->arena);
	nftw(f->root, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline enum status
fixture_do(struct fixture *f, const struct change *c)
{
	memset(&f->done, 0, sizeof(f->done));
	return store_do(f->store, f->a, c, &f->arena, &f->done);
}

static inline struct incoming *
fixture_message(const char *text)
{
	struct incoming *in = incoming_new(-1, 100000);

	assert_ok(incoming_write(in, str_from(text)));
	assert_ok(incoming_finish(in));
	return in;
}

static inline const struct mailbox *
fixture_box(struct fixture *f, const char *name)
{
	const struct mailbox *m;

	assert_ok(mailbox_find(f->a, NULL, str_from(name), &m));
	return m;
}

/* One message into a mailbox; the uid it got. */
static inline uint32_t
fixture_append(struct fixture *f, const char *name, const char *text,
    unsigned bits, const char *keyword)
{
	struct incoming *in = fixture_message(text);
	struct str k = str_from(keyword);
	struct flags flags = {bits, &k, k.n > 0};
	struct change c = {
	    .kind = CHANGE_APPEND,
	    .mailbox = fixture_box(f, name)->id,
	    .messages = &in,
	    .n_messages = 1,
	};

	incoming_set_flags(in, &flags);
	assert_ok(fixture_do(f, &c));
	incoming_free(&in);
	assert_int_equal(f->done.to.n_ranges, 1);
	return f->done.to.ranges[0].first;
}

static inline enum status
fixture_folder(
    struct fixture *f, enum change_kind kind, const char *name, const char *to)
{
	struct change c = {.kind = kind, .name = str_from(to ? to : name)};
	const struct mailbox *m;

	if (kind != CHANGE_CREATE && kind != CHANGE_SUBSCRIBE) {
		if (mailbox_find(f->a, NULL, str_from(name), &m) != ST_OK)
			return ST_NOT_FOUND;
		c.mailbox = m->id;
	}
	return fixture_do(f, &c);
}

static inline enum status
fixture_uids(struct fixture *f, enum change_kind kind, const char *from,
    const char *to, uint32_t first, uint32_t last)
{
	struct change c = {
	    .kind = kind, .mailbox = fixture_box(f, from)->id, .forced = true};
	enum status st;

	if (to)
		c.target = fixture_box(f, to)->id;
	uidset_add(&c.uids, first, last);
	st = fixture_do(f, &c);
	uidset_release(&c.uids);
	return st;
}

static inline enum status
fixture_flags(struct fixture *f, const char *name, enum flags_op op,
    unsigned bits, uint32_t first, uint32_t last)
{
	struct change c = {
	    .kind = CHANGE_FLAGS,
	    .mailbox = fixture_box(f, name)->id,
	    .op = op,
	    .flags = {.bits = bits},
	};
	enum status st;

	uidset_add(&c.uids, first, last);
	st = fixture_do(f, &c);
	uidset_release(&c.uids);
	return st;
}

/* "1:\Seen 3:" of what a mailbox shows now. */
static inline struct str
fixture_show(struct fixture *f, const char *name)
{
	struct view *v;
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 20);
	assert_ok(
	    view_open(f->a, &fixture_viewer, fixture_box(f, name)->id, &v));
	for (uint32_t msn = 1; msn <= view_count(v); msn++) {
		struct entry e;

		view_entry(v, msn, &e);
		buf_addf(&b, "%s%u:" STR_FMT, msn > 1 ? " " : "", e.uid,
		    STR_ARG(account_flagset(f->a, e.flagset)->text));
	}
	view_close(&v);
	s = arena_str(&f->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static inline struct str
fixture_names(struct fixture *f)
{
	size_t n;
	const struct mailbox *m = account_mailboxes(f->a, NULL, &n);
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s" STR_FMT "%s", i ? " " : "",
		    STR_ARG(m[i].name), m[i].selectable ? "" : "!");
	s = arena_str(&f->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

#endif

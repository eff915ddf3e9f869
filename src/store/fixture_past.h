/* For x_test.c files of store/: what is brought back, and what is undone. */
#ifndef STORE_FIXTURE_PAST_H
#define STORE_FIXTURE_PAST_H

#include "store/fixture.h"
#include "store/restore.h"

static inline uint64_t
fixture_now(struct fixture *f)
{
	struct account_usage u;

	account_usage(f->a, &u);
	return u.modseq;
}

static inline void
fixture_fill_folder(struct fixture *f, const char *name)
{
	assert_ok(fixture_folder(f, CHANGE_CREATE, name, NULL));
	fixture_append(f, name, "Subject: 1\r\n\r\none", FLAG_SEEN, "");
	fixture_append(f, name, "Subject: 2\r\n\r\ntwo", 0, "$Work");
	fixture_append(f, name, "Subject: 3\r\n\r\nthree", FLAG_FLAGGED, "");
}

/* A second time nothing changes (S32). */
static inline void
fixture_settled(struct fixture *f, const struct change *c)
{
	uint64_t before = fixture_now(f);

	assert_ok(fixture_do(f, c));
	assert_int_equal(f->done.modseq, 0);
	assert_int_equal(f->done.more, false);
	assert_int_equal(fixture_now(f), before);
}

static inline enum status
fixture_restore(struct fixture *f, const char *name, uint64_t at)
{
	struct change c = {
	    .kind = CHANGE_RESTORE, .name = str_from(name), .at = at};

	return fixture_do(f, &c);
}

static inline void
fixture_restored(struct fixture *f, const char *name, uint64_t at)
{
	const struct change c = {
	    .kind = CHANGE_RESTORE, .name = str_from(name), .at = at};

	fixture_settled(f, &c);
}

static inline enum status
fixture_undo(struct fixture *f, uint64_t first, uint64_t last)
{
	struct change c = {.kind = CHANGE_UNDO, .first = first, .last = last};

	return fixture_do(f, &c);
}

#endif

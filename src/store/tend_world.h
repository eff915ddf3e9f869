/* For the tests of compaction: messages in packs, and what is left of them. */
#ifndef STORE_TEND_WORLD_H
#define STORE_TEND_WORLD_H

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/fixture_tend.h"
#include "store/lease.h"
#include "store/message.h"
#include "store/proof.h"
#include "store/tender_int.h"

#define DAY INT64_C(86400000)

enum { MESSAGES = 24, TEXT = 3000 };

struct world {
	struct fixture f;
	struct timeline times;
	size_t text;    /* bytes of each message */
	uint64_t small; /* keeps of that size are merged */
	uint64_t ids[MESSAGES];
	bool alive[MESSAGES];
};

/* Digits that do not shrink much, and tell which message it is. */
static inline struct str
text_of(struct world *w, unsigned i)
{
	struct buf b;
	struct str s;
	uint64_t z = i;

	buf_init(&b, 2 * w->text);
	buf_addf(&b, "Subject: message %u\r\n\r\n", i);
	while (b.n < w->text) {
		z = z * 6364136223846793005u + 1442695040888963407u;
		buf_addf(&b, "%llu ", (unsigned long long)(z >> 20));
	}
	s = arena_str(&w->f.arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static inline void
append_all(struct world *w)
{
	struct view *v;

	for (unsigned i = 0; i < MESSAGES; i++) {
		struct str s = text_of(w, i);

		fixture_append(&w->f, "INBOX", s.p, 0, "");
		w->alive[i] = true;
	}
	assert_ok(view_open(
	    w->f.a, &fixture_viewer, fixture_box(&w->f, "INBOX")->id, &v));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct entry e;

		view_entry(v, i + 1, &e);
		w->ids[i] = e.message;
	}
	view_close(&v);
}

static inline void
lose(struct world *w, uint32_t first, uint32_t last)
{
	assert_ok(
	    fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL, first, last));
	for (uint32_t i = first; i <= last; i++)
		w->alive[i - 1] = false;
}

/* Packs of five messages, half of the messages lost eight days ago. */
static inline void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->text = TEXT;
	w->small = 1;
	fixture_init(&w->f);
	w->f.store->pack_max = 4000;
	fixture_pass(&w->f, &w->times, DAY);
	append_all(w);
	assert_true(w->f.a->pack->no > 4);
	lose(w, 2, 8);
	lose(w, 12, 13);
	lose(w, 20, 20);
	fixture_pass(&w->f, &w->times, 8 * DAY);
	assert_ok(fixture_flags(&w->f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 1));
}

static inline void
is_wrong(void *ctx UNUSED, struct str where UNUSED, struct str what)
{
	fail_msg(STR_FMT, STR_ARG(what));
}

/* What `mailstead check` says of it. */
static inline void
check_sound(struct world *w)
{
	struct proof_host host = {.found = is_wrong};
	struct proof_result r = {0};

	assert_ok(proof_account(w->f.root, S("anna"), &host, &r));
	assert_true(r.messages > 0);
}

static inline void
check_all(struct world *w)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct str want = text_of(w, i);
		struct message m;
		struct buf b;

		if (!w->alive[i]) {
			assert_int_equal(
			    message_get(w->f.a, w->ids[i], &m), ST_NOT_FOUND);
			continue;
		}
		buf_init(&b, 2 * w->text);
		assert_ok(message_read(w->f.a, w->ids[i], 0, 2 * w->text, &b));
		assert_true(str_eq(buf_str(&b), want));
		buf_release(&b);
	}
}

static inline bool
has(struct world *w, const char *name)
{
	return faccessat(w->f.a->dir_fd, name, F_OK, 0) == 0;
}

static inline struct tender_config
config(struct world *w)
{
	struct tender_config cfg = fixture_tender(&w->f, &w->times, 7 * DAY);

	cfg.dead_min = 1;
	cfg.small = w->small;
	return cfg;
}

static inline struct tender_report
tend(struct world *w)
{
	struct tender_config cfg = config(w);

	return fixture_tend_with(&w->f, &cfg);
}

#endif

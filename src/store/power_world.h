/*
 * For power*_test.c only: what the account must hold, kept by a model so
 * simple that it can be believed, and the operations on both.
 */
#ifndef STORE_POWER_WORLD_H
#define STORE_POWER_WORLD_H

/* The disk's functions stand in front of libc's only when not fortified. */
#undef _FORTIFY_SOURCE

#include <fcntl.h>

#include "store/fixture.h"

enum world_kind {
	WORLD_DELIVER, /* into INBOX */
	WORLD_APPEND2, /* two messages in one change, into `box` */
	WORLD_FLAGS,   /* +\Flagged */
	WORLD_MOVE,
	WORLD_COPY,
	WORLD_EXPUNGE,
	WORLD_CREATE,
	WORLD_RENAME,
	WORLD_DELETE,
	WORLD_RESTORE, /* what was deleted last comes back, the same */
	WORLD_UNDO,    /* the last expunge is undone */
	WORLD_SECOND,  /* passes: flags go to the disk */
};

struct world_op {
	enum world_kind kind;
	const char *box, *to;
	uint32_t uid;
	int text; /* the first message's number */
};

/* Is all before it on the disk when it is answered? */
static inline bool
world_is_durable(const struct world_op *op)
{
	return op->kind >= WORLD_MOVE;
}

/* Does it come back from the packs alone? */
static inline bool
world_is_replayed(const struct world_op *op)
{
	return op->kind <= WORLD_APPEND2 || op->kind == WORLD_CREATE;
}

enum { WORLD_BOXES = 16, WORLD_MESSAGES = 32, WORLD_BIG = 7 };

struct world_box {
	char name[32]; /* "": none */
	uint32_t uidnext;
	size_t n;
	struct {
		uint32_t uid;
		int text;
		bool flagged;
	} m[WORLD_MESSAGES];
};

struct world {
	struct world_box boxes[WORLD_BOXES];
	struct world_box dead, expunged; /* the last, with one message */
};

static inline struct world_box *
world_box(struct world *w, const char *name)
{
	for (size_t i = 0; i < WORLD_BOXES; i++)
		if (strcmp(w->boxes[i].name, name) == 0)
			return &w->boxes[i];
	return NULL;
}

static inline void
world_name(struct world_box *b, const char *name)
{
	ASSERT(name && strlen(name) < sizeof(b->name));
	memcpy(b->name, name, strlen(name) + 1);
}

static inline void
world_new_box(struct world *w, const char *name)
{
	struct world_box *b = world_box(w, "");

	*b = (struct world_box){.uidnext = 1};
	world_name(b, name);
}

static inline void
world_init(struct world *w)
{
	static const char *const names[] = {
	    "INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"};

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		world_new_box(w, names[i]);
}

static inline void
world_add(struct world_box *b, int text, bool flagged)
{
	ASSERT(b->n < WORLD_MESSAGES);
	b->m[b->n].uid = b->uidnext++;
	b->m[b->n].text = text;
	b->m[b->n++].flagged = flagged;
}

static inline void
world_remove(struct world_box *b, size_t i)
{
	memmove(&b->m[i], &b->m[i + 1], (--b->n - i) * sizeof(b->m[0]));
}

static inline void
world_apply(struct world *w, const struct world_op *op)
{
	struct world_box *b = op->box ? world_box(w, op->box) : NULL;
	size_t i = 0;

	while (b && op->uid && i < b->n && b->m[i].uid != op->uid)
		i++;
	switch (op->kind) {
	case WORLD_DELIVER:
		world_add(world_box(w, "INBOX"), op->text, false);
		break;
	case WORLD_APPEND2:
		world_add(b, op->text, false);
		world_add(b, op->text + 1, false);
		break;
	case WORLD_FLAGS:
		b->m[i].flagged = true;
		break;
	case WORLD_MOVE:
		world_add(world_box(w, op->to), b->m[i].text, b->m[i].flagged);
		world_remove(b, i);
		break;
	case WORLD_COPY:
		world_add(world_box(w, op->to), b->m[i].text, b->m[i].flagged);
		break;
	case WORLD_EXPUNGE:
		w->expunged.m[0] = b->m[i];
		world_remove(b, i);
		break;
	case WORLD_CREATE:
		world_new_box(w, op->to);
		break;
	case WORLD_RENAME:
		world_name(b, op->to);
		break;
	case WORLD_DELETE:
		w->dead = *b;
		b->name[0] = '\0';
		break;
	case WORLD_RESTORE:
		*world_box(w, "") = w->dead;
		break;
	case WORLD_UNDO:
		world_add(b, w->expunged.m[0].text, w->expunged.m[0].flagged);
		break;
	case WORLD_SECOND:
		break;
	}
}

static inline int
world_by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "INBOX[1:m4 2:m5!] Work[]": names sorted, ! is \Flagged. */
static inline void
world_show(const struct world *w, struct buf *out)
{
	const char *names[WORLD_BOXES];
	size_t n = 0;

	for (size_t i = 0; i < WORLD_BOXES; i++)
		if (w->boxes[i].name[0])
			names[n++] = w->boxes[i].name;
	qsort(names, n, sizeof(*names), world_by_name);
	for (size_t i = 0; i < n; i++) {
		const struct world_box *b =
		    world_box((struct world *)(uintptr_t)w, names[i]);

		ASSERT(b);
		buf_addf(out, " %s[", b->name);
		for (size_t k = 0; k < b->n; k++)
			buf_addf(out, " %u:m%d%s", b->m[k].uid, b->m[k].text,
			    b->m[k].flagged ? "!" : "");
		buf_addc(out, ']');
	}
}

/* Message number n, always the same; WORLD_BIG fills three frames. */
static inline void
world_text(int n, struct buf *out)
{
	uint32_t x = (uint32_t)n;

	buf_addf(out, "Subject: m%d\r\nFrom: a@example.org\r\n\r\n", n);
	for (int i = 0; i < (n == WORLD_BIG ? 500000 : 300); i++) {
		x = x * 1103515245 + 12345;
		buf_addc(out, (char)('a' + (x >> 20) % 26));
	}
}

static inline struct incoming *
world_message(const struct fixture *f, int n)
{
	int fd = open(f->root, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct incoming *in = incoming_new(fd, 1 << 20);
	struct buf b;

	buf_init(&b, 1 << 20);
	world_text(n, &b);
	assert_ok(incoming_write(in, buf_str(&b)));
	assert_ok(incoming_finish(in));
	buf_release(&b);
	return in;
}

static inline enum status
world_arrive(struct fixture *f, const struct world_op *op)
{
	size_t n = op->kind == WORLD_DELIVER ? 1 : 2;
	struct incoming *in[2] = {NULL};
	struct change c = {.kind = CHANGE_DELIVER, .messages = in};
	enum status st;

	for (size_t i = 0; i < n; i++)
		in[i] = world_message(f, op->text + (int)i);
	c.n_messages = n;
	if (op->kind == WORLD_APPEND2) {
		c.kind = CHANGE_APPEND;
		c.mailbox = fixture_box(f, op->box)->id;
	}
	st = fixture_do(f, &c);
	for (size_t i = 0; i < n; i++)
		incoming_free(&in[i]);
	return st;
}

/* The newest change of that kind. */
static inline uint64_t
world_find(struct fixture *f, enum change_kind kind)
{
	struct past_event *events;
	size_t n;

	assert_ok(past_events(f->a, 0, 1000, &f->arena, &events, &n));
	while (n-- > 0)
		if (events[n].kind == kind)
			return events[n].modseq;
	fail();
	return 0;
}

static inline enum status
world_bring_back(struct fixture *f, const struct world_op *op)
{
	struct change c = {.kind = CHANGE_UNDO};

	if (op->kind == WORLD_RESTORE) {
		c.kind = CHANGE_RESTORE;
		c.name = str_from(op->box);
		c.at = world_find(f, CHANGE_DELETE) - 1;
	} else {
		c.first = c.last = world_find(f, CHANGE_EXPUNGE);
	}
	return fixture_do(f, &c);
}

static inline enum status
world_do(struct fixture *f, const struct world_op *op)
{
	uint32_t uid = op->uid;

	switch (op->kind) {
	case WORLD_DELIVER:
	case WORLD_APPEND2:
		return world_arrive(f, op);
	case WORLD_FLAGS:
		return fixture_flags(
		    f, op->box, FLAGS_ADD, FLAG_FLAGGED, uid, uid);
	case WORLD_MOVE:
		return fixture_uids(f, CHANGE_MOVE, op->box, op->to, uid, uid);
	case WORLD_COPY:
		return fixture_uids(f, CHANGE_COPY, op->box, op->to, uid, uid);
	case WORLD_EXPUNGE:
		return fixture_uids(f, CHANGE_EXPUNGE, op->box, NULL, uid, uid);
	case WORLD_CREATE:
		return fixture_folder(f, CHANGE_CREATE, op->to, NULL);
	case WORLD_RENAME:
		return fixture_folder(f, CHANGE_RENAME, op->box, op->to);
	case WORLD_DELETE:
		return fixture_folder(f, CHANGE_DELETE, op->box, NULL);
	case WORLD_RESTORE:
	case WORLD_UNDO:
		return world_bring_back(f, op);
	case WORLD_SECOND:
		f->mono += 2000;
		fixture_run(f);
		break;
	}
	return f->a->broken ? ST_IO : ST_OK;
}

static inline void
world_show_message(struct fixture *f, uint64_t id, struct buf *out)
{
	struct buf got, want;
	struct message m;
	int n = -1;

	buf_init(&got, 1 << 20);
	buf_init(&want, 1 << 20);
	assert_ok(message_get(f->a, id, &m));
	assert_ok(message_read(f->a, id, 0, UINT64_MAX, &got));
	assert_int_equal(got.n, m.size);
	assert_int_equal(sscanf(got.p, "Subject: m%d", &n), 1);
	world_text(n, &want);
	assert_true(str_eq(buf_str(&got), buf_str(&want)));
	buf_addf(out, "m%d", n);
	buf_release(&got);
	buf_release(&want);
}

/* The same of the store: every byte of every message is looked at. */
static inline void
world_show_store(struct fixture *f, struct buf *out)
{
	size_t n;
	const struct mailbox *m = account_mailboxes(f->a, NULL, &n);
	const char *names[WORLD_BOXES];

	assert_true(n <= WORLD_BOXES);
	for (size_t i = 0; i < n; i++)
		names[i] = arena_z(&f->arena, m[i].name);
	qsort(names, n, sizeof(*names), world_by_name);
	for (size_t i = 0; i < n; i++) {
		struct view *v;
		struct entry e;

		assert_ok(view_open(
		    f->a, &fixture_viewer, fixture_box(f, names[i])->id, &v));
		buf_addf(out, " %s[", names[i]);
		for (uint32_t msn = 1; msn <= view_count(v); msn++) {
			view_entry(v, msn, &e);
			buf_addf(out, " %u:", e.uid);
			world_show_message(f, e.message, out);
			if (account_flagset(f->a, e.flagset)->flags.bits &
			    FLAG_FLAGGED)
				buf_addc(out, '!');
		}
		buf_addc(out, ']');
		view_close(&v);
	}
}

#endif

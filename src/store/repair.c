#include "store/repair.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "mime/summary.h"
#include "store/columns.h"
#include "store/message.h"
#include "store/pack.h"
#include "store/recover_int.h"
#include "store/repair_int.h"
#include "store/snapshot.h"
#include "store/store_int.h"
#include "store/text_index.h"
#include "store/text_indexer.h"

static const struct origin repair_origin = {
    .person = STR_INIT("operator"),
    .credential = STR_INIT(""),
    .protocol = STR_INIT("repair"),
    .client = STR_INIT(""),
    .peer = STR_INIT(""),
};

static void
say(void (*fn)(void *, struct str), void *ctx, const char *fmt, va_list ap)
{
	struct buf b;

	buf_init(&b, 8192);
	buf_vaddf(&b, fmt, ap);
	fn(ctx, buf_str(&b));
	buf_release(&b);
}

void
repair_did(struct repair *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r->host->did, r->host->ctx, fmt, ap);
	va_end(ap);
}

void
repair_lost(struct repair *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r->host->lost, r->host->ctx, fmt, ap);
	va_end(ap);
}

/* --- the database as a whole --- */

/* Can SQLite read all of it, and is it ours? A newer one is not judged. */
static enum status
is_sound(const char *dir)
{
	struct snapshot_row row;
	struct snapshot *s;
	struct buf path, found;
	enum status st;

	buf_init(&path, 4096);
	buf_init(&found, 8192);
	buf_addf(&path, "%s/mail.db", dir);
	st = snapshot_open(path.p, false, &s);
	if (st == ST_OK) {
		st = snapshot_check(s, &found);
		if (st == ST_OK)
			st = snapshot_row(s, &row);
		snapshot_close(&s);
	}
	buf_release(&path);
	buf_release(&found);
	return st;
}

/* Set aside under a name that SQLite finds its WAL by. */
static enum status
set_aside(const char *dir, const char *name)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	enum status st = ST_OK;

	for (size_t i = 0; i < ARRAY_LEN(ends) && st == ST_OK; i++) {
		struct buf from, to;

		buf_init(&from, 4096);
		buf_init(&to, 4096);
		buf_addf(&from, "%s/mail.db%s", dir, ends[i]);
		buf_addf(&to, "%s/%s%s", dir, name, ends[i]);
		if (rename(from.p, to.p) != 0 && errno != ENOENT)
			st = file_errno();
		buf_release(&from);
		buf_release(&to);
	}
	return st;
}

/* The name of the old database: it is not taken over from yet. */
static enum status
note_old(const char *dir, const char *old)
{
	size_t n = strlen(old);
	struct buf path;
	bool ok;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/%s", dir, SALVAGING_MARK);
	fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	ok = fd >= 0 && write(fd, old, n) == (ssize_t)n && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	return ok ? ST_OK : ST_IO;
}

/* A repair that was killed goes on here. */
static enum status
take_over(struct repair *r)
{
	char old[64] = "";
	int fd = account_open_file(r->a, SALVAGING_MARK, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, old, sizeof(old) - 1);
	enum status st = ST_CORRUPT;

	if (fd < 0)
		return ST_OK;
	close(fd);
	if (n > 0 && !strchr(old, '/'))
		st = db_salvage(r, old);
	/* The mark stays: it is done when there is room. */
	if (st == ST_NO_SPACE)
		return st;
	/* Packs alone know less: but what they know is in place by now. */
	if (st != ST_OK)
		repair_lost(r,
		    "nothing of the old mail.db could be read: messages are "
		    "where they arrived, with the flags of then, also such as "
		    "had been expunged; and the history before this repair");
	return unlinkat(r->a->dir_fd, SALVAGING_MARK, 0) == 0 ? ST_OK : ST_IO;
}

static enum status
rebuild(struct repair *r, const char *dir, struct str id)
{
	char old[64];
	enum status st;

	(void)snprintf(old, sizeof(old), "lost-%lld-mail.db",
	    (long long)clock_wall(r->s->cfg.clock));
	if ((st = note_old(dir, old)) != ST_OK ||
	    (st = set_aside(dir, old)) != ST_OK ||
	    (st = store_account(r->s, id, &r->a)) != ST_OK)
		return st;
	repair_did(
	    r, "mail.db was rebuilt from the packs; the old one is %s", old);
	return ST_OK;
}

/* --- bytes --- */

/* An entry of a message whose bytes are damaged. */
struct bad {
	uint64_t mailbox, message;
	uint32_t uid;
};

struct bad_list {
	struct bad *list;
	size_t n_list, cap_list;
	uint64_t *messages;
	size_t n_messages, cap_messages;
};

static void
name_message(struct repair *r, struct str mailbox, uint32_t uid, uint64_t id)
{
	struct arena arena = ARENA_INIT;
	struct str text;
	struct summary s = {0};

	if (message_summary(r->a, id, &arena, &text) == ST_OK)
		(void)(summary_decode(text, &arena, &s) == ST_OK);
	repair_lost(r,
	    "the bytes of uid %u in " STR_FMT ": \"" STR_FMT "\" from " STR_FMT,
	    uid, STR_ARG(mailbox), STR_ARG(s.base_subject), STR_ARG(s.from));
	arena_release(&arena);
}

static bool
readable(struct account *a, uint64_t id, struct place place)
{
	struct pack_checked c;

	return a->pack && pack_verify(a->pack, place, &c) == ST_OK &&
	    c.kind == PACK_MESSAGE && c.id == id;
}

struct search {
	struct repair *r;
	struct bad_list *found;
	uint64_t message;
};

static void
note_bad(void *ctx, const struct message_row *m)
{
	struct search *s = ctx;

	if (!readable(s->r->a, m->pub.id, m->place))
		*VEC_ADD(s->found, messages) = m->pub.id;
}

static void
note_entry(void *ctx, uint64_t mailbox, uint32_t uid, struct str name)
{
	struct search *s = ctx;

	*VEC_ADD(s->found, list) = (struct bad){mailbox, s->message, uid};
	name_message(s->r, name, uid, s->message);
}

/* By a change like any other, so that every client learns of it. */
static enum status
expunge(struct repair *r, const struct bad *b)
{
	struct arena arena = ARENA_INIT;
	struct changed changed;
	struct change c = {
	    .kind = CHANGE_EXPUNGE,
	    .origin = &repair_origin,
	    .mailbox = b->mailbox,
	    .forced = true,
	};
	enum status st;

	uidset_add(&c.uids, b->uid, b->uid);
	st = store_do(r->s, r->a, &c, &arena, &changed);
	uidset_release(&c.uids);
	arena_release(&arena);
	return st;
}

static enum status
forget(struct repair *r, const struct bad_list *l)
{
	enum status st = db_begin(r->a);

	for (size_t i = 0; i < l->n_messages && st == ST_OK; i++)
		st = db_drop_message(r->a, l->messages[i]);
	if (st == ST_OK)
		st = db_recount(r->a);
	return db_finish(r->a, st);
}

/* S3: rows speak of bytes behind the end; from now on they end there. */
static enum status
end_at_pack(struct repair *r)
{
	enum status st = db_set_applied(r->a, pack_end(r->a->pack));

	if (st == ST_OK)
		repair_did(r, "the account takes changes again");
	return st;
}

/* What is in memory is of before. */
static enum status
reopen(struct repair *r, struct str id)
{
	r->a->broken = true;
	if (db_checkpoint(r->a) != ST_OK)
		return ST_IO;
	account_unref(&r->a);
	return store_account(r->s, id, &r->a);
}

/* Compaction leaves a damaged pack alone until somebody has looked. */
static void
forget_marks(struct account *a)
{
	int fd = account_open_file(a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (str_starts(str_from(e->d_name), S("damaged-")))
			(void)unlinkat(a->dir_fd, e->d_name, 0);
	if (dir)
		closedir(dir);
}

static enum status
mend_bytes(struct repair *r)
{
	struct bad_list bad = {0};
	struct search s = {r, &bad, 0};
	enum status st = db_places(r->a, note_bad, &s);

	for (size_t i = 0; i < bad.n_messages && st == ST_OK; i++) {
		s.message = bad.messages[i];
		st = db_shown(r->a, s.message, note_entry, &s);
	}
	for (size_t i = 0; i < bad.n_list && st == ST_OK; i++)
		st = expunge(r, &bad.list[i]);
	if (st == ST_OK && bad.n_messages)
		st = forget(r, &bad);
	if (st == ST_OK)
		forget_marks(r->a);
	free(bad.list);
	free(bad.messages);
	return st;
}

/* It is derived, so nothing of it is worth keeping. */
static enum status
mend_text_index(struct repair *r, struct str id)
{
	const struct text_indexer_config cfg = {
	    .root = r->s->cfg.root,
	    .account = id,
	    .clock = r->s->cfg.clock,
	    .random = r->s->cfg.random,
	};
	struct text_proof proof;
	enum status st = text_index_verify(r->a, &proof);
	uint64_t messages = 0;

	if (st == ST_OK || st == ST_NOT_FOUND)
		return ST_OK;
	if ((st = text_index_drop(r->a)) == ST_OK)
		st = text_indexer_run(&cfg, &messages);
	if (st == ST_OK)
		repair_did(r, "the text index was made anew, of %llu messages",
		    (unsigned long long)messages);
	return st;
}

static enum status
mend(struct repair *r, struct str id)
{
	enum status st;

	st = take_over(r);
	if (st == ST_OK && r->a->damaged && r->a->pack)
		st = end_at_pack(r);
	if (st == ST_OK)
		st = db_mend(r);
	if (st == ST_OK)
		st = reopen(r, id);
	if (st == ST_OK && (st = mend_bytes(r)) == ST_OK)
		st = reopen(r, id);
	return st == ST_OK ? mend_text_index(r, id) : st;
}

enum status
repair_account(struct store *s, struct str id, const struct repair_host *host)
{
	struct repair r = {.host = host, .s = s};
	struct buf dir;
	enum status st;

	if (!store_good_id(id))
		return ST_NOT_FOUND;
	buf_init(&dir, 4096);
	buf_addf(&dir, STR_FMT "/accounts/" STR_FMT "/" STR_FMT,
	    STR_ARG(s->cfg.root), STR_ARG(str_first(id, 2)), STR_ARG(id));
	st = is_sound(dir.p);
	if (st == ST_CORRUPT || st == ST_IO)
		st = rebuild(&r, dir.p, id);
	else if (st == ST_OK || st == ST_NOT_FOUND)
		st = store_account(s, id, &r.a);
	if (st == ST_OK)
		st = mend(&r, id);
	account_unref(&r.a);
	buf_release(&dir);
	return st;
}

/* One account that is open to be looked at. */
#include "store/proof.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/db_int.h"
#include "store/flagset.h"
#include "store/pack.h"
#include "store/proof_int.h"
#include "store/recover_int.h"
#include "store/snapshot.h"
#include "store/store_int.h"

enum { FOUND_MOST = 1000 }; /* of one account: then it is one sentence */

void
proof_found(struct proof *p, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	p->result->found++;
	buf_init(&b, 8192);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	p->host->found(p->host->ctx, p->where, buf_str(&b));
	buf_release(&b);
}

void
proof_step(struct proof *p, uint64_t bytes)
{
	p->bytes += bytes;
	if (p->host->progress)
		p->host->progress(p->host->ctx, p->bytes, p->all);
}

/* --- the database by itself --- */

static void
check_database(struct proof *p, struct account *a)
{
	sqlite3_stmt *q = NULL;
	int n = 0;

	if (sqlite3_prepare_v2(a->db, "PRAGMA integrity_check(20)", -1, &q,
		NULL) != SQLITE_OK) {
		proof_found(p, "mail.db: %s", sqlite3_errmsg(a->db));
		return;
	}
	while (sqlite3_step(q) == SQLITE_ROW && n++ < 20) {
		struct str line = db_column(q, 0);

		if (!str_eq(line, S("ok")))
			proof_found(p, "mail.db: " STR_FMT, STR_ARG(line));
	}
	if (n == 0)
		proof_found(p, "mail.db: %s", sqlite3_errmsg(a->db));
	sqlite3_finalize(q);
}

/* Rows that no other row explains: each query gives what is wrong as text. */
static void
check_rows(struct proof *p, struct account *a)
{
	static const char *const queries[] = {
	    "SELECT 'an entry without its message: uid '||e.uid||' in '||"
	    "coalesce(b.name,b.last_name,e.mailbox) FROM entry e"
	    " LEFT JOIN message m ON m.id=e.message"
	    " LEFT JOIN mailbox b ON b.id=e.mailbox WHERE m.id IS NULL",
	    "SELECT 'an entry without its mailbox: uid '||uid||' in '||mailbox"
	    " FROM entry WHERE mailbox NOT IN"
	    " (SELECT id FROM mailbox WHERE name IS NOT NULL)",
	    "SELECT 'an entry without its flags: uid '||uid||' in mailbox '||"
	    "mailbox FROM entry WHERE flagset<>1 AND flagset NOT IN"
	    " (SELECT id FROM flagset)",
	    "SELECT 'a uid that may be given again: '||max(e.uid)||' in '||"
	    "b.name FROM entry e JOIN mailbox b ON b.id=e.mailbox"
	    " GROUP BY b.id HAVING max(e.uid)>=b.uidnext",
	    "SELECT 'a message that is shown '||count(*)||' times and counts '"
	    "||coalesce(s.n,1)||' times: '||e.message FROM entry e"
	    " LEFT JOIN shared s ON s.message=e.message"
	    " GROUP BY e.message HAVING count(*)<>coalesce(s.n,1)",
	    "SELECT 'a modseq from the future: '||max(e.modseq) FROM entry e,"
	    " account a HAVING max(e.modseq)>a.modseq",
	    "SELECT 'message ids will be given again: '||max(m.id)"
	    " FROM message m, account a HAVING max(m.id)>=a.next_id",
	};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		sqlite3_stmt *q = NULL;
		int n = 0;

		if (sqlite3_prepare_v2(a->db, queries[i], -1, &q, NULL) !=
		    SQLITE_OK)
			proof_found(p, "mail.db: %s", sqlite3_errmsg(a->db));
		while (q && sqlite3_step(q) == SQLITE_ROW && n++ < FOUND_MOST)
			proof_found(p, STR_FMT, STR_ARG(db_column(q, 0)));
		sqlite3_finalize(q);
	}
}

/* --- counts --- */

struct counts {
	uint64_t mailbox, messages, unseen, deleted, size, deleted_size;
};

static void
compare(struct proof *p, struct str name, const char *what, uint64_t row,
    uint64_t counted)
{
	if (row != counted)
		proof_found(p, "%s of " STR_FMT ": %llu, counted %llu", what,
		    STR_ARG(name), (unsigned long long)row,
		    (unsigned long long)counted);
}

static void
count_box(struct account *a, struct counts *c)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(a->db,
		"SELECT flagset,count(*),sum(size) FROM entry WHERE mailbox=?"
		" GROUP BY flagset",
		-1, &q, NULL) != SQLITE_OK)
		return;
	sqlite3_bind_int64(q, 1, (int64_t)c->mailbox);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const struct flagset *f = flagset_get(
		    a->flagsets, (uint32_t)sqlite3_column_int64(q, 0));
		uint64_t n = (uint64_t)sqlite3_column_int64(q, 1);
		uint64_t size = (uint64_t)sqlite3_column_int64(q, 2);
		unsigned bits = f ? f->flags.bits : 0;

		c->messages += n;
		c->size += size;
		if (!(bits & FLAG_SEEN))
			c->unseen += n;
		if (bits & FLAG_DELETED) {
			c->deleted += n;
			c->deleted_size += size;
		}
	}
	sqlite3_finalize(q);
}

static void
check_counts(struct proof *p, struct account *a)
{
	uint64_t messages = 0, bytes = 0;
	size_t pos = 0;
	void *value;

	while (map_next(&a->boxes, &pos, NULL, &value)) {
		const struct mailbox *m = &((struct mbox *)value)->pub;
		struct counts c = {.mailbox = m->id};

		count_box(a, &c);
		compare(p, m->name, "messages", m->messages, c.messages);
		compare(p, m->name, "unseen", m->unseen, c.unseen);
		compare(p, m->name, "deleted", m->deleted, c.deleted);
		compare(p, m->name, "bytes", m->size, c.size);
		compare(p, m->name, "deleted bytes", m->deleted_size,
		    c.deleted_size);
		messages += c.messages;
		bytes += c.size;
	}
	compare(p, S("the account"), "messages", a->messages, messages);
	compare(p, S("the account"), "bytes", a->bytes, bytes);
}

/* --- records --- */

struct walk {
	struct proof *p;
	struct account *a;
	uint32_t *nos; /* the packs */
	size_t n, i;
	bool begun;
	uint32_t pack; /* where the walk is: nos[i] */
	uint64_t at, end;
};

/* No message needs what is there: to be known, and nothing to be mended. */
static void
damage(struct walk *w, uint64_t to)
{
	struct buf b;

	if (!w->p->host->note)
		return;
	buf_init(&b, 1024);
	buf_addf(&b,
	    "pack-%06u: damaged at %llu, %llu bytes that no message needs",
	    w->pack, (unsigned long long)w->at,
	    (unsigned long long)(to - w->at));
	w->p->host->note(w->p->host->ctx, w->p->where, buf_str(&b));
	buf_release(&b);
}

/*
 * Record after record up to `to`; what cannot be read is skipped up to there,
 * as nothing else says where the next one begins.
 */
static void
walk_to(struct walk *w, uint64_t to)
{
	while (w->at < to) {
		struct place here = {w->pack, w->at};
		struct pack_checked c;

		if (pack_verify(w->a->pack, here, &c) != ST_OK ||
		    c.stored > to - w->at) {
			damage(w, to);
			w->at = to;
			return;
		}
		w->p->result->records++;
		w->at += c.stored;
		proof_step(w->p, c.stored);
	}
}

static void
begin_pack(struct walk *w)
{
	const struct place *applied = &w->a->applied;

	w->pack = w->nos[w->i];
	w->at = PACK_FIRST;
	if (w->pack > applied->pack ||
	    pack_bounds(w->a->pack, w->pack, &w->end) != ST_OK)
		w->end = w->at;
	/* Behind the applied offset is what nobody has seen yet. */
	if (w->pack == applied->pack && w->end > applied->offset)
		w->end = applied->offset;
}

/* Ends the pack that the walk is in, and those up to `pack`. */
static void
walk_packs(struct walk *w, uint32_t pack)
{
	while (!w->begun || (w->i < w->n && w->nos[w->i] < pack)) {
		if (w->begun) {
			walk_to(w, w->end);
			w->i++;
		}
		w->begun = true;
		if (w->i < w->n)
			begin_pack(w);
	}
}

static void
check_message(struct walk *w, uint64_t id, uint64_t size, struct place place)
{
	struct pack_checked c;

	if (!w->a->pack || pack_verify(w->a->pack, place, &c) != ST_OK)
		proof_found(w->p,
		    "the bytes of message %llu are damaged or missing "
		    "(pack %u, at %llu)",
		    (unsigned long long)id, place.pack,
		    (unsigned long long)place.offset);
	else if (c.kind != PACK_MESSAGE || c.id != id || c.size != size)
		proof_found(w->p, "message %llu has the bytes of another one",
		    (unsigned long long)id);
	else
		w->p->result->records++;
}

/*
 * Messages in the order of their places, and between them the records that no
 * row names: of folders, and of mail that history has let go of.
 */
static void
check_records(struct proof *p, struct account *a)
{
	struct walk w = {.p = p, .a = a};
	sqlite3_stmt *q = NULL;

	if (a->pack && pack_numbers(a, &w.nos, &w.n) != ST_OK)
		proof_found(p, "the folder cannot be read");
	if (sqlite3_prepare_v2(a->db,
		"SELECT id,size,pack,pack_offset,stored FROM message"
		" ORDER BY pack,pack_offset",
		-1, &q, NULL) != SQLITE_OK)
		proof_found(p, "mail.db: %s", sqlite3_errmsg(a->db));
	while (q && sqlite3_step(q) == SQLITE_ROW) {
		uint64_t id = (uint64_t)sqlite3_column_int64(q, 0);
		uint64_t size = (uint64_t)sqlite3_column_int64(q, 1);
		struct place place = {(uint32_t)sqlite3_column_int64(q, 2),
		    (uint64_t)sqlite3_column_int64(q, 3)};
		uint64_t stored = (uint64_t)sqlite3_column_int64(q, 4);

		walk_packs(&w, place.pack);
		if (place.pack == w.pack && place.offset > w.at)
			walk_to(
			    &w, place.offset < w.end ? place.offset : w.end);
		check_message(&w, id, size, place);
		if (place.pack == w.pack && place.offset == w.at)
			w.at = place.offset + stored;
		proof_step(p, stored);
	}
	sqlite3_finalize(q);
	walk_packs(&w, UINT32_MAX);
	free(w.nos);
}

/* --- what recovery has set aside --- */

static void
note_lost(struct proof *p, struct account *a)
{
	int fd = account_open_file(a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (str_starts(str_from(e->d_name), S("lost-")) &&
		    p->host->note) {
			struct buf b;

			buf_init(&b, 1024);
			buf_addf(&b, "%s holds what a recovery set aside",
			    e->d_name);
			p->host->note(p->host->ctx, p->where, buf_str(&b));
			buf_release(&b);
		} else if (str_starts(str_from(e->d_name), S("damaged-"))) {
			proof_found(p, "%s: compaction met damage there",
			    e->d_name + sizeof("damaged-") - 1);
		}
	if (dir)
		closedir(dir);
}

static void
count_rows(struct proof *p, struct account *a)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(a->db,
		"SELECT (SELECT count(*) FROM mailbox WHERE name IS NOT NULL),"
		"(SELECT count(*) FROM entry),(SELECT count(*) FROM message)",
		-1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW) {
		p->result->mailboxes += (uint64_t)sqlite3_column_int64(q, 0);
		p->result->entries += (uint64_t)sqlite3_column_int64(q, 1);
		p->result->messages += (uint64_t)sqlite3_column_int64(q, 2);
	}
	sqlite3_finalize(q);
}

void
proof_open_account(struct proof *p, struct account *a)
{
	check_database(p, a);
	if (a->damaged)
		proof_found(p,
		    "pack-%06u is shorter than the database says: the account "
		    "is readable only",
		    a->applied.pack);
	if (faccessat(a->dir_fd, SALVAGING_MARK, F_OK, 0) == 0)
		proof_found(p, "a repair was cut short");
	check_rows(p, a);
	check_counts(p, a);
	check_records(p, a);
	count_rows(p, a);
	note_lost(p, a);
	p->result->accounts++;
}

enum status
proof_account(const char *path, struct str id, const struct proof_host *host,
    struct proof_result *out)
{
	struct store_config cfg = {.root = str_from(path),
	    .clock = &clock_system,
	    .random = &random_system,
	    .read_only = true};
	struct proof p = {.host = host, .result = out};
	struct account *a = NULL;
	struct store *s;
	struct buf dir;
	enum status st;

	if (!store_good_id(id))
		return ST_NOT_FOUND;
	buf_init(&dir, 4096);
	buf_addf(&dir, "%s/accounts/" STR_FMT "/" STR_FMT, path,
	    STR_ARG(str_first(id, 2)), STR_ARG(id));
	p.where = str_from_pos(buf_str(&dir), strlen(path) + 1);
	if ((st = store_open(&cfg, &s)) == ST_OK) {
		st = account_open_still(s, dir.p, "mail.db", false, &a);
		if (st == ST_OK) {
			sqlite3_exec(a->db, "BEGIN", NULL, NULL, NULL);
			proof_open_account(&p, a);
			sqlite3_exec(a->db, "COMMIT", NULL, NULL, NULL);
			account_close(&a);
		} else if (st != ST_NOT_FOUND ||
		    faccessat(AT_FDCWD, dir.p, F_OK, 0) == 0) {
			proof_found(&p, "mail.db cannot be opened: %s",
			    status_text(st));
			st = ST_OK;
		}
		store_close(&s);
	}
	buf_release(&dir);
	return st;
}

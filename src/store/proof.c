/* One account that is open to be looked at. */
#include "store/proof.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "store/db_int.h"
#include "store/flagset.h"
#include "store/proof_int.h"
#include "store/purge_int.h"
#include "store/recover_int.h"
#include "store/store_int.h"
#include "store/text_index.h"

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
	struct buf found;
	struct str rest;

	buf_init(&found, 8192);
	if (db_look_check(a->db, &found) != ST_OK) {
		rest = buf_str(&found);
		while (rest.n)
			proof_found(p, "mail.db: " STR_FMT,
			    STR_ARG(str_cut(&rest, '\n')));
	}
	buf_release(&found);
}

static void
contradiction(void *ctx, struct str what)
{
	proof_found(ctx, STR_FMT, STR_ARG(what));
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

struct counting {
	const struct flagsets *flagsets;
	struct counts *c;
};

static void
count_set(void *ctx, uint32_t flagset, uint64_t n, uint64_t size)
{
	const struct counting *k = ctx;
	const struct flagset *f = flagset_get(k->flagsets, flagset);
	unsigned bits = f ? f->flags.bits : 0;

	k->c->messages += n;
	k->c->size += size;
	if (!(bits & FLAG_SEEN))
		k->c->unseen += n;
	if (bits & FLAG_DELETED) {
		k->c->deleted += n;
		k->c->deleted_size += size;
	}
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

		if (db_flag_counts(a, m->id, count_set,
			&(struct counting){a->flagsets, &c}) != ST_OK)
			proof_found(p, "mail.db: %s", sqlite3_errmsg(a->db));
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

/* --- what is derived --- */

/* A backup has none. */
static void
check_text_index(struct proof *p, struct account *a)
{
	struct text_proof t;
	enum status st = text_index_verify(a, &t);

	if (st != ST_OK && st != ST_NOT_FOUND)
		proof_found(p,
		    "text-index: damaged at %llu; searches read all mail until "
		    "it is made anew",
		    (unsigned long long)t.at);
	else
		proof_step(p, t.at);
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
			if (str_ends(str_from(e->d_name), S(MISSING_END)))
				buf_addf(&b,
				    "%s: mail.db was missing then, and rebuilt "
				    "from the packs: flags, moves and "
				    "deletions of before are lost",
				    e->d_name);
			else
				buf_addf(&b,
				    "%s holds what a recovery set aside",
				    e->d_name);
			p->host->note(p->host->ctx, p->where, buf_str(&b));
			buf_release(&b);
		} else if (str_starts(str_from(e->d_name), S("damaged-"))) {
			proof_found(p, "%s: compaction met damage there",
			    e->d_name + sizeof("damaged-") - 1);
		} else if (strcmp(e->d_name, PURGING_MARK) == 0) {
			proof_found(p,
			    "a purge was cut short; the same "
			    "`mailstead purge` again ends it");
		}
	if (dir)
		closedir(dir);
}

static void
count_rows(struct proof *p, struct account *a)
{
	uint64_t mailboxes, entries, messages;

	if (db_look_counts(a->db, &mailboxes, &entries, &messages) != ST_OK)
		return;
	p->result->mailboxes += mailboxes;
	p->result->entries += entries;
	p->result->messages += messages;
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
	db_contradictions(a, contradiction, p);
	check_counts(p, a);
	proof_records(p, a);
	check_text_index(p, a);
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
			bool reading = db_begin_reading(a);

			proof_open_account(&p, a);
			if (reading)
				db_end_reading(a);
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

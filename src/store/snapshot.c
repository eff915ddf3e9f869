#include "store/snapshot.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db_int.h"

enum { PAGES_A_STEP = 1024, FOUND_MOST = 20 };

struct snapshot {
	sqlite3 *db;
};

void
snapshot_uri(struct str path, bool still, struct buf *out)
{
	buf_addz(out, "file:");
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (c == '%' || c == '?' || c == '#')
			buf_addf(out, "%%%02x", (unsigned)(unsigned char)c);
		else
			buf_addc(out, c);
	}
	buf_addz(out, still ? "?immutable=1" : "?mode=ro");
}

enum status
snapshot_open(const char *path, bool still, struct snapshot **out)
{
	struct snapshot *s;
	struct stat sb;
	struct buf uri;
	enum status st;
	int rc;

	if (lstat(path, &sb) != 0 || !S_ISREG(sb.st_mode))
		return ST_NOT_FOUND;
	s = mem_zalloc(sizeof(*s));
	buf_init(&uri, 16384);
	snapshot_uri(str_from(path), still, &uri);
	rc = buf_full(&uri)
	    ? SQLITE_CANTOPEN
	    : sqlite3_open_v2(uri.p, &s->db,
		  SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		  NULL);
	buf_release(&uri);
	/* The first read is where the snapshot begins. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db,
		    "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL,
		    NULL);
	st = db_status(rc);
	if (st == ST_OK)
		*out = s;
	else
		snapshot_close(&s);
	return st;
}

void
snapshot_close(struct snapshot **sp)
{
	struct snapshot *s = *sp;

	*sp = NULL;
	if (!s)
		return;
	ASSERT(sqlite3_close(s->db) == SQLITE_OK);
	free(s);
}

static enum status
numbers(struct snapshot *s, const char *sql, uint64_t *const *out, int n)
{
	sqlite3_stmt *q = NULL;
	enum status st;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	st = rc == SQLITE_DONE ? ST_NOT_FOUND : db_status(rc);
	for (int i = 0; i < n && st == ST_OK; i++)
		*out[i] = (uint64_t)sqlite3_column_int64(q, i);
	sqlite3_finalize(q);
	return st;
}

enum status
snapshot_row(struct snapshot *s, struct snapshot_row *out)
{
	struct snapshot_row r;
	uint64_t pack;
	uint64_t *to[] = {
	    &r.modseq, &r.next_id, &r.history_from, &pack, &r.applied_offset};
	enum status st = numbers(s,
	    "SELECT modseq,next_id,history_from,pack,pack_offset FROM account",
	    to, (int)ARRAY_LEN(to));

	if (st != ST_OK)
		return st;
	r.applied_pack = (uint32_t)pack;
	*out = r;
	return ST_OK;
}

enum status
snapshot_counts(struct snapshot *s, uint64_t *mailboxes_out,
    uint64_t *entries_out, uint64_t *messages_out)
{
	uint64_t *to[] = {mailboxes_out, entries_out, messages_out};

	return numbers(s,
	    "SELECT (SELECT count(*) FROM mailbox WHERE name IS NOT NULL),"
	    "(SELECT count(*) FROM entry),(SELECT count(*) FROM message)",
	    to, (int)ARRAY_LEN(to));
}

enum status
snapshot_copy(struct snapshot *s, const char *to)
{
	sqlite3_backup *copy;
	sqlite3 *db = NULL;
	int rc, fd;

	/* SQLite would make it readable for all. */
	(void)unlink(to);
	fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ST_IO;
	close(fd);
	rc = sqlite3_open_v2(
	    to, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	/* Who calls syncs the copy as a whole; half a copy is none. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db,
		    "PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF;"
		    "PRAGMA locking_mode=EXCLUSIVE",
		    NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		copy = sqlite3_backup_init(db, "main", s->db, "main");
		do
			rc = copy ? sqlite3_backup_step(copy, PAGES_A_STEP)
				  : sqlite3_errcode(db);
		while (rc == SQLITE_OK);
		if (copy && sqlite3_backup_finish(copy) != SQLITE_OK)
			rc = sqlite3_errcode(db);
	}
	sqlite3_close(db);
	return rc == SQLITE_DONE ? ST_OK : db_status(rc);
}

enum status
snapshot_check(struct snapshot *s, struct buf *found)
{
	sqlite3_stmt *q = NULL;
	int rc, n = 0;
	bool good = false;

	rc = sqlite3_prepare_v2(
	    s->db, "PRAGMA integrity_check(20)", -1, &q, NULL);
	while (rc == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW &&
	    n++ < FOUND_MOST) {
		struct str line = db_column(q, 0);

		good = str_eq(line, S("ok"));
		if (good)
			continue;
		buf_adds(found, line);
		buf_addc(found, '\n');
	}
	sqlite3_finalize(q);
	if (!good && n == 0) {
		buf_addz(found, sqlite3_errmsg(s->db));
		buf_addc(found, '\n');
	}
	return good ? ST_OK : ST_CORRUPT;
}

/* A database looked at by a connection of its own: mail.db, or a server's. */
#include <fcntl.h>
#include <unistd.h>

#include "store/db_int.h"
#include "store/snapshot.h"

enum { FOUND_MOST = 20 };

/* The name under which SQLite opens such a file. */
static void
uri_of(struct str path, bool still, struct buf *out)
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
db_look(struct str path, bool still, sqlite3 **out)
{
	struct buf uri;
	int rc;

	buf_init(&uri, 16384);
	uri_of(path, still, &uri);
	rc = buf_full(&uri)
	    ? SQLITE_CANTOPEN
	    : sqlite3_open_v2(uri.p, out,
		  SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		  NULL);
	buf_release(&uri);
	return db_status(rc);
}

enum status
db_look_begin(sqlite3 *db)
{
	/* The first read is where the snapshot begins. */
	return db_status(sqlite3_exec(
	    db, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL));
}

static enum status
numbers(sqlite3 *db, const char *sql, uint64_t *const *out, int n)
{
	sqlite3_stmt *q = NULL;
	enum status st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	st = rc == SQLITE_DONE ? ST_NOT_FOUND : db_status(rc);
	for (int i = 0; i < n && st == ST_OK; i++)
		*out[i] = db_u64(q, i);
	sqlite3_finalize(q);
	return st;
}

enum status
db_look_row(sqlite3 *db, struct snapshot_row *out)
{
	struct snapshot_row r;
	uint64_t pack;
	uint64_t *to[] = {
	    &r.modseq, &r.next_id, &r.history_from, &pack, &r.applied_offset};
	enum status st = numbers(db,
	    "SELECT modseq,next_id,history_from,pack,pack_offset FROM account",
	    to, (int)ARRAY_LEN(to));

	if (st != ST_OK)
		return st;
	r.applied_pack = (uint32_t)pack;
	*out = r;
	return ST_OK;
}

enum status
db_look_counts(sqlite3 *db, uint64_t *mailboxes_out, uint64_t *entries_out,
    uint64_t *messages_out)
{
	uint64_t *to[] = {mailboxes_out, entries_out, messages_out};

	return numbers(db,
	    "SELECT (SELECT count(*) FROM mailbox WHERE name IS NOT NULL),"
	    "(SELECT count(*) FROM entry),(SELECT count(*) FROM message)",
	    to, (int)ARRAY_LEN(to));
}

enum status
db_look_check(sqlite3 *db, struct buf *found)
{
	sqlite3_stmt *q = NULL;
	int rc, n = 0;
	bool good = false;

	rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(20)", -1, &q, NULL);
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
		buf_addz(found, sqlite3_errmsg(db));
		buf_addc(found, '\n');
	}
	return good ? ST_OK : ST_CORRUPT;
}

enum status
db_look_copy(const char *to, sqlite3 **out)
{
	int rc, fd;

	/* SQLite would make it readable for all. */
	(void)unlink(to);
	fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ST_IO;
	close(fd);
	rc = sqlite3_open_v2(
	    to, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	/* Who calls syncs the copy as a whole; half a copy is none. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*out,
		    "PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF;"
		    "PRAGMA locking_mode=EXCLUSIVE",
		    NULL, NULL, NULL);
	return db_status(rc);
}

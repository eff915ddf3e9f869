#include "store/snapshot.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "store/db_int.h"

enum { PAGES_A_STEP = 1024 };

struct snapshot {
	sqlite3 *db;
};

enum status
snapshot_open(const char *path, bool still, struct snapshot **out)
{
	struct snapshot *s;
	struct stat sb;
	enum status st;

	if (lstat(path, &sb) != 0 || !S_ISREG(sb.st_mode))
		return ST_NOT_FOUND;
	s = mem_zalloc(sizeof(*s));
	st = db_look(str_from(path), still, &s->db);
	if (st == ST_OK)
		st = db_look_begin(s->db);
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

enum status
snapshot_row(struct snapshot *s, struct snapshot_row *out)
{
	return db_look_row(s->db, out);
}

enum status
snapshot_counts(struct snapshot *s, uint64_t *mailboxes_out,
    uint64_t *entries_out, uint64_t *messages_out)
{
	return db_look_counts(s->db, mailboxes_out, entries_out, messages_out);
}

enum status
snapshot_copy(struct snapshot *s, const char *to)
{
	sqlite3_backup *copy;
	sqlite3 *db = NULL;
	enum status st = db_look_copy(to, &db);
	int rc;

	if (st == ST_OK) {
		copy = sqlite3_backup_init(db, "main", s->db, "main");
		do
			rc = copy ? sqlite3_backup_step(copy, PAGES_A_STEP)
				  : sqlite3_errcode(db);
		while (rc == SQLITE_OK);
		if (copy && sqlite3_backup_finish(copy) != SQLITE_OK)
			rc = sqlite3_errcode(db);
		st = rc == SQLITE_DONE ? ST_OK : db_status(rc);
	}
	sqlite3_close(db);
	return st;
}

enum status
snapshot_check(struct snapshot *s, struct buf *found)
{
	return db_look_check(s->db, found);
}

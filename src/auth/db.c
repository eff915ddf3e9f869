#include "auth/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status
status_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ST_OK;
	case SQLITE_CONSTRAINT:
		return ST_EXISTS;
	case SQLITE_FULL:
		return ST_NO_SPACE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ST_CORRUPT;
	case SQLITE_READONLY:
		return ST_READONLY;
	default:
		/* SQLite does not say so of a file that it makes, or of -shm. */
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	}
}

static enum status
exec(sqlite3 *db, const char *sql)
{
	return status_of(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static enum status
version_of(sqlite3 *db, int *out)
{
	sqlite3_stmt *st = db_query(db, "PRAGMA user_version", "");
	enum status status = db_step(st);

	if (status == ST_OK)
		*out = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return status;
}

static enum status
prepare(sqlite3 *db, const char *const *schema, int version)
{
	char *sql;
	int have = 0;
	enum status st;

	/* Both hold what nobody else may read, so what is deleted is wiped. */
	if ((st = exec(db,
		 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		 "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON")) != ST_OK ||
	    (st = version_of(db, &have)) != ST_OK)
		return st;
	if (have > version)
		return ST_TOO_NEW;
	if (have == version)
		return ST_OK;
	if ((st = auth_db_begin(db)) != ST_OK)
		return st;
	for (; st == ST_OK && have < version; have++)
		st = exec(db, schema[have]);
	sql = sqlite3_mprintf("PRAGMA user_version=%d", version);
	if (st == ST_OK)
		st = exec(db, sql);
	sqlite3_free(sql);
	return db_end(db, st);
}

enum status
auth_db_open(
    const char *path, const char *const *schema, int version, sqlite3 **out)
{
	mode_t mask = umask(077);
	sqlite3 *db = NULL;
	enum status st;

	st = status_of(sqlite3_open_v2(path, &db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	    NULL));
	if (st == ST_OK)
		st = prepare(db, schema, version);
	(void)umask(mask);
	if (st == ST_OK)
		*out = db;
	else
		auth_db_close(&db);
	return st;
}

void
auth_db_close(sqlite3 **db)
{
	sqlite3_close(*db);
	*db = NULL;
}

static sqlite3_stmt *
query(sqlite3 *db, const char *sql, const char *types, va_list ap)
{
	sqlite3_stmt *st = NULL;
	struct str s;
	int i = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL;
	for (; *types; types++) {
		i++;
		if (*types == 'i') {
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
			continue;
		}
		s = va_arg(ap, struct str);
		if (*types == 't')
			sqlite3_bind_text(
			    st, i, s.p ? s.p : "", (int)s.n, SQLITE_TRANSIENT);
		else
			sqlite3_bind_blob(
			    st, i, s.p ? s.p : "", (int)s.n, SQLITE_TRANSIENT);
	}
	return st;
}

sqlite3_stmt *
db_query(sqlite3 *db, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, types);
	st = query(db, sql, types, ap);
	va_end(ap);
	return st;
}

enum status
db_step(sqlite3_stmt *st)
{
	int rc;

	if (!st)
		return ST_IO;
	rc = sqlite3_step(st);
	return rc == SQLITE_DONE ? ST_NOT_FOUND : status_of(rc);
}

enum status
auth_db_run(sqlite3 *db, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	enum status status;
	va_list ap;

	va_start(ap, types);
	st = query(db, sql, types, ap);
	va_end(ap);
	while ((status = db_step(st)) == ST_OK)
		;
	sqlite3_finalize(st);
	return status == ST_NOT_FOUND ? ST_OK : status;
}

struct str
db_str(sqlite3_stmt *st, int column, struct arena *a)
{
	const char *p = sqlite3_column_blob(st, column);
	int n = sqlite3_column_bytes(st, column);

	return arena_str(a, str_of(p ? p : "", (size_t)n));
}

enum status
auth_db_begin(sqlite3 *db)
{
	return exec(db, "BEGIN IMMEDIATE");
}

enum status
db_end(sqlite3 *db, enum status st)
{
	if (st == ST_OK && (st = exec(db, "COMMIT")) == ST_OK)
		return ST_OK;
	/* It may have been rolled back already: then there is nothing to do. */
	(void)exec(db, "ROLLBACK");
	return st;
}

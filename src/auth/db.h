/*
 * The little of SQLite that directory and credentials need: open with a
 * schema, run a statement with values bound, walk rows. One process has these
 * databases open (S1, P2), so nothing here waits for locks.
 */
#ifndef AUTH_DB_H
#define AUTH_DB_H

#include <sqlite3.h>

#include "base/arena.h"

/*
 * Opens or makes the file (mode 0600). schema[i] makes version i + 1 of the
 * one before; the version stands in user_version. ST_TOO_NEW when the file's
 * is higher than `version`.
 */
enum status auth_db_open(const char *path, const char *const *schema,
    int version, sqlite3 **out) MUST_CHECK;
void auth_db_close(sqlite3 **db);

/*
 * Binds by the letters of `types`: t struct str as text, b struct str as
 * blob, i int64_t. NULL when SQLite fails (then db_error).
 */
sqlite3_stmt *db_query(sqlite3 *db, const char *sql, const char *types, ...);
/* The next row; ST_NOT_FOUND at the end. Finish with sqlite3_finalize. */
enum status db_step(sqlite3_stmt *st) MUST_CHECK;
/* Runs to the end. ST_EXISTS when a constraint is broken. */
enum status auth_db_run(
    sqlite3 *db, const char *sql, const char *types, ...) MUST_CHECK;

/* Copies of columns. */
struct str db_str(sqlite3_stmt *st, int column, struct arena *a);

enum status auth_db_begin(sqlite3 *db) MUST_CHECK;
/* Commits when st is ST_OK, else rolls back; the status of the whole. */
enum status db_end(sqlite3 *db, enum status st) MUST_CHECK;

#endif

/* For x_test.c files of store/: databases that are written past the store. */
#ifndef STORE_FIXTURE_SQL_H
#define STORE_FIXTURE_SQL_H

#include <sqlite3.h>

#include "store/fixture.h"

/* Of a file below the store's root; it is made. Nobody else has it open. */
static inline void
fixture_sql_file(struct fixture *f, const char *name, const char *sql)
{
	char path[128];
	sqlite3 *db;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		print_error("%s\n", sqlite3_errmsg(db));
	assert_int_equal(rc, SQLITE_OK);
	sqlite3_close(db);
}

/* Of the account's mail.db; the store is closed meanwhile. */
static inline void
fixture_sql(struct fixture *f, const char *sql)
{
	fixture_close(f);
	fixture_sql_file(f, "accounts/an/anna/mail.db", sql);
	fixture_open(f);
	fixture_account(f);
}

#endif

#ifndef AUTH_DIRECTORY_INT_H
#define AUTH_DIRECTORY_INT_H

#include "auth/db.h"
#include "auth/directory.h"

struct directory {
	sqlite3 *db;
};

/* ST_NOT_FOUND when no domain of ours has that name. */
enum status directory_has_domain(
    struct directory *d, struct str name) MUST_CHECK;
/* ST_EXISTS when an account or an alias has the address. */
enum status directory_address_free(
    struct directory *d, struct str address) MUST_CHECK;
/* The first column of all rows; finalizes. */
enum status directory_column(sqlite3_stmt *st, struct arena *a,
    struct str **out, size_t *n_out) MUST_CHECK;

#endif

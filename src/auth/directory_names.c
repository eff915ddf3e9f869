/*
 * What stands around an account: domains, aliases, members.
 */
#include "auth/address.h"
#include "auth/directory_int.h"
#include "base/vec.h"

enum status
directory_column(
    sqlite3_stmt *q, struct arena *a, struct str **out, size_t *n_out)
{
	struct {
		struct str *list;
		size_t n_list, cap_list;
	} v = {0};
	enum status st;

	while ((st = db_step(q)) == ST_OK)
		*VEC_ADD(&v, list) = db_str(q, 0, a);
	sqlite3_finalize(q);
	if (st == ST_NOT_FOUND) {
		*out = ARENA_ARRAY(a, struct str, v.n_list + 1);
		if (v.n_list)
			memcpy(*out, v.list, v.n_list * sizeof(*v.list));
		*n_out = v.n_list;
		st = ST_OK;
	}
	free(v.list);
	return st;
}

/* Is there a row? */
static enum status
there(sqlite3_stmt *q)
{
	enum status st = db_step(q);

	sqlite3_finalize(q);
	return st;
}

static enum status
touched(struct directory *d, enum status st)
{
	if (st == ST_OK && sqlite3_changes(d->db) == 0)
		return ST_NOT_FOUND;
	return st;
}

enum status
directory_has_domain(struct directory *d, struct str name)
{
	return there(
	    db_query(d->db, "SELECT 1 FROM domain WHERE name = ?", "t", name));
}

enum status
directory_address_free(struct directory *d, struct str address)
{
	enum status st = there(db_query(d->db,
	    "SELECT 1 FROM account WHERE address = ?1 UNION ALL"
	    " SELECT 1 FROM alias WHERE address = ?1",
	    "t", address));

	if (st == ST_OK)
		return ST_EXISTS;
	return st == ST_NOT_FOUND ? ST_OK : st;
}

enum status
directory_domain_add(struct directory *d, struct str name)
{
	return auth_db_run(
	    d->db, "INSERT INTO domain (name) VALUES (?)", "t", name);
}

enum status
directory_domain_remove(struct directory *d, struct str name)
{
	enum status st = there(db_query(d->db,
	    "SELECT 1 FROM account WHERE domain = ?1 UNION ALL"
	    " SELECT 1 FROM alias WHERE domain = ?1",
	    "t", name));

	if (st == ST_OK)
		return ST_HAS_CHILDREN;
	if (st != ST_NOT_FOUND)
		return st;
	return touched(d,
	    auth_db_run(d->db, "DELETE FROM domain WHERE name = ?", "t", name));
}

enum status
directory_catch_all(struct directory *d, struct str name, struct str address)
{
	if (address.n > 0) {
		enum status st = directory_address_free(d, address);

		if (st != ST_EXISTS)
			return st == ST_OK ? ST_INVALID : st;
	}
	return touched(d,
	    auth_db_run(d->db, "UPDATE domain SET catch_all = ? WHERE name = ?",
		"tt", address, name));
}

enum status
directory_domains(struct directory *d, struct arena *a,
    struct directory_domain **out, size_t *n_out)
{
	struct {
		struct directory_domain *list;
		size_t n_list, cap_list;
	} v = {0};
	sqlite3_stmt *q = db_query(d->db,
	    "SELECT name, catch_all,"
	    " (SELECT count(*) FROM account WHERE domain = name)"
	    " FROM domain ORDER BY name",
	    "");
	struct directory_domain *one;
	enum status st;

	while ((st = db_step(q)) == ST_OK) {
		one = VEC_ADD(&v, list);
		one->name = db_str(q, 0, a);
		one->catch_all = db_str(q, 1, a);
		one->accounts = (uint64_t)sqlite3_column_int64(q, 2);
	}
	sqlite3_finalize(q);
	if (st == ST_NOT_FOUND) {
		*out = ARENA_ARRAY(a, struct directory_domain, v.n_list + 1);
		if (v.n_list)
			memcpy(*out, v.list, v.n_list * sizeof(*v.list));
		*n_out = v.n_list;
		st = ST_OK;
	}
	free(v.list);
	return st;
}

enum status
directory_alias_add(struct directory *d, struct str id, struct str address)
{
	struct str domain = address_domain(address);
	enum status st;

	if ((st = directory_has_domain(d, domain)) != ST_OK ||
	    (st = directory_address_free(d, address)) != ST_OK)
		return st;
	return auth_db_run(d->db,
	    "INSERT INTO alias (address, domain, account) VALUES (?, ?, ?)",
	    "ttt", address, domain, id);
}

enum status
directory_alias_remove(struct directory *d, struct str id, struct str address)
{
	enum status st;

	if ((st = auth_db_begin(d->db)) != ST_OK)
		return st;
	st = touched(d,
	    auth_db_run(d->db,
		"DELETE FROM alias WHERE account = ? AND address = ?", "tt", id,
		address));
	if (st == ST_OK)
		st = auth_db_run(d->db,
		    "UPDATE domain SET catch_all = '' WHERE catch_all = ?", "t",
		    address);
	return db_end(d->db, st);
}

enum status
directory_aliases(struct directory *d, struct str id, struct arena *a,
    struct str **out, size_t *n_out)
{
	return directory_column(
	    db_query(d->db,
		"SELECT address FROM alias WHERE account = ? ORDER BY 1", "t",
		id),
	    a, out, n_out);
}

enum status
directory_member_add(struct directory *d, struct str role, struct str person)
{
	return auth_db_run(d->db,
	    "INSERT OR IGNORE INTO member (role, person) VALUES (?, ?)", "tt",
	    role, person);
}

enum status
directory_member_remove(struct directory *d, struct str role, struct str person)
{
	return touched(d,
	    auth_db_run(d->db,
		"DELETE FROM member WHERE role = ? AND person = ?", "tt", role,
		person));
}

enum status
directory_is_member(struct directory *d, struct str role, struct str person)
{
	return there(db_query(d->db,
	    "SELECT 1 FROM member WHERE role = ? AND person = ?", "tt", role,
	    person));
}

enum status
directory_roles(struct directory *d, struct str person, struct arena *a,
    struct str **out, size_t *n_out)
{
	return directory_column(
	    db_query(d->db,
		"SELECT role FROM member WHERE person = ? ORDER BY 1", "t",
		person),
	    a, out, n_out);
}

enum status
directory_roles_named(struct directory *d, struct str person, struct arena *a,
    struct str **out, size_t *n_out)
{
	return directory_column(
	    db_query(d->db,
		"SELECT id || ' ' || address FROM account"
		" JOIN member ON id = role WHERE person = ? ORDER BY 1",
		"t", person),
	    a, out, n_out);
}

enum status
directory_members_named(struct directory *d, struct str role, struct arena *a,
    struct str **out, size_t *n_out)
{
	return directory_column(
	    db_query(d->db,
		"SELECT id || ' ' || address FROM account"
		" JOIN member ON id = person WHERE role = ? ORDER BY 1",
		"t", role),
	    a, out, n_out);
}

enum status
directory_members(struct directory *d, struct str role, struct arena *a,
    struct str **out, size_t *n_out)
{
	return directory_column(
	    db_query(d->db,
		"SELECT address FROM account JOIN member ON id = person"
		" WHERE role = ? ORDER BY 1",
		"t", role),
	    a, out, n_out);
}

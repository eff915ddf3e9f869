#include "auth/credentials.h"

#include <sodium.h>

#include "auth/db.h"
#include "base/vec.h"

enum { SECRET = 32 };

struct use {
	uint64_t id;
	int64_t ms;
};

struct credentials {
	sqlite3 *db;
	const struct random *random;
	unsigned char secret[SECRET]; /* of the fake salts */
	struct use *uses;
	size_t n_uses, cap_uses;
};

static const char schema_1[] =
    "CREATE TABLE secret (id INTEGER PRIMARY KEY, value BLOB NOT NULL);"
    "CREATE TABLE salt (account TEXT PRIMARY KEY, salt BLOB NOT NULL,"
    " iterations INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE password (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " account TEXT NOT NULL, name TEXT NOT NULL, main INTEGER NOT NULL,"
    " generated INTEGER NOT NULL, verifier BLOB NOT NULL,"
    " role TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL,"
    " UNIQUE (account, name));"
    "CREATE INDEX password_role ON password(role) WHERE role <> '';"
    "CREATE TABLE scram ("
    " password INTEGER NOT NULL REFERENCES password(id) ON DELETE CASCADE,"
    " account TEXT NOT NULL, stored BLOB NOT NULL, server BLOB NOT NULL);"
    "CREATE INDEX scram_password ON scram(password);";
static const char *const schema[CREDENTIALS_VERSION] = {
    schema_1,
    "ALTER TABLE password ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;",
};

#define COLUMNS                                                        \
 "id, name, main, generated, verifier, role, created, used, account, " \
 "suspended"

static bool
copy_exactly(sqlite3_stmt *q, int column, void *out, size_t n)
{
	if (sqlite3_column_bytes(q, column) != (int)n)
		return false;
	memcpy(out, sqlite3_column_blob(q, column), n);
	return true;
}

static enum status
load_secret(struct credentials *c)
{
	sqlite3_stmt *q =
	    db_query(c->db, "SELECT value FROM secret WHERE id = 1", "");
	enum status st = db_step(q);

	if (st == ST_OK && !copy_exactly(q, 0, c->secret, SECRET))
		st = ST_CORRUPT;
	sqlite3_finalize(q);
	if (st != ST_NOT_FOUND)
		return st;
	random_fill(c->random, c->secret, SECRET);
	return auth_db_run(c->db,
	    "INSERT INTO secret (id, value) VALUES (1, ?)", "b",
	    str_of((const char *)c->secret, SECRET));
}

enum status
credentials_open(
    const char *path, const struct random *r, struct credentials **out)
{
	struct credentials *c = mem_zalloc(sizeof(*c));
	enum status st;

	c->random = r;
	st = auth_db_open(path, schema, CREDENTIALS_VERSION, &c->db);
	if (st == ST_OK)
		st = load_secret(c);
	if (st == ST_OK)
		*out = c;
	else
		credentials_close(&c);
	return st;
}

void
credentials_close(struct credentials **c)
{
	if (!*c)
		return;
	/* At worst the time of the last use is lost. */
	if ((*c)->db && credentials_flush(*c) != ST_OK)
		(*c)->n_uses = 0;
	auth_db_close(&(*c)->db);
	free((*c)->uses);
	explicit_bzero((*c)->secret, SECRET);
	free(*c);
	*c = NULL;
}

enum status
credentials_salt(
    struct credentials *c, struct str account, struct scram_salt *out)
{
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT salt, iterations FROM salt WHERE account = ?", "t",
	    account);
	enum status st = db_step(q);
	struct scram_salt s;

	if (st == ST_OK) {
		if (!copy_exactly(q, 0, s.salt, SCRAM_SALT))
			st = ST_CORRUPT;
		s.iterations = (uint32_t)sqlite3_column_int64(q, 1);
	}
	sqlite3_finalize(q);
	if (st == ST_NOT_FOUND) {
		random_fill(c->random, s.salt, SCRAM_SALT);
		s.iterations = SCRAM_ITERATIONS;
		st = auth_db_run(c->db,
		    "INSERT INTO salt (account, salt, iterations)"
		    " VALUES (?, ?, ?)",
		    "tbi", account, str_of((const char *)s.salt, SCRAM_SALT),
		    (int64_t)s.iterations);
	}
	if (st == ST_OK)
		*out = s;
	return st;
}

void
credentials_fake_salt(
    const struct credentials *c, struct str name, struct scram_salt *out)
{
	unsigned char tag[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, c->secret, SECRET);
	crypto_auth_hmacsha256_update(
	    &s, (const unsigned char *)name.p, name.n);
	crypto_auth_hmacsha256_final(&s, tag);
	memcpy(out->salt, tag, SCRAM_SALT);
	out->iterations = SCRAM_ITERATIONS;
}

enum status
credentials_add_keys(struct credentials *c, uint64_t id, struct str account,
    const struct scram_keys *keys, size_t n)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < n && st == ST_OK; i++)
		st = auth_db_run(c->db,
		    "INSERT INTO scram (password, account, stored, server)"
		    " VALUES (?, ?, ?, ?)",
		    "itbb", (int64_t)id, account,
		    str_of((const char *)keys[i].stored, SCRAM_KEY),
		    str_of((const char *)keys[i].server, SCRAM_KEY));
	return st;
}

static enum status
check_room(struct credentials *c, struct str account)
{
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT count(*) FROM password WHERE account = ?", "t", account);
	enum status st = db_step(q);

	if (st == ST_OK && sqlite3_column_int(q, 0) >= CREDENTIALS_MAX)
		st = ST_LIMIT;
	sqlite3_finalize(q);
	return st;
}

static enum status
insert(struct credentials *c, const struct credential *cred, uint64_t *id_out)
{
	enum status st = ST_OK;

	if (cred->main)
		st = auth_db_run(c->db,
		    "DELETE FROM password WHERE account = ? AND main", "t",
		    cred->owner);
	if (st != ST_OK || (st = check_room(c, cred->owner)) != ST_OK)
		return st;
	st = auth_db_run(c->db,
	    "INSERT INTO password (account, name, main, generated, verifier,"
	    " role, created, used) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
	    "ttiibti", cred->owner, cred->name, (int64_t)cred->main,
	    (int64_t)cred->generated, cred->verifier, cred->role,
	    cred->created_ms);
	if (st != ST_OK)
		return st;
	*id_out = (uint64_t)sqlite3_last_insert_rowid(c->db);
	return credentials_add_keys(
	    c, *id_out, cred->owner, cred->keys, cred->n_keys);
}

enum status
credentials_add(
    struct credentials *c, const struct credential *cred, uint64_t *id_out)
{
	uint64_t id = 0;
	enum status st;

	if ((st = auth_db_begin(c->db)) != ST_OK)
		return st;
	st = db_end(c->db, insert(c, cred, &id));
	if (st == ST_OK)
		*id_out = id;
	return st;
}

static enum status
load_keys(struct credentials *c, struct str account, struct arena *a,
    struct credential *cred)
{
	struct {
		struct scram_keys *list;
		size_t n_list, cap_list;
	} v = {0};
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT stored, server FROM scram"
	    " WHERE password = ? AND account = ? ORDER BY rowid",
	    "it", (int64_t)cred->id, account);
	struct scram_keys *copy, *k;
	enum status st;

	while ((st = db_step(q)) == ST_OK) {
		k = VEC_ADD(&v, list);
		if (!copy_exactly(q, 0, k->stored, SCRAM_KEY) ||
		    !copy_exactly(q, 1, k->server, SCRAM_KEY))
			v.n_list--;
	}
	sqlite3_finalize(q);
	copy = ARENA_ARRAY(a, struct scram_keys, v.n_list + 1);
	if (v.n_list)
		memcpy(copy, v.list, v.n_list * sizeof(*copy));
	cred->keys = copy;
	cred->n_keys = v.n_list;
	free(v.list);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static void
read_row(sqlite3_stmt *q, struct arena *a, struct credential *out)
{
	out->id = (uint64_t)sqlite3_column_int64(q, 0);
	out->name = db_str(q, 1, a);
	out->main = sqlite3_column_int(q, 2) != 0;
	out->generated = sqlite3_column_int(q, 3) != 0;
	out->verifier = db_str(q, 4, a);
	out->role = db_str(q, 5, a);
	out->created_ms = sqlite3_column_int64(q, 6);
	out->used_ms = sqlite3_column_int64(q, 7);
	out->suspended = sqlite3_column_int(q, 9) != 0;
	out->owner = db_str(q, 8, a);
}

static void
add_pending_uses(const struct credentials *c, struct credential *cred)
{
	size_t i;

	for (i = 0; i < c->n_uses; i++)
		if (c->uses[i].id == cred->id && c->uses[i].ms > cred->used_ms)
			cred->used_ms = c->uses[i].ms;
}

enum status
credentials_list(struct credentials *c, struct str account, bool login,
    struct arena *a, struct credential **out, size_t *n_out)
{
	struct {
		struct credential *list;
		size_t n_list, cap_list;
	} v = {0};
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT " COLUMNS " FROM password WHERE (account = ?1 OR"
	    " (?2 AND role = ?1 AND role <> '')) AND NOT (?2 AND suspended)"
	    " ORDER BY main DESC, name, id",
	    "ti", account, (int64_t)login);
	struct credential *list;
	enum status st;
	size_t i;

	while ((st = db_step(q)) == ST_OK)
		read_row(q, a, VEC_ADD(&v, list));
	sqlite3_finalize(q);
	list = ARENA_ARRAY(a, struct credential, v.n_list + 1);
	if (v.n_list)
		memcpy(list, v.list, v.n_list * sizeof(*list));
	free(v.list);
	if (st == ST_NOT_FOUND)
		st = ST_OK;
	for (i = 0; i < v.n_list && st == ST_OK; i++) {
		add_pending_uses(c, &list[i]);
		st = load_keys(c, account, a, &list[i]);
	}
	if (st == ST_OK) {
		*out = list;
		*n_out = v.n_list;
	}
	return st;
}

enum status
credentials_get(
    struct credentials *c, uint64_t id, struct arena *a, struct credential *out)
{
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT " COLUMNS " FROM password WHERE id = ?", "i", (int64_t)id);
	enum status st = db_step(q);

	if (st == ST_OK)
		read_row(q, a, out);
	sqlite3_finalize(q);
	return st;
}

enum status
credentials_suspend(struct credentials *c, uint64_t id)
{
	return auth_db_run(c->db,
	    "UPDATE password SET suspended = 1 WHERE id = ?", "i", (int64_t)id);
}

enum status
credentials_resume(struct credentials *c, struct str account)
{
	return auth_db_run(c->db,
	    "UPDATE password SET suspended = 0 WHERE account = ?", "t",
	    account);
}

enum status
credentials_remove(struct credentials *c, struct str account, struct str name,
    uint64_t *id_out)
{
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT id FROM password WHERE account = ? AND name = ?", "tt",
	    account, name);
	enum status st = db_step(q);
	uint64_t id = 0;

	if (st == ST_OK)
		id = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	if (st == ST_OK)
		st = auth_db_run(c->db, "DELETE FROM password WHERE id = ?",
		    "i", (int64_t)id);
	if (st == ST_OK)
		*id_out = id;
	return st;
}

enum status
credentials_exists(struct credentials *c, uint64_t id)
{
	sqlite3_stmt *q = db_query(c->db,
	    "SELECT 1 FROM password WHERE id = ? AND suspended = 0", "i",
	    (int64_t)id);
	enum status st = db_step(q);

	sqlite3_finalize(q);
	return st;
}

enum status
credentials_remove_all(struct credentials *c, struct str account)
{
	enum status st;

	if ((st = auth_db_begin(c->db)) != ST_OK)
		return st;
	st = auth_db_run(c->db,
	    "DELETE FROM password WHERE account = ?1 OR"
	    " (role = ?1 AND role <> '')",
	    "t", account);
	if (st == ST_OK)
		st = auth_db_run(
		    c->db, "DELETE FROM salt WHERE account = ?", "t", account);
	return db_end(c->db, st);
}

void
credentials_used(struct credentials *c, uint64_t id, int64_t now_ms)
{
	struct use *u;
	size_t i;

	for (i = 0; i < c->n_uses; i++)
		if (c->uses[i].id == id) {
			c->uses[i].ms = now_ms;
			return;
		}
	u = VEC_ADD(c, uses);
	u->id = id;
	u->ms = now_ms;
}

enum status
credentials_flush(struct credentials *c)
{
	enum status st;
	size_t i;

	if (c->n_uses == 0)
		return ST_OK;
	if ((st = auth_db_begin(c->db)) != ST_OK)
		return st;
	for (i = 0; i < c->n_uses && st == ST_OK; i++)
		st = auth_db_run(c->db,
		    "UPDATE password SET used = ? WHERE id = ?", "ii",
		    c->uses[i].ms, (int64_t)c->uses[i].id);
	st = db_end(c->db, st);
	if (st == ST_OK)
		c->n_uses = 0;
	return st;
}

enum status
credentials_revoke_since(
    struct credentials *c, const char *living, uint64_t *n_out)
{
	enum status st =
	    auth_db_run(c->db, "ATTACH ? AS living", "t", str_from(living));

	if (st != ST_OK)
		return st;
	st = auth_db_run(c->db,
	    "DELETE FROM main.password WHERE NOT EXISTS (SELECT 1 FROM"
	    " living.password l WHERE l.id = main.password.id AND l.account ="
	    " main.password.account AND l.verifier = main.password.verifier)",
	    "");
	if (st == ST_OK)
		*n_out = (uint64_t)sqlite3_changes(c->db);
	if (auth_db_run(c->db, "DETACH living", "") != ST_OK && st == ST_OK)
		st = ST_IO;
	return st;
}

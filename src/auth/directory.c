#include "auth/directory.h"

#include "auth/address.h"
#include "auth/directory_int.h"
#include "auth/grant.h"
#include "base/vec.h"

static const char schema_1[] =
    "CREATE TABLE domain (name TEXT PRIMARY KEY,"
    " catch_all TEXT NOT NULL DEFAULT '') WITHOUT ROWID;"
    "CREATE TABLE account (id TEXT PRIMARY KEY, address TEXT NOT NULL UNIQUE,"
    " domain TEXT NOT NULL REFERENCES domain(name),"
    " quota INTEGER NOT NULL DEFAULT 0, imap INTEGER NOT NULL DEFAULT 1,"
    " pop3 INTEGER NOT NULL DEFAULT 1, ready INTEGER NOT NULL DEFAULT 0,"
    " created INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX account_domain ON account(domain);"
    "CREATE TABLE alias (address TEXT PRIMARY KEY,"
    " domain TEXT NOT NULL REFERENCES domain(name),"
    " account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE)"
    " WITHOUT ROWID;"
    "CREATE INDEX alias_account ON alias(account);"
    "CREATE INDEX alias_domain ON alias(domain);"
    "CREATE TABLE member ("
    " role TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " person TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " PRIMARY KEY (role, person)) WITHOUT ROWID;"
    "CREATE INDEX member_person ON member(person);";
static const char *const schema[DIRECTORY_VERSION] = {
    schema_1,
    "ALTER TABLE account ADD COLUMN past_until INTEGER NOT NULL DEFAULT 0;",
};

#define COLUMNS "id, address, quota, imap, pop3, ready, created, past_until"

enum status
directory_open(const char *path, struct directory **out)
{
	struct directory *d = mem_zalloc(sizeof(*d));
	enum status st = auth_db_open(path, schema, DIRECTORY_VERSION, &d->db);

	if (st == ST_OK)
		*out = d;
	else
		free(d);
	return st;
}

void
directory_close(struct directory **d)
{
	if (!*d)
		return;
	auth_db_close(&(*d)->db);
	free(*d);
	*d = NULL;
}

static void
read_account(sqlite3_stmt *st, struct arena *a, struct directory_account *out)
{
	out->id = db_str(st, 0, a);
	out->address = db_str(st, 1, a);
	out->quota = (uint64_t)sqlite3_column_int64(st, 2);
	out->imap = sqlite3_column_int(st, 3) != 0;
	out->pop3 = sqlite3_column_int(st, 4) != 0;
	out->ready = sqlite3_column_int(st, 5) != 0;
	out->created_ms = sqlite3_column_int64(st, 6);
	out->past_until_ms = sqlite3_column_int64(st, 7);
}

/* A row or none; finalizes. */
static enum status
one(sqlite3_stmt *q, struct arena *a, struct directory_account *out)
{
	enum status st = db_step(q);

	if (st == ST_OK)
		read_account(q, a, out);
	sqlite3_finalize(q);
	return st;
}

enum status
directory_account_by_id(struct directory *d, struct str id, struct arena *a,
    struct directory_account *out)
{
	return one(db_query(d->db,
		       "SELECT " COLUMNS " FROM account WHERE id = ?", "t", id),
	    a, out);
}

enum status
directory_account(struct directory *d, struct str address, struct arena *a,
    struct directory_account *out)
{
	enum status st;

	st = one(
	    db_query(d->db, "SELECT " COLUMNS " FROM account WHERE address = ?",
		"t", address),
	    a, out);
	if (st != ST_NOT_FOUND)
		return st;
	return one(db_query(d->db,
		       "SELECT " COLUMNS " FROM account WHERE id ="
		       " (SELECT account FROM alias WHERE alias.address = ?)",
		       "t", address),
	    a, out);
}

enum status
directory_accounts(struct directory *d, struct str domain, struct arena *a,
    struct directory_account **out, size_t *n_out)
{
	struct {
		struct directory_account *list;
		size_t n_list, cap_list;
	} v = {0};
	sqlite3_stmt *q = db_query(d->db,
	    "SELECT " COLUMNS " FROM account"
	    " WHERE ?1 = '' OR domain = ?1 ORDER BY domain, address",
	    "t", domain);
	enum status st;

	while ((st = db_step(q)) == ST_OK)
		read_account(q, a, VEC_ADD(&v, list));
	sqlite3_finalize(q);
	if (st == ST_NOT_FOUND) {
		*out = ARENA_ARRAY(a, struct directory_account, v.n_list + 1);
		if (v.n_list)
			memcpy(*out, v.list, v.n_list * sizeof(*v.list));
		*n_out = v.n_list;
		st = ST_OK;
	}
	free(v.list);
	return st;
}

/* Random, so that a folder's name says nothing about whose it is. */
static struct str
new_id(const struct random *r, struct arena *a)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char bytes[ACCOUNT_ID_SIZE];
	char *id = arena_alloc(a, ACCOUNT_ID_SIZE);
	size_t i;

	random_fill(r, bytes, sizeof(bytes));
	for (i = 0; i < ACCOUNT_ID_SIZE; i++)
		id[i] = alphabet[bytes[i] & 31];
	return str_of(id, ACCOUNT_ID_SIZE);
}

enum status
directory_account_add(struct directory *d, const struct random *r,
    struct str address, int64_t now_ms, struct arena *a,
    struct directory_account *out)
{
	struct directory_account acct = {
	    .address = arena_str(a, address),
	    .imap = true,
	    .pop3 = true,
	    .created_ms = now_ms,
	};
	struct str domain = address_domain(address);
	enum status st;

	if ((st = directory_has_domain(d, domain)) != ST_OK ||
	    (st = directory_address_free(d, address)) != ST_OK)
		return st;
	acct.id = new_id(r, a);
	st = auth_db_run(d->db,
	    "INSERT INTO account (id, address, domain, created)"
	    " VALUES (?, ?, ?, ?)",
	    "ttti", acct.id, address, domain, now_ms);
	if (st == ST_OK)
		*out = acct;
	return st;
}

/* What was cut short is gone on with: then it is there, and not ready. */
enum status
directory_account_return(
    struct directory *d, const struct directory_account *acct)
{
	struct str domain = address_domain(acct->address);
	sqlite3_stmt *q = db_query(d->db,
	    "SELECT 1 FROM account WHERE id = ? AND address = ? AND ready = 0",
	    "tt", acct->id, acct->address);
	enum status st = db_step(q);

	sqlite3_finalize(q);
	if (st != ST_NOT_FOUND)
		return st;
	if ((st = directory_has_domain(d, domain)) != ST_OK ||
	    (st = directory_address_free(d, acct->address)) != ST_OK)
		return st;
	return auth_db_run(d->db,
	    "INSERT INTO account (id, address, domain, created)"
	    " VALUES (?, ?, ?, ?)",
	    "ttti", acct->id, acct->address, domain, acct->created_ms);
}

static enum status
touched(struct directory *d, enum status st)
{
	if (st == ST_OK && sqlite3_changes(d->db) == 0)
		return ST_NOT_FOUND;
	return st;
}

enum status
directory_account_ready(struct directory *d, struct str id)
{
	return touched(d,
	    auth_db_run(
		d->db, "UPDATE account SET ready = 1 WHERE id = ?", "t", id));
}

/* A catch-all that leads to it would swallow mail: it goes as well. */
enum status
directory_account_remove(struct directory *d, struct str id)
{
	enum status st;

	if ((st = auth_db_begin(d->db)) != ST_OK)
		return st;
	st = auth_db_run(d->db,
	    "UPDATE domain SET catch_all = '' WHERE catch_all IN"
	    " (SELECT address FROM account WHERE id = ?1 UNION"
	    "  SELECT address FROM alias WHERE account = ?1)",
	    "t", id);
	if (st == ST_OK)
		st = touched(d,
		    auth_db_run(
			d->db, "DELETE FROM account WHERE id = ?", "t", id));
	return db_end(d->db, st);
}

enum status
directory_account_set(struct directory *d, const struct directory_account *acct)
{
	return touched(d,
	    auth_db_run(d->db,
		"UPDATE account SET quota = ?, imap = ?, pop3 = ?,"
		" past_until = ? WHERE id = ?",
		"iiiit", (int64_t)acct->quota, (int64_t)acct->imap,
		(int64_t)acct->pop3, acct->past_until_ms, acct->id));
}

static enum status
catch_all(struct directory *d, struct str address, struct arena *a,
    struct directory_account *out)
{
	sqlite3_stmt *q = db_query(d->db,
	    "SELECT catch_all FROM domain WHERE name = ? AND catch_all <> ''",
	    "t", address_domain(address));
	enum status st = db_step(q);
	struct str target = S("");

	if (st == ST_OK)
		target = db_str(q, 0, a);
	sqlite3_finalize(q);
	return st == ST_OK ? directory_account(d, target, a, out) : st;
}

enum status
directory_resolve(struct directory *d, struct str address, struct arena *a,
    struct directory_hit *out)
{
	struct directory_hit hit = {.detail = S("")};
	struct str base, detail = S("");
	enum status st = directory_account(d, address, a, &hit.account);

	if (st == ST_NOT_FOUND && address_detail(address, a, &base, &detail)) {
		st = directory_account(d, base, a, &hit.account);
		if (st == ST_OK)
			hit.detail = detail;
	}
	if (st == ST_NOT_FOUND)
		st = catch_all(d, address, a, &hit.account);
	if (st == ST_OK && !hit.account.ready)
		st = ST_BUSY;
	if (st == ST_OK)
		*out = hit;
	return st;
}

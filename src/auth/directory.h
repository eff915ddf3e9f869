/*
 * DATA/directory.db: which domains, accounts, aliases and members there are.
 * Addresses given here are normal (auth/address.h). Results live in the arena
 * that the call takes.
 */
#ifndef AUTH_DIRECTORY_H
#define AUTH_DIRECTORY_H

#include "base/arena.h"
#include "base/clock.h"

enum { DIRECTORY_VERSION = 2 };

struct directory;

enum status directory_open(const char *path, struct directory **out) MUST_CHECK;
void directory_close(struct directory **d);

/* --- domains --- */

struct directory_domain {
	struct str name;
	struct str catch_all; /* an address, or empty */
	uint64_t accounts;
};

/* ST_EXISTS when it is there. */
enum status directory_domain_add(
    struct directory *d, struct str name) MUST_CHECK;
/* ST_HAS_CHILDREN while accounts or aliases are in it. */
enum status directory_domain_remove(
    struct directory *d, struct str name) MUST_CHECK;
/* Empty: none. ST_INVALID when the address does not lead to an account. */
enum status directory_catch_all(
    struct directory *d, struct str name, struct str address) MUST_CHECK;
enum status directory_domains(struct directory *d, struct arena *a,
    struct directory_domain **out, size_t *n_out) MUST_CHECK;

/* --- accounts --- */

struct directory_account {
	struct str id; /* [a-z2-7]{26} */
	struct str address;
	uint64_t quota; /* bytes; 0: none */
	bool imap, pop3;
	bool ready; /* its folder is made; no mail and no login before */
	int64_t created_ms;
	int64_t past_until_ms; /* IMAP shows Past/ until then; 0: not */
};

/*
 * Makes an account that is not ready. ST_EXISTS when an account or an alias
 * has the address; ST_NOT_FOUND when its domain is not ours.
 */
enum status directory_account_add(struct directory *d, const struct random *r,
    struct str address, int64_t now_ms, struct arena *a,
    struct directory_account *out) MUST_CHECK;
enum status directory_account_ready(
    struct directory *d, struct str id) MUST_CHECK;
/* With its old id, not ready. ST_EXISTS: somebody has the address. */
enum status directory_account_return(
    struct directory *d, const struct directory_account *acct) MUST_CHECK;
/* Its aliases and memberships go, too. */
enum status directory_account_remove(
    struct directory *d, struct str id) MUST_CHECK;
enum status directory_account_set(struct directory *d,
    const struct directory_account *acct) MUST_CHECK; /* its settings */
/* By its address or one of its aliases. */
enum status directory_account(struct directory *d, struct str address,
    struct arena *a, struct directory_account *out) MUST_CHECK;
enum status directory_account_by_id(struct directory *d, struct str id,
    struct arena *a, struct directory_account *out) MUST_CHECK;
/* By address; of one domain unless that is empty. */
enum status directory_accounts(struct directory *d, struct str domain,
    struct arena *a, struct directory_account **out, size_t *n_out) MUST_CHECK;

/* --- aliases --- */

enum status directory_alias_add(
    struct directory *d, struct str id, struct str address) MUST_CHECK;
enum status directory_alias_remove(
    struct directory *d, struct str id, struct str address) MUST_CHECK;
enum status directory_aliases(struct directory *d, struct str id,
    struct arena *a, struct str **out, size_t *n_out) MUST_CHECK;

/* --- members: who may use a role account such as office@ --- */

/* Both are account ids. */
enum status directory_member_add(
    struct directory *d, struct str role, struct str person) MUST_CHECK;
enum status directory_member_remove(
    struct directory *d, struct str role, struct str person) MUST_CHECK;
/* ST_OK, or ST_NOT_FOUND. */
enum status directory_is_member(
    struct directory *d, struct str role, struct str person) MUST_CHECK;
/* The ids of the roles a person is a member of. */
enum status directory_roles(struct directory *d, struct str person,
    struct arena *a, struct str **out, size_t *n_out) MUST_CHECK;
/* Their addresses. */
enum status directory_members(struct directory *d, struct str role,
    struct arena *a, struct str **out, size_t *n_out) MUST_CHECK;

/*
 * The same with their ids, "id address", for who writes down an account that
 * goes: another one may get its address.
 */
enum status directory_roles_named(struct directory *d, struct str person,
    struct arena *a, struct str **out, size_t *n_out) MUST_CHECK;
enum status directory_members_named(struct directory *d, struct str role,
    struct arena *a, struct str **out, size_t *n_out) MUST_CHECK;

/* --- who gets mail for an address --- */

struct directory_hit {
	struct directory_account account;
	struct str detail; /* of anna+detail@; empty when there is none */
};

/*
 * The account with that address; its alias; the same without the detail; the
 * domain's catch-all. ST_NOT_FOUND; ST_BUSY: the account is not ready.
 */
enum status directory_resolve(struct directory *d, struct str address,
    struct arena *a, struct directory_hit *out) MUST_CHECK;

#endif

/*
 * DATA/credentials.db: the verifiers of passwords and app passwords (P7). An
 * account has one salt and iteration count for SCRAM, so that all of its
 * passwords answer the same challenge. Opened by `auth` alone (P2).
 */
#ifndef AUTH_CREDENTIALS_H
#define AUTH_CREDENTIALS_H

#include "auth/scram.h"
#include "base/arena.h"
#include "base/clock.h"

enum {
	CREDENTIALS_VERSION = 2,
	CREDENTIALS_MAX = 100,      /* passwords of an account */
	CREDENTIALS_NAME_MAX = 100, /* bytes of an app password's name */
};

struct credentials;

struct credential {
	uint64_t id;
	struct str owner; /* the account id of the person it is */
	struct str name;  /* "password", or an app password's: "iPhone" */
	bool main;        /* the account's password */
	bool generated;   /* verifier: auth/password.h; else argon2id */
	struct str verifier;
	struct str role; /* the account it opens instead, an id; or empty */
	int64_t created_ms, used_ms; /* used_ms 0: never */
	bool suspended;              /* opens nothing for now */
	/*
	 * Under the salt of the account it was listed for. A generated one has
	 * two: as shown, and without its dashes.
	 */
	const struct scram_keys *keys;
	size_t n_keys;
};

/* What the name "password" stands for. */
#define CREDENTIAL_MAIN "password"

enum status credentials_open(const char *path, const struct random *r,
    struct credentials **out) MUST_CHECK;
void credentials_close(struct credentials **c); /* flushes */

/*
 * Drops passwords that are no longer those of the same credential in another
 * credentials.db, which is only read: what was revoked or changed there since
 * a backup stays so.
 */
enum status credentials_revoke_since(
    struct credentials *c, const char *living, uint64_t *n_out) MUST_CHECK;

struct scram_salt {
	unsigned char salt[SCRAM_SALT];
	uint32_t iterations;
};

/* Made at the first call for an account. */
enum status credentials_salt(struct credentials *c, struct str account,
    struct scram_salt *out) MUST_CHECK;
/* For a name that does not exist: always the same for the same name. */
void credentials_fake_salt(
    const struct credentials *c, struct str name, struct scram_salt *out);

/*
 * Adds it (its id is ignored) with its keys under its owner's salt; a main one
 * replaces the main one there was. ST_EXISTS: the owner has that name; ST_LIMIT:
 * too many.
 */
enum status credentials_add(struct credentials *c,
    const struct credential *cred, uint64_t *id_out) MUST_CHECK;
/* Keys under the salt of that account. */
enum status credentials_add_keys(struct credentials *c, uint64_t id,
    struct str account, const struct scram_keys *keys, size_t n) MUST_CHECK;
/*
 * What the account owns, the main one first, then by name; with `login` also
 * what others have to open it as a role: all that its name may log in with.
 */
enum status credentials_list(struct credentials *c, struct str account,
    bool login, struct arena *a, struct credential **out,
    size_t *n_out) MUST_CHECK;
enum status credentials_remove(struct credentials *c, struct str account,
    struct str name, uint64_t *id_out) MUST_CHECK;
/* With its salt, and with what others have for it as a role. */
enum status credentials_remove_all(
    struct credentials *c, struct str account) MUST_CHECK;

/*
 * One by its id; and whether it opens anything. What is suspended is not in a
 * list for a login, and does not exist for credentials_exists().
 */
enum status credentials_get(struct credentials *c, uint64_t id, struct arena *a,
    struct credential *out) MUST_CHECK;
enum status credentials_suspend(struct credentials *c, uint64_t id) MUST_CHECK;
/* All that the account owns. */
enum status credentials_resume(
    struct credentials *c, struct str account) MUST_CHECK;

/* ST_OK, or ST_NOT_FOUND: it has been revoked. */
enum status credentials_exists(struct credentials *c, uint64_t id) MUST_CHECK;

/*
 * It was used: written at the next flush, so that a login costs no fsync.
 * A crash loses at most what the last minute knew.
 */
void credentials_used(struct credentials *c, uint64_t id, int64_t now_ms);
enum status credentials_flush(struct credentials *c) MUST_CHECK;

#endif

/*
 * What the process `auth` does, without its sockets: exchanges of logins,
 * recipients, administration. daemon/ feeds it messages and carries out what
 * it asks of its host; tests do the same. The only maker of grants (P1).
 *
 *   login --auth_step--> service --hash--> child --auth_hashed--> service
 *                           |
 *                           +--grant--> worker, then --reply--> login
 */
#ifndef AUTH_SERVICE_H
#define AUTH_SERVICE_H

#include "auth/grant.h"
#include "auth/outcome.h"
#include "base/clock.h"

enum {
	AUTH_HASHERS = 2,       /* hashing children (P2) */
	AUTH_EXCHANGES = 16384, /* open at a time, over all login processes */
	AUTH_RESPONSE_MAX = 64 * 1024,
};

struct auth_service;

/* A connection of a login process: both numbers are the host's. */
struct auth_from {
	uint32_t login; /* index of the process */
	uint64_t conn;
};

/* Channel bindings of the connection; all empty without TLS. */
struct sasl_bindings {
	struct str exporter; /* tls-exporter, RFC 9266 */
	struct str unique;   /* tls-unique, RFC 5929 */
	struct str endpoint; /* tls-server-end-point, RFC 5929 */
};

/* One step. The first one of an exchange names the mechanism. */
struct auth_ask {
	struct auth_from from;
	uint32_t id;         /* comes back in the reply */
	struct str protocol; /* "imap", "pop3" */
	struct str peer;     /* its network address; "unix" */
	struct sasl_bindings bindings;
	struct str mechanism;
	bool has_response;
	struct str response;
	bool cancel;
};

struct auth_result {
	struct auth_from from;
	uint32_t id;
	enum auth_outcome outcome;
	struct str data; /* the challenge, or the last words of the server */
	/* AUTH_SUCCESS: */
	unsigned char ticket[TICKET_SIZE];
	uint32_t home;
	/* For the host's log line, never for the peer: */
	struct str name;      /* the login name as given */
	struct str account;   /* when it was found */
	struct str mechanism; /* what was used */
};

/* Who gets mail for an address: struct recipient of proto/proto.h. */
struct auth_recipient {
	struct str account; /* the store's id */
	struct str address; /* the account's main address */
	struct str detail;  /* of anna+detail@ */
	uint32_t home;
};

struct auth_host {
	void *ctx;
	/*
	 * A job for hashing child 0 .. AUTH_HASHERS - 1, which runs
	 * hash_job_run (auth/verify.h) and answers by auth_hashed. A child has
	 * at most one job at a time.
	 */
	void (*hash)(void *ctx, uint32_t child, struct str job);
	/* The answer to a step, exactly one, perhaps before auth_step ends. */
	void (*reply)(void *ctx, const struct auth_result *r);
	/* To the home worker, always before the reply of its login. */
	void (*grant)(void *ctx, const struct grant *g);
	/*
	 * To all workers: end the sessions that this credential of the account
	 * opened (empty: all credentials).
	 */
	void (*revoke)(void *ctx, struct str account, struct str credential);
};

struct auth_config {
	struct str data;   /* the DATA folder */
	struct str domain; /* for login names without one; may be empty */
	bool scram;
	uint32_t workers;
	const struct clock *clock;
	const struct random *random;
	struct attempts_table *attempts; /* not ours; NULL: one of our own */
	struct auth_host host;
};

/* Opens (and makes) DATA/directory.db and DATA/credentials.db. */
enum status auth_open(
    const struct auth_config *cfg, struct auth_service **out) MUST_CHECK;
void auth_close(struct auth_service **s);

/* After a reload: the default domain and whether SCRAM is on. */
void auth_settings(struct auth_service *s, struct str domain, bool scram);

void auth_step(struct auth_service *s, const struct auth_ask *ask);
/* The connection is gone, or all of a login process: no reply follows. */
void auth_gone(struct auth_service *s, struct auth_from from);
void auth_login_lost(struct auth_service *s, uint32_t login);

/* The result of a job; or the child died, and a new one is there. */
void auth_hashed(struct auth_service *s, uint32_t child, struct str result);
void auth_hasher_lost(struct auth_service *s, uint32_t child);

/*
 * ST_OK; ST_NOT_FOUND; ST_BUSY: try again later (an account that is being
 * made). Lives in the arena.
 */
enum status auth_recipient(struct auth_service *s, struct str address,
    struct arena *a, struct auth_recipient *out) MUST_CHECK;

/*
 * An administrative request (auth/admin.h) from DATA/control: appends the
 * answer, records or the reason why not.
 */
enum status auth_admin(
    struct auth_service *s, struct str request, struct buf *answer) MUST_CHECK;

/* Call at auth_deadline (mono ms; INT64_MAX: none). */
void auth_run(struct auth_service *s);
int64_t auth_deadline(const struct auth_service *s);

#endif

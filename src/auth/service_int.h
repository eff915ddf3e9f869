/*
 * The inside of the service: exchanges (service_exchange.c) and the checks of
 * passwords and proofs (service_check.c).
 */
#ifndef AUTH_SERVICE_INT_H
#define AUTH_SERVICE_INT_H

#include "auth/admin.h"
#include "auth/attempts.h"
#include "auth/hash_queue.h"
#include "auth/sasl.h"
#include "auth/success_cache.h"
#include "auth/verify.h"
#include "base/map.h"

enum {
	AUTH_FLUSH_MS = 60 * 1000, /* credentials_flush */
	AUTH_KEY = 12,
	AUTH_STEPS = 8, /* responses of one exchange */
};

enum exchange_state {
	EXCHANGE_ASKED,   /* a step is being worked on */
	EXCHANGE_OPEN,    /* the client's response is awaited */
	EXCHANGE_HASHING, /* a job waits or runs */
	EXCHANGE_LATER,   /* it failed, and the answer waits */
};

struct exchange {
	struct auth_from from;
	uint32_t id; /* of the step to be answered */
	enum exchange_state state;
	struct arena arena;
	struct sasl sasl;
	struct sasl_bindings bindings;
	struct str protocol, peer;
	unsigned steps;
	/* Of the name, once it is known: */
	uint64_t attempt;
	bool found;
	struct directory_account account;
	struct credential *creds;
	size_t n_creds;
	/* EXCHANGE_HASHING */
	uint64_t job;
	const struct credential *hashing; /* NULL: the dummy */
	/* EXCHANGE_LATER */
	int64_t due_ms;
	struct exchange *later; /* the list of those that wait */
};

struct auth_service {
	struct auth_config cfg;
	struct buf domain;
	struct directory *directory;
	struct credentials *credentials;
	struct map exchanges; /* by auth_from */
	struct map jobs;      /* by job: exchanges that hash */
	uint64_t last_job;
	uint64_t running[AUTH_HASHERS]; /* the job a child works on, or 0 */
	struct hash_queue queue;
	struct attempts_table *attempts;
	struct success_cache *cache;
	struct exchange *later;
	int64_t flush_ms; /* mono; 0: nothing to flush */
};

/* Answers and, unless it is a challenge, ends the exchange. */
void exchange_answer(struct auth_service *s, struct exchange *e,
    enum auth_outcome outcome, struct str data);
/* Counts a failure and answers it, at once or later. */
void exchange_failed(struct auth_service *s, struct exchange *e);
void exchange_end(struct auth_service *s, struct exchange *e);

/* Looks the name up; what is not found gets the same treatment. */
enum status check_lookup(struct auth_service *s, struct exchange *e) MUST_CHECK;
void check_salt(struct auth_service *s, struct exchange *e);
void check_password(struct auth_service *s, struct exchange *e);
void check_proof(struct auth_service *s, struct exchange *e);
void check_hashed(
    struct auth_service *s, struct exchange *e, const struct hash_result *r);

/* Gives waiting jobs to idle children. */
void service_dispatch(struct auth_service *s);

#endif

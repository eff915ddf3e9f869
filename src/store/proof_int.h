#ifndef STORE_PROOF_INT_H
#define STORE_PROOF_INT_H

#include "store/account_int.h"
#include "store/proof.h"

struct proof {
	const struct proof_host *host;
	struct proof_result *result;
	struct str where;
	uint64_t bytes, all; /* progress */
};

void proof_found(struct proof *p, const char *fmt, ...) PRINTF(2, 3);
void proof_step(struct proof *p, uint64_t bytes);

/* proof_records.c */
void proof_records(struct proof *p, struct account *a);

/* Its database, its records, its counts; `a` is open to be looked at. */
void proof_open_account(struct proof *p, struct account *a);

#endif

/*
 * A grant: what `auth` hands to the home worker when a login succeeded (P1).
 * It is the only thing a worker believes about who stands at the other end.
 */
#ifndef AUTH_GRANT_H
#define AUTH_GRANT_H

#include "base/arena.h"

enum { TICKET_SIZE = 16, ACCOUNT_ID_SIZE = 26 };

struct grant {
	unsigned char ticket[TICKET_SIZE]; /* one time, 5 s */
	struct str account;                /* the store's id, [a-z2-7]{26} */
	struct str address;                /* the account's main address */
	struct str person;     /* who logged in; = address for own accounts */
	struct str credential; /* id of the credential, for revocation */
	struct str device;     /* its name: "password", "iPhone" */
	unsigned rights;       /* enum right_bits of store/change.h */
	uint32_t home;         /* index of the account's home worker */
	int64_t past_until_ms; /* IMAP shows Past/ until then */
};

void grant_encode(const struct grant *g, struct buf *out);
enum status grant_decode(
    struct str in, struct arena *a, struct grant *out) MUST_CHECK;

/* hash(account) % workers, the same in every process. */
uint32_t grant_home(struct str account, uint32_t workers);

#endif

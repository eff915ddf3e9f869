#ifndef STORE_REPAIR_INT_H
#define STORE_REPAIR_INT_H

#include "store/db_int.h"
#include "store/repair.h"

struct repair {
	const struct repair_host *host;
	struct store *s;
	struct account *a;
};

void repair_did(struct repair *r, const char *fmt, ...) PRINTF(2, 3);
void repair_lost(struct repair *r, const char *fmt, ...) PRINTF(2, 3);

/* db_repair.c: rows that contradict each other; in one transaction. */
enum status db_mend(struct repair *r) MUST_CHECK;
/* Counts on mailboxes and on the account, shares, what history holds. */
enum status db_recount(struct account *a) MUST_CHECK;

/* db_salvage.c: from the database of that name in the account's folder. */
enum status db_salvage(struct repair *r, const char *old) MUST_CHECK;

#endif

/*
 * `mailstead recover`: its three forms, and what they share.
 */
#ifndef CLI_RECOVER_H
#define CLI_RECOVER_H

#include "cli/past.h"
#include "cli/target.h"
#include "store/recreate.h"

struct recovery {
	struct cli *c;
	struct recreate r;
	struct buf why;
	const char *dir; /* the backup */
	uint64_t all;    /* bytes that will be written, for the bar */
	bool back;       /* to a moment: */
	int64_t at_ms;
};

/* --at: the account as it was then. ST_NOT_FOUND: it was not. */
enum status recovery_rewind(struct recovery *v, struct account *a) MUST_CHECK;
/* Prints `why`, or of `what` what the status says; and what to do about it. */
int recovery_fail(struct recovery *v, enum status st, const char *what);
/* What stands in DATA itself. */
struct manifest_folder *recovery_server(struct recovery *v);
/* The account's folder in the backup, by its address; prints why not. */
struct manifest_folder *recovery_find(struct recovery *v, struct str address);

/* "accounts/ab/<id>" -> struct str, its address; what can be read of it. */
void recovery_names(struct cli *c, const char *dir, struct map *out);

int recovery_of_server(struct recovery *v);
int recovery_of_account(struct recovery *v, struct str address);
int recovery_of_folder(
    struct recovery *v, struct str address, struct str folder);

#endif

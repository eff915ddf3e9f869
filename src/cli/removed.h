/*
 * Accounts in DATA/removed, as the directory described them when they went.
 */
#ifndef CLI_REMOVED_H
#define CLI_REMOVED_H

#include "cli/cli.h"

struct removed {
	struct str name;   /* of the folder: id, dash, when in ms */
	struct str record; /* as of account.show */
	uint64_t ms;
};

/* The newest with that address; false: none. */
bool removed_find(struct cli *c, struct str address, struct removed *out);

#endif

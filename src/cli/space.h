/* What an account takes: now, of the past, and what can be given back. */
#ifndef CLI_SPACE_H
#define CLI_SPACE_H

#include "cli/mail.h"

/* Of the past is more kept than history.warn says (S25)? */
bool space_warns(const struct cli *c, const struct account_usage *u);
json_t *space_json(const struct cli *c, const struct account_usage *u);
/* "title  12 MiB" */
void space_say(const struct cli *c, const struct account_usage *u);
/* A table of all accounts, and the sums: for `status`. */
enum status space_all(struct cli *c) MUST_CHECK;

#endif

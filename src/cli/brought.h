/* What restore and undo have brought back, or would: what is said of it. */
#ifndef CLI_BROUGHT_H
#define CLI_BROUGHT_H

#include "cli/cli.h"
#include "store/restore.h"

/* Done; `undo` has no way to ask for what is elsewhere. */
void brought_say(struct cli *c, const struct brought *b, bool undo);
/* Not done: folder by folder, those told of out of `all`. */
int brought_say_plan(
    struct cli *c, const struct restore_report *r, size_t all, bool undo);

#endif

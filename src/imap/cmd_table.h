/*
 * The commands. A new one is a file cmd_x.c, a line in cmd_table.c and a
 * transcript under tests/imap.
 */
#ifndef IMAP_CMD_TABLE_H
#define IMAP_CMD_TABLE_H

#include "imap/session.h"

/* In no order, NULL at the end. */
extern const struct imap_cmd *const imap_cmds[];

/* By its name in any case; with `uid`, the one that has a UID form. */
const struct imap_cmd *imap_cmd_find(struct str name, bool uid);

#endif

/* The keeper's work on text indexes (store/text_indexer.h). */
#ifndef DAEMON_KEEPER_TEXT_H
#define DAEMON_KEEPER_TEXT_H

#include "daemon/child.h"

/* A worker, which has the account open, says that its index lacks messages. */
void keeper_text_add(struct child *c, struct str account);
void keeper_text_end(struct child *c);

#endif

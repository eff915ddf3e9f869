/*
 * The role `keeper`: private to keeper*.c.
 */
#ifndef DAEMON_KEEPER_INT_H
#define DAEMON_KEEPER_INT_H

#include "daemon/child.h"
#include "store/timeline.h"

/* keeper_times.c: the time that passes while a server runs (S24). */
void times_start(struct child *c);
const struct timeline *times_get(void);
void times_end(void);

/* keeper_tend.c: one account after the other (store/tender.h). */
void tend_start(struct child *c);
/* It is worth a look: soon, once. */
void tend_hint(struct str account);
void tend_told(struct link *l, struct str body); /* MSG_TENDED */
void tend_lost(struct link *l);
void tend_end(void);

/* keeper_removed.c */
void removed_sweep(struct child *c);

#endif

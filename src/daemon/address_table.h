/*
 * How many connections each network address has that are not logged in (P8):
 * one table in shared memory, with a plane for each login process. A process
 * adds in its own plane only and sums over all, so there is nothing to lock,
 * and the plane of one that died is simply cleared. Addresses share counters
 * by hash, two to an address; the smaller one counts.
 */
#ifndef DAEMON_ADDRESS_TABLE_H
#define DAEMON_ADDRESS_TABLE_H

#include "base/base.h"
#include "base/status.h"

enum { ADDRESS_PLANES = 8, ADDRESS_SLOTS = 8192, ADDRESS_ROWS = 2 };

struct address_table;

/* The memory for it: a descriptor, or -1 with errno. */
int address_memory(void) MUST_CHECK;
/* Maps it. `plane` is this process's own. Takes no descriptor over. */
struct address_table *address_open(int fd, unsigned plane);
void address_close(struct address_table **t);

void address_add(struct address_table *t, uint64_t group);
void address_drop(struct address_table *t, uint64_t group);
unsigned address_count(const struct address_table *t, uint64_t group);
void address_clear(struct address_table *t); /* this plane */

#endif

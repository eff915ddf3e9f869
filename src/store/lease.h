/*
 * A lease on an account's files: while somebody holds one, no file of the
 * account that holds message bytes (pack-*, keep-*, large-*) is unlinked, so
 * that what a copy of mail.db names can still be linked or copied (S10). It
 * stops nobody from writing, and compaction goes on up to its last step.
 *
 * It is a flock on the account's folder: shared by those who read, exclusive
 * for the moment of an unlink; a process that dies has let go of it. Hold it
 * for as long as a copy takes, not longer: the space waits.
 */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "base/status.h"
#include "base/str.h"

/*
 * Taken before the database is copied, given back by lease_end() when all
 * files that it names are safe. ST_NOT_FOUND: no such account. Waits a moment
 * at most: for an unlink that is under way.
 */
enum status lease_take(
    struct str root, struct str account, int *lease_out) MUST_CHECK;
void lease_end(int *lease); /* sets it to -1 */

/* For who unlinks, on a folder of its own opening: ST_BUSY while anybody
 * holds a lease. lease_end() after the unlink. */
enum status lease_exclude(const char *dir, int *lease_out) MUST_CHECK;

#endif

/*
 * The DATA folder as a whole: who owns it (S1), on what it lies (S13), and
 * whether the machine stopped uncleanly since it was last in use (S22). Used
 * by the supervisor and by command-line runs without a server.
 */
#ifndef DAEMON_DATA_H
#define DAEMON_DATA_H

#include "base/buf.h"

enum { DATA_MODE = 0700 };

/*
 * The mark of a recovery under way, and the beginning of the names of all that
 * it makes in DATA before it has ended.
 */
#define DATA_RECOVERING "recovering"

/*
 * Makes the folder if it is missing (its parent must exist), refuses a network
 * file system, and takes the lock. *fd_out holds the lock as long as any
 * process has it open. ST_BUSY: another owner lives; ST_CANNOT: a network file
 * system; ST_IO with errno.
 */
enum status data_lock(const char *data, int *fd_out) MUST_CHECK;

/*
 * What root has made in DATA, a file, belongs to whom the folder belongs to:
 * root may administer the server of somebody else.
 */
void data_give(const char *data, const char *name);

/*
 * The epoch of this run: one more than the last one's when the boot id differs
 * and the last owner left no clean mark. Synced before it returns; the mark is
 * gone until data_clean.
 */
enum status data_epoch(const char *data, uint64_t *epoch_out) MUST_CHECK;

/*
 * ST_STATE: a recovery of the whole server has not ended here: there is no
 * directory yet, and none must be made.
 */
enum status data_whole(const char *data) MUST_CHECK;

/*
 * What recoveries that were killed have left goes; one that goes on keeps a
 * lock on the folder that it fills. By the owner of DATA, which is whole.
 */
void data_sweep(const char *data);

/* Of who owns DATA now. */
enum status data_read_epoch(const char *data, uint64_t *epoch_out) MUST_CHECK;

/* Everything is on disk and closed: what follows is no unclean stop. */
enum status data_clean(const char *data, uint64_t epoch) MUST_CHECK;

/* The names a network file system has (statfs magic); NULL: a local one. */
const char *data_network_name(long magic);

#endif

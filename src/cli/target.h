/*
 * Whom the verbs work on: the server through DATA/control, or, when none
 * runs, DATA itself, whose owner this process then is (S1): it holds the lock
 * until the end.
 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "daemon/config.h"
#include "daemon/mail_op.h"

struct cli_target;

/*
 * *why_out is a sentence. `makes`: DATA may be made. As root it becomes the
 * owner of the mail for files (target_as_caller undoes that for a while).
 */
enum status target_open(const struct config *config, bool makes,
    struct cli_target **out, const char **why_out) MUST_CHECK;
void target_close(struct cli_target **t);

/* The epoch of this run of the server, or of ours (S22). */
uint64_t target_epoch(const struct cli_target *t);

/* Does a server run? */
bool target_online(const struct cli_target *t);

/* Files of the caller, not of DATA, are opened between these two. */
void target_as_caller(void);
void target_as_owner(const struct cli_target *t);
/* What the caller has made in DATA becomes the mail's owner's, a tree too. */
enum status target_give(
    const struct cli_target *t, const char *path) MUST_CHECK;

/* The answer, or when not ST_OK the reason (may be empty), is added. */
enum status target_admin(
    struct cli_target *t, struct str request, struct buf *answer) MUST_CHECK;

/* One mail operation; `fd` (or -1) stays the caller's. */
enum status target_mail(struct cli_target *t, struct str account,
    struct str request, int fd, struct buf *answer) MUST_CHECK;

/*
 * Its owner has the account open until target_release: then its database may
 * be read beside it (S1). `alone`: its owner has ended its sessions and closed
 * it, and it is ours. One at a time. ST_BUSY: it is in use.
 */
enum status target_hold(
    struct cli_target *t, struct str account, bool alone) MUST_CHECK;
void target_release(struct cli_target *t);
/* A store of our own, for the one that is held alone. */
enum status target_own(
    struct cli_target *t, struct store **store_out) MUST_CHECK;

/*
 * Many at a time: results come to `done` in any order, during later calls.
 * target_wait returns when all have come. The request and the descriptor are
 * not needed after the call.
 */
typedef void target_done(
    void *ctx, uint64_t tag, enum status st, struct str answer);
enum status target_post(struct cli_target *t, struct str account,
    struct str request, int fd, uint64_t tag, target_done *done,
    void *ctx) MUST_CHECK;
enum status target_wait(struct cli_target *t) MUST_CHECK;

#endif

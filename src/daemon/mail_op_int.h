/*
 * What a mail_op's kinds are done by, on the side that owns the account: each
 * reads its arguments and adds to op->answer. How that is told stands in the
 * same file as how it is read.
 */
#ifndef DAEMON_MAIL_OP_INT_H
#define DAEMON_MAIL_OP_INT_H

#include "base/wire.h"
#include "daemon/mail_op.h"

/* mail_mailboxes.c */
enum status mail_mailboxes_now(struct mail_op *op) MUST_CHECK;
enum status mail_mailboxes_then(struct mail_op *op, struct wire *w) MUST_CHECK;

/* mail_entries.c */
enum status mail_entries_now(struct mail_op *op, struct wire *w) MUST_CHECK;
enum status mail_entries_then(struct mail_op *op, struct wire *w) MUST_CHECK;

/* mail_events.c */
enum status mail_horizon(struct mail_op *op, struct wire *w) MUST_CHECK;
enum status mail_events(struct mail_op *op, struct wire *w) MUST_CHECK;

/* mail_report.c: what op->change would do */
enum status mail_report(struct mail_op *op) MUST_CHECK;

#endif

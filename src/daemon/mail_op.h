/*
 * An administrative operation on one account's mail, as the command line asks
 * for it (daemon/control.h): run by the account's home worker, or by the
 * command line itself while no server runs. The same code, one owner (S1).
 *
 *	mail_op_begin() -> MAIL_OP_DONE: op->status and op->answer hold the reply
 *	                -> MAIL_OP_ASK: submit op->change to op->account, and
 *	                   call mail_op_answered() with what comes back
 *	mail_op_end() in every case
 *
 * A store_run() has to lie between two operations on one account: an operation
 * that reads holds the account only until it is done.
 */
#ifndef DAEMON_MAIL_OP_H
#define DAEMON_MAIL_OP_H

#include "store/incoming.h"
#include "store/mailbox.h"
#include "store/view.h"

enum mail_op_kind {
	MAIL_OP_MAKE = 1, /* the account's folder; ST_EXISTS when it is there */
	MAIL_OP_REMOVE,   /* ST_BUSY while sessions are open; its record */
	MAIL_OP_USAGE,
	MAIL_OP_MAILBOXES,
	MAIL_OP_ENTRIES,  /* a page of a mailbox */
	MAIL_OP_READ,     /* bytes of a message */
	MAIL_OP_EMAILIDS, /* a page of them, retained messages too */
	MAIL_OP_CHANGE,   /* a struct change with at most one message */
	/* daemon/mail_past.h */
	MAIL_OP_HORIZON,
	MAIL_OP_EVENTS,
	MAIL_OP_PAST_MAILBOXES,
	MAIL_OP_PAST_ENTRIES,
	MAIL_OP_REPORT, /* asked like a CHANGE: RESTORE or UNDO */
	/*
	 * With a server only. LEND: the home worker keeps the account open for
	 * us until RETURN or the end of our connection, so that its database
	 * may be read beside it (S1); the lock on DATA comes along. Or, `alone`,
	 * it ends its sessions, closes it and stays away; ST_BUSY: not yet.
	 */
	MAIL_OP_LEND,
	MAIL_OP_RETURN,
	MAIL_OP_BRING_BACK, /* from removed/: the folder's name there */
};

enum {
	MAIL_OP_ANSWER = 110 * 1024, /* fits CONTROL_ANSWER_MAX */
	MAIL_OP_CHUNK = 100 * 1024,  /* of a message at a time */
	MAIL_OP_PAGE = 500,          /* entries at a time */
	MAIL_OP_EMAILIDS_PAGE = 5000,
};

enum mail_op_next { MAIL_OP_DONE, MAIL_OP_ASK };

struct mail_op {
	enum status status;
	struct buf answer;       /* of ST_OK */
	struct account *account; /* NULL for MAKE and REMOVE */
	struct change change;
	/* private */
	struct arena arena;
	struct viewer viewer;
	struct origin origin;
	struct incoming *message;
};

/*
 * `fd` is the message of a change, taken over when used (set to -1). The
 * request may go after the call.
 */
enum mail_op_next mail_op_begin(
    struct mail_op *op, struct store *s, struct str request, int *fd);
void mail_op_answered(
    struct mail_op *op, enum status st, const struct changed *changed);
void mail_op_end(struct mail_op *op);

/* --- requests; the person is the account's address: whose eyes we use --- */

void mail_ask(struct buf *out, enum mail_op_kind kind, struct str account,
    struct str person);
/* After that, by kind: */
void mail_ask_entries(struct buf *out, uint64_t mailbox, uint32_t from_uid);
void mail_ask_read(struct buf *out, uint64_t message, uint64_t at);
void mail_ask_emailids(struct buf *out, uint64_t from_message);
void mail_ask_lend(struct buf *out, bool alone);
/* The message, if any, travels as incoming_fd() beside it. */
void mail_ask_change(
    struct buf *out, const struct change *c, const struct incoming *message);

/* --- answers; results borrow from `in` or live in the arena --- */

/* One message of MAIL_OP_ENTRIES or MAIL_OP_PAST_ENTRIES. */
struct mail_entry {
	uint32_t uid;
	uint64_t message, size;
	int64_t date_ms;
	int32_t date_zone;
	struct str flags;         /* "\Seen $Forwarded" */
	struct str emailid;       /* as text */
	struct str from, subject; /* for people; of the past alone */
};

enum status mail_answer_usage(
    struct str in, struct account_usage *out) MUST_CHECK;
enum status mail_answer_mailboxes(struct str in, struct arena *a,
    struct mailbox **out, size_t *n_out) MUST_CHECK;
/* *next_out: the uid to go on from, or 0 at the end. */
enum status mail_answer_entries(struct str in, struct arena *a,
    struct mail_entry **out, size_t *n_out, uint32_t *next_out) MUST_CHECK;
/* *ids_out: 16 bytes each; *next_out: the message to go on from, or 0. */
enum status mail_answer_emailids(
    struct str in, struct str *ids_out, uint64_t *next_out) MUST_CHECK;
/* MAIL_OP_READ answers with the bytes, MAIL_OP_CHANGE with changed_encode. */

#endif

/*
 * An administrative operation on one account's mail, as the command line asks
 * for it (daemon/control.h): run by the account's home worker, or by the
 * command line itself while no server runs. The same code, one owner (S1).
 *
 *	mail_op_begin() -> MAIL_OP_DONE: op->answer holds the reply
 *	                -> MAIL_OP_ASK: submit op->change to op->account, and
 *	                   call mail_op_answered() with what comes back
 *	mail_op_end() in every case
 */
#ifndef DAEMON_MAIL_OP_H
#define DAEMON_MAIL_OP_H

#include "store/mailbox.h"
#include "store/message.h"
#include "store/view.h"

enum mail_op_kind {
	MAIL_OP_MAKE = 1, /* the account's folder */
	MAIL_OP_REMOVE,
	MAIL_OP_USAGE,
	MAIL_OP_MAILBOXES,
	MAIL_OP_ENTRIES, /* a page of a mailbox */
	MAIL_OP_READ,    /* bytes of a message */
	MAIL_OP_CHANGE,  /* a struct change; descriptors: incoming messages */
};

enum mail_op_next { MAIL_OP_DONE, MAIL_OP_ASK };

struct mail_op {
	enum status status;
	struct buf answer; /* by kind, see the functions below */
	struct account *account;
	struct change change;
	/* private */
	struct arena arena;
	struct viewer viewer;
	struct origin origin;
	struct incoming **messages;
	size_t n_messages;
};

/*
 * Takes the descriptors it uses (sets them to -1). `request` may go after the
 * call, the op keeps copies.
 */
enum mail_op_next mail_op_begin(struct mail_op *op, struct store *s,
    struct str request, int *fds, size_t n_fds);
void mail_op_answered(
    struct mail_op *op, enum status st, const struct changed *changed);
void mail_op_end(struct mail_op *op);

/*
 * Requests. The person is the account's address: the owner of the mail.
 */
void mail_ask(struct buf *out, enum mail_op_kind kind, struct str account,
    struct str person);
/* ... followed, by kind, by what these add: */
void mail_ask_entries(
    struct buf *out, uint64_t mailbox, uint32_t from_uid, uint32_t most);
void mail_ask_read(struct buf *out, uint64_t message, uint64_t at, uint32_t n);
/* The change's messages travel beside it, a descriptor for each. */
void mail_ask_change(struct buf *out, const struct change *c);

/* One message of MAIL_OP_ENTRIES. */
struct mail_entry {
	uint32_t uid;
	uint64_t message, size;
	int64_t date_ms;
	int32_t date_zone;
	struct str flags; /* "\Seen $Forwarded" */
};

/* Answers; results borrow from `in` or live in the arena. */
enum status mail_answer_usage(
    struct str in, struct account_usage *out) MUST_CHECK;
enum status mail_answer_mailboxes(struct str in, struct arena *a,
    struct mailbox **out, size_t *n_out) MUST_CHECK;
enum status mail_answer_entries(struct str in, struct arena *a,
    struct mail_entry **out, size_t *n_out) MUST_CHECK;
/* MAIL_OP_READ answers with the bytes, MAIL_OP_CHANGE with changed_encode. */

#endif

/*
 * Bringing back: CHANGE_RESTORE compares a state of the past with the present
 * and adds what is missing; CHANGE_UNDO takes back the effects of events. Both
 * only add (S32): nothing newer is lost, they are changes like any other, and
 * the same one asked twice changes nothing the second time. No byte of a
 * message is copied. Neither is refused for a quota (docs/decisions/0011).
 *
 * One turn touches at most 10,000 messages (S40), a deleted folder apart,
 * whose UIDs have to come back together. Then changed.more is set: ask again,
 * at once or after a crash, until it is not.
 *
 * An undo takes back what the events did and nobody has touched since: what
 * left returns, what was moved returns from where it is, or as what left when
 * it is nowhere any more, flags lose the difference that they made, copies and
 * what a restore brought go into the history, and so on; changed.brought says
 * how much of it was done. An arrival (APPEND, delivery) is refused, beside
 * others it is left out.
 *
 * ST_NOT_FOUND: history does not reach back so far, or no such folder was
 * there, no such event. ST_CANNOT: an undo of nothing but arrivals.
 */
#ifndef STORE_RESTORE_H
#define STORE_RESTORE_H

#include "store/mailbox.h"

enum restore_how {
	RESTORE_LIVES,   /* it was not deleted; it may bear another name */
	RESTORE_REVIVED, /* the same: MAILBOXID, UIDVALIDITY and UIDs (S30) */
	RESTORE_NEW,     /* its name has been another's: a new mailbox */
	RESTORE_MERGED,  /* its name is another's: that one gets the messages */
};

/* One folder of the past that the change would touch. */
struct restore_folder {
	uint64_t mailbox_then;
	uint64_t mailbox; /* 0: a new one will be made */
	struct str name_then, name;
	enum restore_how how;
	uint32_t uidvalidity;   /* 0: a new one will be given */
	struct brought brought; /* counts of this folder */
};

struct restore_report {
	struct restore_folder *folders; /* by name of then */
	size_t n;
	struct brought total;
};

/*
 * What a RESTORE or UNDO would do, all its pieces together, decided by the
 * same code; nothing is changed. Results live in the arena.
 */
enum status restore_report(struct account *a, const struct change *c,
    struct arena *arena, struct restore_report *out) MUST_CHECK;

#endif

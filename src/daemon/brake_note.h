/*
 * The mail that tells an account of a mass deletion, in German and English:
 * who did it, and the commands that take it back. Text only; it is delivered
 * by worker_brake.c.
 */
#ifndef DAEMON_BRAKE_NOTE_H
#define DAEMON_BRAKE_NOTE_H

#include "base/clock.h"
#include "store/change.h"

struct brake_note {
	struct str address;          /* the account's */
	struct str person;           /* who was logged in */
	const struct origin *origin; /* of the change */
	struct str folder;           /* it was in */
	uint64_t modseq;             /* of the change */
	uint64_t removed, left;
	int64_t now_ms;
	int64_t from_ms;  /* that all can be brought back to */
	int64_t until_ms; /* until when it can be taken back */
	bool suspended;   /* the credential opens nothing now */
};

/* A whole message, its lines ended by CRLF. */
void brake_note_write(
    const struct brake_note *n, const struct random *random, struct buf *out);

#endif

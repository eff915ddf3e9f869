/*
 * What a call that can fail returns. Each protocol has one table that turns
 * these into its own words (imap/status.c, smtp/status.c, pop3/status.c), so
 * that code in between never writes an error line.
 *
 * Outputs of a function come last, are named *_out and stay untouched when
 * the status is not ST_OK.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
	ST_OK = 0,
	ST_NOT_FOUND,  /* no such account, mailbox, message, member */
	ST_EXISTS,     /* the name is taken */
	ST_DENIED,     /* a right is missing, or credentials are wrong */
	ST_OVER_QUOTA, /* the account's quota would be exceeded */
	ST_LIMIT,      /* one of our named limits */
	ST_SYNTAX,     /* what the peer said does not parse */
	ST_STATE,      /* legal, but not now */
	ST_INVALID,    /* parses, but makes no sense (a bad name, a bad date) */
	ST_EXPUNGED,   /* the message was there and is gone */
	ST_READONLY,   /* the mailbox or the account takes no changes */
	ST_CANNOT,     /* an operation this object never allows */
	ST_HAS_CHILDREN, /* the mailbox cannot go while it has children */
	ST_MODIFIED,     /* UNCHANGEDSINCE failed for some messages */
	ST_BUSY,         /* try again soon: a queue is full */
	ST_NO_SPACE,     /* the disk is at its low-water mark or full */
	ST_IO,      /* the disk or the kernel failed: nothing was changed */
	ST_UNKNOWN, /* the outcome is unknown (INVARIANTS S4, V7) */
	ST_CORRUPT, /* stored data contradicts itself: account goes offline */
	ST_TOO_NEW, /* the store was written by a newer program */
	ST_CHARSET, /* a charset we cannot decode */
	ST_EXPIRED, /* a credential or ticket that is no longer valid */
	ST_CLOSED,  /* the other side went away */
	ST_COUNT
};

/* One short English phrase for logs and the command line; never NULL. */
const char *status_text(enum status st);

#endif

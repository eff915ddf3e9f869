/*
 * The inside of the IMAP client: one command, and what comes back untagged.
 */
#ifndef CLI_IMAP_CLIENT_INT_H
#define CLI_IMAP_CLIENT_INT_H

#include "cli/imap_answer.h"
#include "cli/imap_client.h"

enum imap_client_can {
	CAN_STARTTLS = 1 << 0,
	CAN_PLAIN = 1 << 1,
	CAN_SASL_IR = 1 << 2,
	CAN_NOT_LOGIN = 1 << 3,
	CAN_NAMESPACE = 1 << 4,
	CAN_LIST_EXTENDED = 1 << 5,
	CAN_SPECIAL_USE = 1 << 6,
};

struct imap_client {
	struct stream *s;
	unsigned can; /* enum imap_client_can */
	unsigned tag;
	struct buf line; /* the response that is being read */
	struct buf text; /* of the last tagged answer */
	/* Where BODY[] goes while it is read; NULL: into `line`. */
	const struct imap_sink *sink;
	bool streamed; /* the response just read had a body for the sink */
};

/* An untagged response without its "* ". */
typedef enum status imap_client_fn(
    struct imap_client *c, void *ctx, struct str response);

/*
 * Sends a command and reads up to its tagged answer: ST_OK, ST_DENIED (NO),
 * ST_SYNTAX (BAD, or nonsense), ST_CLOSED. CAPABILITY is noted on the way;
 * other untagged responses go to fn, if there is one.
 */
enum status imap_client_command(struct imap_client *c, struct str command,
    imap_client_fn *fn, void *ctx) MUST_CHECK;

/* Adds a string as the grammar wants it: quoted. False: that cannot be. */
bool imap_client_quote(struct str s, struct buf *out) MUST_CHECK;

#endif

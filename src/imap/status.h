/*
 * From a status to what an IMAP client is told: NO or BAD, a response code
 * (RFC 5530), and a text. The one place with such words.
 */
#ifndef IMAP_STATUS_H
#define IMAP_STATUS_H

#include "base/buf.h"

struct imap_words {
	const char *cond; /* "OK", "NO", "BAD"; "BYE": the session must end */
	const char *code; /* without brackets, or NULL */
	const char *text;
};

/* `trycreate`: ST_NOT_FOUND speaks of the target of APPEND, COPY, MOVE. */
const struct imap_words *imap_status_words(enum status st, bool trycreate);

#endif

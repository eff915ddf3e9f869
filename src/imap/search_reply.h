/*
 * What SEARCH answers (RFC 9051 7.3.4, RFC 3501 7.2.5), in slices, and what it
 * saves (RFC 5182).
 */
#ifndef IMAP_SEARCH_REPLY_H
#define IMAP_SEARCH_REPLY_H

#include "imap/search.h"

struct search_reply {
	struct uidset found; /* msns; for the reply of UID SEARCH, UIDs */
	bool old_form;       /* "* SEARCH" rather than "* ESEARCH" */
	/* private */
	size_t pos;
	uint32_t at;
	bool begun;
};

/* All are found: they become what the reply speaks of, and are saved. */
void search_reply_begin(struct imap_call *call, struct search_reply *r);
/* False: there is more to say. */
bool search_reply(struct imap_call *call, struct search_reply *r);

#endif

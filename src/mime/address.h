/*
 * Address lists of From:, To: and the like (RFC 5322 3.4 and 4.4), with what
 * senders make of them. Every non-empty list gives something: what has no
 * domain gets an empty one, so that nothing a person sees in the raw header
 * is missing in the parsed form.
 */
#ifndef MIME_ADDRESS_H
#define MIME_ADDRESS_H

#include "base/arena.h"

enum address_kind { ADDRESS_MAILBOX, ADDRESS_GROUP, ADDRESS_GROUP_END };

struct address {
	enum address_kind kind;
	/* Display name as written, without quotes, encoded words undecoded;
	 * the name of a group. Without one, the comment behind the address. */
	struct str name;
	bool has_name;
	struct str route; /* obsolete "@a,@b", else "" */
	struct str mailbox, host;
};

struct address_list {
	struct str rest; /* set to the field's raw value to begin */
	bool in_group;
};

/* The next address; false at the end. Its strings live in the arena. */
bool address_next(struct address_list *l, struct arena *a, struct address *out);

#endif

/*
 * What LIST and LSUB choose from: a snapshot of all names, sorted, with what
 * is known of them and of those below them.
 */
#ifndef IMAP_LIST_H
#define IMAP_LIST_H

#include "imap/session.h"

struct list_name {
	struct str name;
	uint64_t mailbox; /* 0: it does not exist */
	unsigned special_use;
	bool selectable, subscribed;
	bool has_children;
	bool subscribed_below, special_below;
	const struct mailbox *past; /* as it was, for STATUS; NULL: of now */
};

/*
 * In the call's arena. With `lost`, also names that are subscribed but do not
 * exist, and those above them.
 */
void imap_list_names(
    struct imap_call *call, bool lost, struct list_name **out, size_t *n_out);

/*
 * The mailboxes of a moment below `prefix`, which is the first of them and
 * cannot be selected. They are copied.
 */
void imap_list_past(struct imap_call *call, struct str prefix,
    const struct mailbox *boxes, size_t n, struct list_name **out,
    size_t *n_out);

/* What stands in the parentheses of its LIST; \Subscribed only if asked. */
void imap_write_attributes(
    struct buf *out, const struct list_name *n, bool subscribed);

/*
 * The LIST of one name as it is now, which IMAP4rev2 tells without being
 * asked. With `old`, what the client has called it: OLDNAME (RFC 9051
 * 6.3.9.7).
 */
void imap_write_listed(struct imap_call *call, struct str name, struct str old);

/*
 * The same, if the client speaks IMAP4rev2 and did not write the name as we
 * keep it: `given` is what parse_mailbox_given has found.
 */
void imap_tell_kept_name(
    struct imap_call *call, struct str name, struct str given);

#endif

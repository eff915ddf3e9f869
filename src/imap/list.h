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
};

/*
 * In the call's arena. With `lost`, also names that are subscribed but do not
 * exist, and those above them.
 */
void imap_list_names(
    struct imap_call *call, bool lost, struct list_name **out, size_t *n_out);

#endif

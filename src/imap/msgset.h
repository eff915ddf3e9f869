/*
 * From what a client calls messages by to what they are: sets of message
 * numbers or UIDs, "*" and "$" (RFC 9051 sequence-set), against the view of
 * the selected mailbox.
 */
#ifndef IMAP_MSGSET_H
#define IMAP_MSGSET_H

#include "imap/parse.h"
#include "store/view.h"

/*
 * The message numbers that are meant. A UID that is not there is no error
 * (6.4.9). A number that is not there is: false, "*" of an empty mailbox
 * included (RFC 9051 seq-number); what is there has been added all the same.
 * `saved` is what "$" stands for, as UIDs.
 */
bool msgset_resolve(const struct view *view, const struct imap_set *set,
    bool uid, const struct uidset *saved, struct uidset *msns_out) MUST_CHECK;

/* The same messages by their UIDs. */
void msgset_uids(const struct view *view, const struct uidset *msns,
    struct uidset *uids_out);

#endif

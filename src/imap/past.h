/*
 * The past as mailboxes: "Past/2026-11-23/Kunden" is Kunden as it was when
 * that day began, "Past/2026-11-23T10:15/Kunden" a quarter past ten. Times
 * are the server's local ones, or with a zone. For who has asked for it
 * (grant.past_until_ms) NAMESPACE tells of Past/, and LIST of it shows the
 * last seven midnights; a pattern that does not begin with "Past" never does
 * (S31). A mailbox of now with such a name comes first.
 */
#ifndef IMAP_PAST_H
#define IMAP_PAST_H

#include "imap/list.h"
#include "store/past.h"

enum { PAST_MIDNIGHTS = 7, PAST_MOMENTS_MAX = 64 };

/* A mailbox as it was. */
struct imap_past {
	uint64_t modseq;
	struct mailbox box; /* its name as asked for */
};

bool imap_past_on(const struct imap *s);

/* ST_NOT_FOUND also for whom it is off. */
enum status imap_past_find(
    struct imap_call *call, struct str name, struct imap_past *out) MUST_CHECK;

/* Before a change of a name: ST_CANNOT, and its text, when it is of the past. */
enum status imap_past_refuse(
    struct imap_call *call, struct str name) MUST_CHECK;

/* The FLAGS of a selected mailbox of the past. */
void imap_past_write_flags(struct imap_call *call);

/* What patterns of LIST ask for: moments, and of each its mailboxes. */
struct imap_past_list {
	struct str moments[PAST_MOMENTS_MAX]; /* as they stand in names */
	size_t n_moments, at;
	bool root; /* "Past" itself */
};
void imap_past_list(struct imap_call *call, const struct str *patterns,
    size_t n, struct imap_past_list *out);
/* The next names, sorted; false when there are no more. */
bool imap_past_next(struct imap_call *call, struct imap_past_list *list,
    struct list_name **out, size_t *n_out);

#endif

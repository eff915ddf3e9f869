/*
 * What one session has told its client of one mailbox: the message sequence
 * numbers. Columns are shared by all sessions of the mailbox; a view holds
 * only a reference to the list of UIDs it last told. Messages expunged
 * meanwhile stay readable through the view until view_sync lets them go (V1).
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "store/mailbox.h"

struct view;

struct entry {
	uint32_t uid;
	uint32_t flagset; /* account_flagset() */
	uint64_t modseq;
	uint64_t message; /* store/message.h */
	int64_t saved_ms; /* SAVEDATE, RFC 8514 */
	bool expunged;    /* gone from the mailbox, not from this view */
};

enum status view_open(struct account *a, const struct viewer *v,
    uint64_t mailbox, struct view **out) MUST_CHECK;
void view_close(struct view **v);

uint64_t view_mailbox(const struct view *v);
uint32_t view_count(const struct view *v);
uint32_t view_uid(const struct view *v, uint32_t msn); /* 1..count */
uint32_t view_msn(const struct view *v, uint32_t uid); /* 0: not in it */
/* The first msn whose uid is >= uid; count + 1 when there is none. */
uint32_t view_lower(const struct view *v, uint32_t uid);
void view_entry(struct view *v, uint32_t msn, struct entry *out);
/* RFC822.SIZE without a look at the message. */
uint64_t view_size(const struct view *v, uint32_t msn);
uint64_t view_modseq(const struct view *v); /* told up to here */
/* HIGHESTMODSEQ that may be told: lower while expunges are held back (V3). */
uint64_t view_highest_told(const struct view *v);

const struct flagset *account_flagset(struct account *a, uint32_t id);
/* All flag sets in use, so that SEARCH by flag looks at few: ids 1..n. */
uint32_t account_flagsets(const struct account *a);

/* Is there anything to tell? Cheap. */
bool view_stale(const struct view *v);
/* The mailbox itself was deleted under the session. */
bool view_gone(const struct view *v);

struct view_news {
	uint32_t *expunged; /* msns to write as they stand, in this order */
	size_t n_expunged;
	struct uidset vanished; /* the same as UIDs; lives in the arena */
	bool exists;        /* the count grew: tell EXISTS with view_count */
	uint32_t first_new; /* msn of the first new message, or 0 */
	uint32_t *changed;  /* msns (new numbering) whose flags changed */
	size_t n_changed;   /* new messages are not among them */
};

/*
 * Brings the view up to the published state and says what changed. Without
 * `expunges` those are held back and stay in the view. Results live in `a`.
 */
void view_sync(
    struct view *v, bool expunges, struct arena *a, struct view_news *out);

/* Flag changes of exactly this modseq have been told to the client already. */
void view_hide(struct view *v, uint64_t modseq);

/*
 * Before a .SILENT change is asked: what the client will believe of these
 * messages. view_sync is silent about those that turn out so, and tells those
 * that somebody else changed as well.
 */
void view_expect(struct view *v, const struct uidset *uids, enum flags_op op,
    const struct flags *flags);

#endif

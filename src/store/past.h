/*
 * The account's history: what changed since a modseq, and how things stood
 * at one. "Now" is just the newest point.
 */
#ifndef STORE_PAST_H
#define STORE_PAST_H

#include "store/view.h"

/* The newest modseq at or before that wall time (S23); ST_NOT_FOUND when the
 * history does not reach back so far. */
enum status past_modseq_at(
    struct account *a, int64_t wall_ms, uint64_t *out) MUST_CHECK;

/* UIDs expunged from and entries changed in a mailbox since modseq (QRESYNC);
 * ST_NOT_FOUND when history does not reach back: tell the client all. */
enum status past_changes_since(struct account *a, uint64_t mailbox,
    uint64_t modseq, struct arena *arena, struct uidset *vanished_out,
    struct uidset *changed_out) MUST_CHECK;

struct past_state {
	struct entry *entries; /* ascending uid */
	size_t n;
	uint32_t uidvalidity, uidnext;
	struct str name;
};

/* A mailbox as it stood right after modseq. */
enum status past_mailbox(struct account *a, uint64_t mailbox, uint64_t modseq,
    struct arena *arena, struct past_state *out) MUST_CHECK;

/* All mailboxes as they stood right after modseq (counts are of that time). */
enum status past_mailboxes(struct account *a, uint64_t modseq,
    struct arena *arena, struct mailbox **out, size_t *n_out) MUST_CHECK;

/*
 * The same two for who comes back for more: a view that never changes, in
 * which all stands as it stood, and a list of mailboxes. The account keeps
 * what was asked for last until it is asked for another moment, or changes.
 * box_out and the list are borrowed from there.
 */
enum status past_view_open(struct account *a, const struct viewer *viewer,
    uint64_t mailbox, uint64_t modseq, struct view **out,
    struct mailbox *box_out) MUST_CHECK;
enum status past_list(struct account *a, uint64_t modseq,
    const struct mailbox **out, size_t *n_out) MUST_CHECK;

/* The modseq from which on states are known, for past_events(). */
uint64_t past_from(const struct account *a);
/* The wall time of it which on states are known. */
enum status past_horizon(struct account *a, int64_t *wall_ms_out) MUST_CHECK;

/* Did that credential remove messages by that protocol before that time? */
enum status past_removed_before(struct account *a, struct str credential,
    struct str protocol, int64_t wall_ms, bool *out) MUST_CHECK;

/* One change, told in the words of people; past_group.h makes few of many. */
struct past_event {
	uint64_t modseq;
	int64_t wall_ms;
	enum change_kind kind;
	struct origin origin;
	uint64_t origin_id; /* a number for it in this account */
	uint64_t mailbox, target;
	struct str name, new_name;
	uint64_t count;   /* messages touched */
	uint64_t gone;    /* messages that left their mailbox */
	uint64_t folders; /* RESTORE, UNDO: that came into being */
	bool trash; /* they, or a folder, went into the Trash or below it */
};
/* Events with from < modseq, oldest first, at most `max`. */
enum status past_events(struct account *a, uint64_t from, size_t max,
    struct arena *arena, struct past_event **out, size_t *n_out) MUST_CHECK;

#endif

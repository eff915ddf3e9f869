/*
 * What RESTORE and UNDO share: where a folder of the past comes back, which of
 * its messages are missing, and the effects that bring them.
 *
 * First everything is looked up and decided, as a list of aims (one for each
 * folder of the past); that can fail. Then the aims become effects, in an
 * order that history can walk back; that cannot. back.c and
 * back_match.c decide, back_do.c makes effects.
 */
#ifndef STORE_BACK_INT_H
#define STORE_BACK_INT_H

#include "store/past_int.h"
#include "store/restore.h"

/* A message that a mailbox shows now and did not then. */
struct fresh {
	uint64_t message;
	struct past_box *box;
	struct past_item *item;
	bool taken; /* it answers for one that is missing */
};

struct pull { /* a message that comes back from where it was moved to */
	struct past_box *from;
	uint32_t from_uid;
	struct row row; /* as it will be */
};

/* A folder of the past, and what it shall get. */
struct aim {
	struct past_box *then;
	enum restore_how how;
	struct str name;      /* that it shall have */
	struct past_box *now; /* LIVES, MERGED: the mailbox of now */
	struct pbox *box;     /* when it is open */
	struct mailbox dead;  /* REVIVED: its row */
	uint64_t dead_gone;
	struct str *keywords; /* REVIVED */
	size_t n_keywords;
	struct row *kept, *added, *flags;
	size_t n_kept, cap_kept, n_added, cap_added, n_flags, cap_flags;
	struct pull *pulled;
	size_t n_pulled, cap_pulled;
	struct brought brought;
};

struct back {
	struct turn *t;
	struct ask *ask;
	struct past_walk w;
	struct fresh *fresh; /* by message */
	size_t n_fresh, cap_fresh;
	struct map bearers; /* name -> who bore it since then (S30) */
	struct aim **aims;
	size_t n_aims, cap_aims;
	struct map aim_of; /* mailbox of then -> struct aim */
	size_t left;       /* messages that the turn may touch (S40) */
	bool more;         /* they were not enough */
	bool move_back;
	struct turn *names; /* what names will be when aims need theirs */
	struct ask names_ask;
	struct brought other; /* what belongs to no aim */
};

/* `dry`: without S40's limit. */
void back_init(struct back *b, struct turn *t, struct ask *ask, bool dry);
void back_release(struct back *b);

/* For past_walk.each: notes who bore which name. */
enum status back_note_names(struct back *b, struct past_walk *w,
    const struct history_row *row) MUST_CHECK;
/* Where a mailbox of then, called `name`, comes back. Once for each. */
enum status back_aim(struct back *b, struct past_box *then, struct str name,
    struct aim **out) MUST_CHECK;
/*
 * Gives a mailbox its name back, and those below follow it. False when another
 * one bears it: nothing newer gives way, but a name that only has children.
 */
bool back_name(
    struct turn *t, struct ask *ask, struct pbox *box, struct str name);
/* The same, and those below it stay where they are. */
bool back_name_alone(
    struct turn *t, struct ask *ask, struct pbox *box, struct str name);
/* RESTORE with move_back: those aims that live get their names, in `t`. */
void back_rename(struct back *b, struct turn *t, struct ask *ask);
/* By name: those above before those below, in what follows. */
void back_sort(struct back *b);

/*
 * One message that is missing: kept, added or pulled, if the turn has room;
 * or counted as there already or elsewhere. Where it is shown in `from` (or
 * NULL) it is pulled from there without being asked to.
 */
void back_item(struct back *b, struct aim *aim, struct past_item *item,
    uint32_t flagset, const struct past_box *from);
/* A message that is there gets these flags. Uids ascend. */
void back_flags(
    struct back *b, struct aim *aim, uint32_t uid, uint32_t flagset);

void back_pull(struct back *b, struct aim *aim, const struct row *row,
    struct past_box *from, uint32_t from_uid);
/* One message of the turn's; false when they are used up. */
bool back_spend(struct back *b);
/*
 * Before the n-th aim gets its messages: false when it has to wait for another
 * turn, with all its UIDs (S30, S40), and those behind it.
 */
bool back_room(struct back *b, size_t n);

/* Have the mailboxes uids for it? Then the aims can become effects. */
enum status back_check(const struct back *b) MUST_CHECK;
void back_do(struct back *b);
void back_total(const struct back *b, struct brought *out);
void back_count(struct brought *to, const struct brought *more);

/* back_match.c */
/* After the walk: what came since. */
void back_find_fresh(struct back *b);
/* The first that shows the message in `box` (NULL: anywhere), untaken. */
struct fresh *back_untaken(
    struct back *b, uint64_t message, const struct past_box *box);
bool back_lives(const struct back *b, const struct past_box *p);
/* What shows this now, and did not then, is no answer to back_match(). */
void back_take(struct back *b, const struct past_box *box, uint32_t uid);
/*
 * With all aims made, and item->wanted set: which of the messages that are
 * missing came back already, in another way.
 */
void back_match(struct back *b);
/* The wanted ones that are not shown under their uid, ascending. */
struct past_item **back_wanted(
    struct back *b, struct past_box *p, size_t *n_out);

/* Decide and plan; `b` is released by the caller, who may report it. */
enum status restore_plan(struct back *b) MUST_CHECK;
enum status undo_plan(struct back *b) MUST_CHECK;
/* The change as a whole, by one of them. */
enum status back_plan(struct turn *t, struct ask *ask,
    enum status (*decide)(struct back *b)) MUST_CHECK;

#endif

/*
 * What an UNDO wishes. While the history is walked back, each row of a chosen
 * event is turned around: plan_undo.c notes what that means for the messages
 * and folders of now, undo_do.c makes effects of it.
 */
#ifndef STORE_UNDO_INT_H
#define STORE_UNDO_INT_H

#include "store/back_int.h"

enum wish_kind {
	WISH_NONE,   /* two events have undone each other */
	WISH_RETURN, /* it left: it comes back */
	WISH_PULL,   /* it was moved: back from `from` */
	WISH_FLAGS,  /* it is there, and gets these flags */
	WISH_REMOVE, /* it came by COPY, RESTORE or UNDO: it leaves */
};

/* For the message that had this uid in this mailbox. */
struct wish {
	enum wish_kind kind;
	struct past_box *box;
	uint32_t uid;
	/* PULL; RETURN: where it was moved to, or NULL */
	struct past_box *from;
	uint32_t from_uid;
	int64_t saved_ms;
	uint32_t flagset; /* RETURN, PULL, FLAGS: that it shall have */
};

struct box_wish {
	struct past_box *box;
	bool revive, drop, rename, broken, use;
	bool plain;  /* goes without being asked, like an empty folder */
	bool remake; /* a name that only had children, to be there again */
	/* A name that only had children gave way to it, and left it them. */
	bool replaced;
	uint64_t came; /* the modseq that gave it the name `came_as` */
	struct str came_as;
	struct pbox *left; /* drop: the name that stayed for its children */
	uint32_t removes;
	bool stays;          /* rename: its name is taken */
	bool goes;           /* rename: it may, when its name is free */
	struct str name;     /* revive, remake: that it shall have */
	struct str from, to; /* rename: back from, to */
	unsigned use_from, use_to;
};

struct name_wish {
	struct str name;
	bool on;
};

/* A change of flags to be taken back, and what a set becomes by it. */
struct reversal {
	uint32_t set, after, before, out;
};

struct undo {
	struct back *b;
	uint64_t *events; /* sorted copy, in the arena */
	size_t n_events;
	struct map chosen; /* modseqs met so far */
	struct wish **wishes;
	size_t n_wishes, cap_wishes;
	struct map wish_of; /* mailbox and uid -> struct wish */
	struct box_wish **boxes;
	size_t n_boxes, cap_boxes;
	struct map box_of; /* mailbox -> struct box_wish */
	struct name_wish *names;
	size_t n_names, cap_names;
	bool quota, quota_later; /* is wished; changed again since */
	uint64_t quota_to;
	struct reversal *reversals;
	size_t n_reversals, cap_reversals;
	/* The ADD of a move, until its GONE is met. */
	uint64_t moved_modseq;
	struct past_box *moved_box;
	uint32_t moved_uid;
};

/* undo_wish.c */
struct wish *undo_wish_of(
    const struct undo *u, const struct past_box *box, uint32_t uid);
struct wish *undo_new_wish(struct undo *u, struct past_box *box, uint32_t uid);
/* It is about that message now: one that was moved on, about where it was. */
void undo_call(
    struct undo *u, struct wish *w, struct past_box *box, uint32_t uid);
struct box_wish *undo_box(struct undo *u, struct past_box *box);
/* The entry of now; false when the uid is not there any more. */
bool undo_now(const struct past_box *box, const struct undo *u, uint32_t uid,
    struct entry *out, uint64_t *size_out);
/*
 * `set`, with the change from `before` to `after` taken back. What somebody
 * else set since stays; past S41's limit all does.
 */
uint32_t undo_reversed(
    struct undo *u, uint32_t set, uint32_t after, uint32_t before);

/*
 * undo_name.c: the folders that were renamed, in the plan of `t`. To be called
 * again when names have become free; in the end those that stay are counted.
 */
void undo_renames_begin(struct undo *u);
void undo_renames(struct undo *u, struct turn *t, struct ask *ask);
void undo_renames_end(struct undo *u);

/*
 * undo_name.c: the folders that were renamed, in the plan of `t`. To be called
 * again when names have become free; in the end those that stay are counted.
 */
void undo_renames_begin(struct undo *u);
void undo_renames(struct undo *u, struct turn *t, struct ask *ask);
void undo_renames_end(struct undo *u);

/* undo_do.c: wishes become aims; then all becomes effects. */
enum status undo_aims(struct undo *u) MUST_CHECK;
void undo_do(struct undo *u);

#endif

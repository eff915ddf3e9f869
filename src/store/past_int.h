/*
 * A state of the past, made by undoing: everything now, then the history rows
 * walked back to the modseq asked for.
 */
#ifndef STORE_PAST_INT_H
#define STORE_PAST_INT_H

#include "store/history_int.h"
#include "store/past.h"

/* A message of a past mailbox. */
struct past_item {
	struct entry e;
	uint64_t size;
	bool present;
};

struct past_box {
	struct mailbox m; /* name in the arena */
	bool exists;
	bool touched; /* items are loaded; otherwise it is as it is now */
	/* The first n_now were there now, ascending; others came back. */
	struct past_item *items;
	size_t n_items, cap_items, n_now;
	size_t hint;
	struct map back; /* uid -> index + 1 of those that came back */
};

struct past_walk {
	struct account *a;
	struct arena *arena;
	uint64_t modseq;
	uint64_t only; /* a mailbox, or 0: all of them */
	struct past_box **boxes;
	size_t n_boxes, cap_boxes;
	struct map box_of;     /* id -> struct past_box */
	struct map subscribed; /* name -> "was on" (1: off, 2: on) */
	enum status st;
};

/* Undoes to `modseq`. Always release it, whatever the status says. */
enum status past_walk(struct past_walk *w, struct account *a, uint64_t modseq,
    uint64_t only, struct arena *arena) MUST_CHECK;
void past_walk_release(struct past_walk *w);
/* Is that modseq within what history can tell? */
bool past_reaches(struct account *a, uint64_t modseq);

#endif

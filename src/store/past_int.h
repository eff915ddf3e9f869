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
	/* When it left last, and whether it went with its folder. */
	uint64_t gone;
	bool with_folder;
	/* For back.c: it is asked for; something came since that is the same. */
	bool wanted, there;
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
	uint64_t died;   /* the last time; 0: it did not since */
	uint64_t death;  /* the one that the walk has come to */
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
	/* Called for each row with the state right after it; or NULL. */
	enum status (*each)(
	    void *ctx, struct past_walk *w, const struct history_row *row);
	void *ctx;
	enum status st;
};

/*
 * Undoes to w->modseq; a, arena, modseq and those that may be NULL or 0 are
 * set before. Always release it, whatever the status says.
 */
enum status past_walk(struct past_walk *w) MUST_CHECK;
void past_walk_release(struct past_walk *w);
/* The mailbox as the walk has it by now. */
struct past_box *past_box(struct past_walk *w, uint64_t id);
/* Counts of what it shows, when that has been touched. */
void past_count(struct account *a, struct past_box *p);
/* Loads what it shows now, unless that has been done. */
enum status past_touch(struct past_walk *w, struct past_box *p) MUST_CHECK;
struct past_item *past_find(struct past_box *p, uint32_t uid);
bool past_was_subscribed(const struct past_walk *w, struct str name);
/* It shows now what it showed under that uid. */
static inline bool
past_is_now(const struct past_box *p, const struct past_item *item)
{
	return (size_t)(item - p->items) < p->n_now;
}
/* Messages of a mailbox as they were, for who copies them. */
enum status past_rows(struct account *a, uint64_t mailbox, uint64_t modseq,
    const struct uidset *uids, struct arena *arena, struct row **out,
    size_t *n_out) MUST_CHECK;
/* Is that modseq within what history can tell? */
bool past_reaches(struct account *a, uint64_t modseq);

#endif

/*
 * A mailbox in memory: parallel columns of its entries in uid order, shared
 * by all sessions that have it open (DESIGN 4). Published state only: they
 * are changed after the transaction with the same change has committed.
 *
 * The uids stand in a list that views share by reference. Appending grows it
 * behind what a view counts; an expunge makes a new list and leaves the old
 * one to the views that still tell it. What was expunged stays readable as a
 * tombstone until no view needs it (V1).
 */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include "store/view.h"

struct uidlist {
	unsigned refs;
	uint32_t *uids;
	size_t n_uids, cap_uids;
};
struct uidlist *uidlist_ref(struct uidlist *l);
void uidlist_unref(struct uidlist **l);

struct columns;

/* In view.c: a view of columns that are in no mailbox of now. */
struct view *view_of_columns(
    struct account *a, uint64_t mailbox, struct columns *c);

struct columns *columns_new(void);
struct columns *columns_ref(struct columns *c);
void columns_unref(struct columns **c);

size_t columns_count(const struct columns *c);
/* The index of the first entry whose uid is >= uid; count when none is. */
size_t columns_lower(const struct columns *c, uint32_t uid);
void columns_at(
    const struct columns *c, size_t i, struct entry *out, uint64_t *size_out);
/* The entry of a uid, living or a tombstone; false when there is none. */
bool columns_find(const struct columns *c, uint32_t uid, struct entry *out,
    uint64_t *size_out);

/* Publishing. Uids ascend. */
void columns_add(struct columns *c, const struct entry *e, uint64_t size);
void columns_set_flags(
    struct columns *c, size_t i, uint32_t flagset, uint64_t modseq);
void columns_expunge(
    struct columns *c, const struct uidset *uids, uint64_t modseq);
/* The mailbox is deleted: views of it are gone. */
void columns_kill(struct columns *c, uint64_t modseq);

/* The newest modseq of any change here, expunges too. */
uint64_t columns_modseq(const struct columns *c);
bool columns_dead(const struct columns *c);
/* The modseq at which a tombstone was expunged; 0: it is none. */
uint64_t columns_gone(const struct columns *c, uint32_t uid);

/* For view.c. */
struct uidlist *columns_uids(const struct columns *c);
/* The first index >= from whose entry changed after modseq, or the count. */
size_t columns_next_newer(
    const struct columns *c, size_t from, uint64_t modseq);
/* A view with another list than columns_uids() takes that one, or closes. */
void columns_let_go(struct columns *c);

#endif

/*
 * What SEARCH need not read: for each message, which runs of four bytes stand
 * in its folded text (store/grams.h). The index never finds anything; it rules
 * out, and what it does not rule out is looked at as if there were none. So it
 * may lack messages, or not be there at all.
 *
 * The keeper writes it (store/text_indexer.h), in a file of its own that can
 * be deleted at any time. Messages are immutable and their ids are never
 * given twice, so what it says of one stays right. A segment of it is compared
 * with its sums before it is used for the first time since the account was
 * opened: one that is damaged rules nothing out, and has the file dropped.
 */
#ifndef STORE_TEXT_INDEX_H
#define STORE_TEXT_INDEX_H

#include "store/store.h"

struct text_index;
struct text_probe;

enum text_where {
	TEXT_IN_HEADER, /* the value of a field of the message's own header */
	TEXT_IN_ALL     /* all that mime/text.h reads: BODY, TEXT */
};

/* Is the folded needle long enough for an index to rule anything out? */
bool text_index_helps(struct str needle);

/*
 * For the time of one command. NULL: nothing is indexed. Has the host tell
 * the keeper when much is missing.
 */
struct text_index *text_index_open(struct account *a);
void text_index_close(struct text_index **x);

/* NULL: the index does not help with it, or is NULL. */
struct text_probe *text_probe_new(
    struct text_index *x, enum text_where where, struct str needle);
void text_probe_free(struct text_probe **p);
/* False: the message does not have the needle there. Ids best ascend. */
bool text_probe_may(struct text_probe *p, uint64_t message);

struct text_proof {
	uint64_t messages; /* in sound segments */
	uint64_t at;       /* where damage begins, or the end */
};
/* Every byte against its sum. ST_NOT_FOUND: there is none; ST_CORRUPT. */
enum status text_index_verify(
    const struct account *a, struct text_proof *out) MUST_CHECK;

/* Forgets all: it is made anew in time. For a purge (S33), and for tests. */
enum status text_index_drop(struct account *a) MUST_CHECK;

#endif

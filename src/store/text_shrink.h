/*
 * Rewriting a text index of which much speaks of messages that are gone: the
 * sets of those that are there move to a new file, which takes its place. No
 * message is read. Like the indexer, it may be dropped at any point.
 */
#ifndef STORE_TEXT_SHRINK_H
#define STORE_TEXT_SHRINK_H

#include "store/text_index_int.h"

enum {
	TEXT_DEAD_SHARE = 3,   /* a third of it must be dead, */
	TEXT_DEAD_LEAST = 256, /* and that many messages at least */
};

struct text_shrink;

/* The file and its header, both borrowed. */
struct text_shrink *text_shrink_new(
    struct account *a, int fd, const struct text_header *h);
void text_shrink_free(struct text_shrink **s);

/* Until that time (mono ms). False: there is no more to do, or it failed. */
bool text_shrink_step(struct text_shrink *s, int64_t until);
/* ST_CORRUPT: the index is damaged. */
enum status text_shrink_status(const struct text_shrink *s);
/* The new file, for the caller to own; -1: the old one stays. */
int text_shrink_take(struct text_shrink *s, struct text_header *out);

#endif

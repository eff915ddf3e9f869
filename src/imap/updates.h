/*
 * Untagged news of the selected mailbox: EXPUNGE, EXISTS, RECENT, new
 * keywords, FETCH, in this order (V2). Written slice by slice.
 */
#ifndef IMAP_UPDATES_H
#define IMAP_UPDATES_H

#include "imap/session.h"

/*
 * Tells what has changed since the last time. IMAP_DONE: all is told;
 * IMAP_FLUSH: more when the output has left; IMAP_WAIT: a question is open.
 * Without `expunges` these are held back. `uid`: the command is a UID one.
 */
enum imap_step imap_news(
    struct imap *s, struct buf *out, bool expunges, bool uid);

/* The answer to what imap_news asked; NULL when it was refused. */
void imap_news_answered(struct imap *s, const struct changed *done);

/* Forgets what was not told yet; when the mailbox is closed. */
void imap_news_drop(struct imap *s);

/*
 * FLAGS and PERMANENTFLAGS of the selected mailbox: at SELECT, and again when
 * anybody has made a keyword in it.
 */
void imap_write_flag_names(
    struct imap *s, struct arena *arena, struct buf *out);

/* The same, if there is one that was not told; before a FLAGS bears it. */
void imap_write_new_keywords(
    struct imap *s, struct arena *arena, struct buf *out);

/* "* n RECENT" of the selected view. */
void imap_write_recent(struct imap *s, struct buf *out);

#endif

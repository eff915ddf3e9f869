/*
 * How an export calls its folders: each level is a folder or file of its name,
 * but for those that would be hidden, lead upwards or be taken for parts of a
 * Maildir. The list in its file LIST_FILE has the names as they are, so that an
 * import finds each again: "+INBOX/2024", or "-" where it is not subscribed.
 */
#ifndef CLI_FOLDER_LIST_H
#define CLI_FOLDER_LIST_H

#include "base/arena.h"
#include "base/buf.h"

#define LIST_FILE ".mailstead-folders"

enum { LIST_MAX = 64 * 1024 * 1024 }; /* bytes of the file */

/* The path of a folder below `dir`, with `end` behind it. */
struct str list_path(
    struct arena *a, struct str dir, struct str name, const char *end);
void list_add(struct buf *list, struct str name, bool subscribed);
/* The next one of the list; false behind the last. */
bool list_next(struct str *list, struct str *name_out, bool *subscribed_out);

#endif

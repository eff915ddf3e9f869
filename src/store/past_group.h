/*
 * Events for people: the changes of an account, of which a mail program makes
 * hundreds for one wish of its user, put together to what the user did. 214
 * messages moved one by one and the deletion of their folder are one event: a
 * deleted folder with 214 messages.
 *
 * Pure: the same changes from the beginning of the history give the same
 * events, and more changes later only lengthen the newest ones. An event is
 * named by a change in it, its first; the name of any other of its changes
 * finds it, too. So a name stays good for as long as the history has it.
 */
#ifndef STORE_PAST_GROUP_H
#define STORE_PAST_GROUP_H

#include "store/past.h"

enum {
	PAST_GAP_MS = 2 * 1000, /* between two changes of one event */
	/* Before a folder is deleted, its user may be asked whether he means
	 * it. */
	PAST_DELETE_GAP_MS = 60 * 1000,
	PAST_BURST_MS = 5 * 60 * 1000,    /* from its first to its last */
	PAST_REMOVAL_MS = 60 * 60 * 1000, /* the same when mail goes */
	/* A RESTORE or UNDO of so many (S40) goes on in the next change. */
	PAST_PIECE = 10000,
	PAST_OPEN_MAX = 64, /* events that may still grow, the newest */
};

enum past_kind {
	PAST_DELIVERED,
	PAST_APPENDED,
	PAST_COPIED,
	PAST_MOVED,
	PAST_REMOVED, /* messages */
	PAST_FLAGGED,
	PAST_CREATED, /* a folder, as the ones below */
	PAST_DELETED,
	PAST_RENAMED,
	PAST_SUBSCRIBED,
	PAST_SPECIAL_USE,
	PAST_QUOTA,
	PAST_RESTORED,
	PAST_UNDONE,
	PAST_OTHER, /* what has no words of its own */
};

struct past_group {
	enum past_kind kind;
	enum change_kind change; /* of its first change */
	int64_t from_ms, to_ms;
	struct origin origin;
	uint64_t mailbox, target;
	struct str path, path_after;
	uint64_t messages, folders;
	bool loss;        /* mail or a folder is gone from where it was */
	uint64_t *events; /* modseqs, ascending; [0] names it */
	size_t n_events, cap_events;
	/* private */
	uint64_t count, gone, last_count;
	bool trash;
};

struct past_groups {
	struct past_group *groups; /* by their first change */
	size_t n_groups, cap_groups;
	/* private: indices of groups that may still grow */
	size_t open[PAST_OPEN_MAX];
	size_t n_open;
};

/* In the order of the history. What its strings point at stays until the
 * release. */
void past_groups_add(struct past_groups *g, const struct past_event *e);
/* After the last one: counts, and drops what became a part of another. */
void past_groups_finish(struct past_groups *g);
void past_groups_release(struct past_groups *g);

/* The event with that change in it, or NULL. */
const struct past_group *past_groups_find(
    const struct past_groups *g, uint64_t modseq);

/* "delivered", "mailbox.deleted": for programs. */
struct str past_kind_name(enum past_kind kind);

/*
 * A change's name for people to type: base32 without letters that look like
 * digits, and a check character, so that a slip names nothing.
 */
void past_id_write(uint64_t modseq, struct buf *out);
enum status past_id_parse(struct str s, uint64_t *modseq_out) MUST_CHECK;

#endif

/*
 * An account's turn (DESIGN 4): the changes that were waiting are decided one
 * after the other in memory, each on top of those before it, as a list of
 * effects; the effects are made durable together; then they are published.
 *
 *	plan_*.c       decide: an ask becomes effects, or is refused
 *	turn.c         the stages, and what happens when one fails (S4)
 *	turn_commit.c  effects to the pack and to one SQLite transaction
 *	turn_publish.c effects to the columns and the mailbox table
 *
 * A plan function checks everything before it adds its first effect, so a
 * refused change leaves nothing behind.
 */
#ifndef STORE_TURN_INT_H
#define STORE_TURN_INT_H

#include "store/db_int.h"

enum {
	TURN_MESSAGES = 10000,         /* a turn takes no more asks (S40) */
	TURN_BYTES = 32 * 1024 * 1024, /* of appended mail, likewise */
	COPY_MESSAGES_MAX = 50000,     /* S40: over it ST_LIMIT */
	HISTORY_ROW_MAX = 64 * 1024 * 1024, /* packed: 6 million messages */
	UID_RESERVE = 1 << 18,              /* kept for S22 */
	ORIGIN_TEXT_MAX = 255,              /* of each part */
	ACCOUNT_MAILBOXES_MAX = 100000,     /* names in memory, about 30 MiB */
};

/* Someone in this process who waits for the answer: store_do(). */
struct waiter {
	struct arena *arena;
	struct changed *out;
	enum status st;
	bool done;
};

struct ask {
	struct ask *next;
	struct change c;
	uint64_t id;
	struct waiter *waiter; /* NULL: the host's answered() */
	enum status st;
	struct changed changed;
};

/* A message of a mailbox, as the plan sees it or makes it. */
struct row {
	struct entry e;
	uint64_t size;
	uint32_t old_flagset; /* EFFECT_FLAGS: what it had before */
};

/* A mailbox as it will be after the changes planned so far. */
struct pbox {
	struct mbox *mbox; /* the published one; NULL: made in this turn */
	struct mailbox now;
	uint64_t gone_modseq;
	bool exists;
	bool dirty;         /* its row must be written */
	struct map over;    /* uid -> struct row, newest version */
	struct row **added; /* entries made in this turn, ascending uid */
	size_t n_added, cap_added;
	struct str *keywords; /* new ones, in the turn's arena */
	size_t n_keywords, cap_keywords;
};

enum effect_kind {
	EFFECT_ADD = 1,
	EFFECT_FLAGS,
	EFFECT_GONE,
	EFFECT_CREATE,
	EFFECT_DELETE,
	EFFECT_RENAME,
	EFFECT_SUBSCRIBE,
	EFFECT_SPECIAL_USE,
	EFFECT_QUOTA,
	EFFECT_EPOCH,  /* S22: modseqs that may have been given out and lost */
	EFFECT_BACK,   /* ADD, under uids that they had before (S30) */
	EFFECT_REVIVE, /* a deleted mailbox exists again, as the same */
};

struct effect {
	enum effect_kind kind;
	enum change_kind change;
	uint64_t modseq;
	uint32_t part;
	uint64_t origin;
	struct pbox *box;
	struct row *rows; /* ADD, FLAGS, GONE */
	size_t n_rows;
	bool moved;      /* GONE and ADD of a MOVE: the message stays shown */
	bool copied;     /* ADD of what is shown elsewhere already */
	uint64_t source; /* the mailbox it was copied from */
	struct str name, new_name;
	bool on, was_on;
	unsigned special_use, was_special_use;
	uint64_t quota, was_quota;
	struct mailbox was; /* DELETE: the row before */
};

/* A message that arrives in this turn. */
struct arrival {
	struct incoming *in; /* NULL in a replay: the pack has it */
	unsigned char emailid[ID_BYTES], threadid[ID_BYTES];
	uint64_t id, mailbox, group;
	uint32_t uid, flagset;
	int64_t saved_ms;
	bool last_of_group;
	bool known; /* its EMAILID came with it */
	uint64_t size, header_size;
	int64_t internaldate_ms;
	int32_t zone;
	struct str summary; /* encoded */
	struct str uidl;    /* of a former POP3 server, or "" */
	struct place place; /* once appended */
	uint64_t stored;
};

/* A folder record for the pack (S5). */
struct folder_note {
	enum effect_kind kind; /* CREATE, DELETE, RENAME */
	uint64_t mailbox;
	uint32_t uidvalidity;
	unsigned special_use;
	struct str name;
};

struct thread_note {
	uint64_t hash;
	const unsigned char *threadid;
};

enum turn_stage { TURN_PACK, TURN_WAL };

struct turn {
	struct account *a;
	struct arena arena;
	struct ask *first, *last;
	size_t n_touched;
	uint64_t n_bytes;

	struct db_account row;          /* the account as planned */
	int64_t wall;                   /* of all history rows of this turn */
	uint32_t raise_dead;            /* S22: of deleted mailboxes' UIDNEXT */
	bool clock_stepped;             /* a new clock segment begins (S23) */
	uint64_t lost_first, lost_last; /* EFFECT_EPOCH: the interval */
	bool no_space;                  /* the disk is below its reserve (S4) */

	struct pbox **boxes;
	size_t n_boxes, cap_boxes;
	struct map box_of; /* id -> struct pbox */
	struct effect *effects;
	size_t n_effects, cap_effects;
	struct arrival *arrivals;
	size_t n_arrivals, cap_arrivals;
	struct folder_note *notes;
	size_t n_notes, cap_notes;
	struct thread_note *threads;
	size_t n_threads, cap_threads;
	struct map thread_of; /* hash -> threadid, of this turn */
	struct str *origins;  /* new ones; ids go on from a->last_origin */
	size_t n_origins, cap_origins;

	uint32_t n_flagsets;  /* ids up to here are in its transaction */
	size_t n_saved_again; /* likewise, of flagsets_to_save() */

	bool durable; /* the WAL must be synced before the answer */
	enum turn_stage stage;
	bool waiting; /* for the host's sync */
	uint64_t token;
	int sync_error;
};

/* turn.c */
struct turn *turn_new(struct account *a);
void turn_free(struct turn *t);
void turn_step(struct account *a, bool wait); /* wait: sync by ourselves */
void turn_synced(struct account *a, uint64_t token, int error);
void turn_sync_wal(struct account *a); /* of flags, beside the turns */
void turn_refuse(struct account *a, enum status st); /* all waiting asks */

/* tend.c: the piece that waits, between two turns. */
void tend_step(struct account *a);

/* plan.c: what all kinds need. */
struct pbox *plan_box(struct turn *t, uint64_t mailbox); /* NULL: not there */
struct pbox *plan_find(struct turn *t, struct str name);
struct pbox *plan_new_box(struct turn *t, struct str name);
bool plan_has_children(struct turn *t, struct str name);
bool plan_may(const struct change *c, unsigned rights);
struct effect *plan_effect(
    struct turn *t, struct ask *ask, enum effect_kind kind, struct pbox *box);
/* The rows of those of `set` that are in the mailbox, ascending. */
enum status plan_rows(struct turn *t, struct pbox *box,
    const struct uidset *set, struct row **out, size_t *n_out) MUST_CHECK;
enum status plan_all_rows(struct turn *t, struct pbox *box, struct row **out,
    size_t *n_out) MUST_CHECK;
/*
 * S20: is there a UID for so many more? Else *box becomes a new mailbox of the
 * same name, with the same messages under UIDs from 1 and a new UIDVALIDITY,
 * in place of the one that has run out. Called when nothing else can fail.
 */
enum status plan_room(struct turn *t, struct ask *ask, struct pbox **box,
    size_t n_more) MUST_CHECK;
/* Would these keywords fit into the mailbox (S41)? Then note them. */
enum status plan_keywords(
    struct turn *t, struct pbox *box, uint32_t flagset) MUST_CHECK;
/* Effects on entries: they keep the counts and the overlay. */
struct effect *plan_add(struct turn *t, struct ask *ask, struct pbox *box,
    struct row *rows, size_t n);
/* Rows with uids of old, below UIDNEXT, of a mailbox made alive again. */
struct effect *plan_back(struct turn *t, struct ask *ask, struct pbox *box,
    struct row *rows, size_t n);
struct effect *plan_gone(struct turn *t, struct ask *ask, struct pbox *box,
    struct row *rows, size_t n);
struct effect *plan_flags(struct turn *t, struct ask *ask, struct pbox *box,
    struct row *rows, size_t n);

/* Notes the keywords whatever their number: history's own fit (S32). */
void plan_bear(struct turn *t, struct pbox *box, uint32_t flagset);

/* plan_folder.c: a folder with its effect and its record for the pack. */
struct pbox *plan_make(
    struct turn *t, struct ask *ask, struct str name, unsigned use);
void plan_drop(struct turn *t, struct ask *ask, struct pbox *box,
    struct row *rows, size_t n);
/* `box` is not known to the turn yet; its id had been given before.
 * plan_revived: its record is in the pack already. */
void plan_revived(struct turn *t, struct ask *ask, struct pbox *box);
void plan_revive(struct turn *t, struct ask *ask, struct pbox *box);
void plan_rename_to(
    struct turn *t, struct ask *ask, struct pbox *box, struct str name);
/* Would the names of all below be good ones, and free? */
enum status plan_rename_below(
    struct turn *t, struct str from, struct str to) MUST_CHECK;
/* With all below it; are superior names that are missing mailboxes? Refused
 * before the first effect. */
enum status plan_rename_tree(struct turn *t, struct ask *ask, struct pbox *box,
    struct str to, bool selectable) MUST_CHECK;
/* Superior names that do not exist come into being. */
void plan_parents(
    struct turn *t, struct ask *ask, struct str name, bool selectable);
void plan_use(struct turn *t, struct ask *ask, struct pbox *box, unsigned use);
void plan_subscribed(struct turn *t, struct ask *ask, struct str name, bool on);
void plan_set_quota(struct turn *t, struct ask *ask, uint64_t quota);
bool plan_is_subscribed(const struct turn *t, struct str name);
bool name_is_below(struct str name, struct str parent);

/* One per change kind; in plan_arrive.c, plan_entry.c, plan_folder.c. */
enum status plan_append(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_deliver(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_store(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_copy(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_move(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_expunge(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_pop3_quit(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_create(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_delete(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_rename(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_subscribe(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_special_use(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_quota(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_claim_recent(struct turn *t, struct ask *ask) MUST_CHECK;
/* plan_restore.c, plan_undo.c: the first in their turn, on published state. */
enum status plan_restore(struct turn *t, struct ask *ask) MUST_CHECK;
enum status plan_undo(struct turn *t, struct ask *ask) MUST_CHECK;

/* thread.c */
void thread_assign(struct turn *t, struct arrival *m, const struct summary *s);

/* The thread is known already; its ids are noted again. */
void thread_replay(
    struct turn *t, const struct arrival *m, const struct summary *s);

/* turn_ask.c */
/* The next in the account's queue, taken out of it; NULL. */
struct ask *ask_next(struct account *a);
/* Tells him, and frees it. */
void ask_answer(struct store *s, struct ask *ask);
/* What it would have changed did not happen. */
void ask_forget(struct changed *c);

/* turn_commit.c */
enum status turn_append(struct turn *t) MUST_CHECK;
enum status turn_commit(struct turn *t) MUST_CHECK;
/* turn_publish.c */
enum status turn_load_columns(struct turn *t) MUST_CHECK;
void turn_publish(struct turn *t);

#endif

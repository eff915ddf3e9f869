/*
 * What the turns need of the store they run in.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "store/account_int.h"

struct store {
	struct store_config cfg; /* root is owned */
	const char *vfs;         /* for mail.db; NULL: the system's */
	struct map accounts;     /* id -> struct account */
	struct account *lru_first, *lru_last; /* most recently used first */
	size_t n_open;
	struct map lent;        /* ids that somebody else owns for a while */
	struct account **ready; /* those with something to do, in order */
	size_t n_ready, cap_ready;
	struct account *dirty_first, *dirty_last; /* oldest first */
	uint64_t last_token;
	struct map syncs;          /* token -> struct account */
	uint64_t pack_max;         /* bytes, for tests; 0: PACK_FILE_MAX */
	uint64_t apart_min;        /* likewise; 0: PACK_APART_MIN */
	bool reserved;             /* DATA/reserve has its bytes */
	struct map opaque;         /* account id and message, 8 bytes */
	struct buf opaque_summary; /* the one that was lent last */
	uint64_t n_syncs; /* asked for so far: tests count them (S42) */
	/* Rows read in advance; for one slice, while `of` is reading. */
	struct ahead {
		struct account *of;
		uint64_t last; /* id that was asked for, in any slice */
		size_t n;
		struct message_row rows[16]; /* without summaries */
	} ahead;
};

/* Did store_opaque() name this message? */
bool message_opaque(const struct account *a, uint64_t id);

/* The VFS for mail.db, NULL for SQLite's own. */
const char *store_vfs(const struct store *s);
struct waiter; /* store/turn_int.h */
void store_queue(struct store *s, struct account *a, const struct change *c,
    uint64_t id, struct waiter *waiter);
void store_ready(struct store *s, struct account *a);
/* The WAL has commits that no sync has covered / has none any more. */
void store_wal_dirty(struct store *s, struct account *a);
void store_wal_clean(struct store *s, struct account *a);

/* An id becomes a path: letters and digits alone. */
bool store_good_id(struct str id);

/* reserve.c: called when there is space / when there is none. */
enum { RESERVE_BYTES = 16 * 1024 * 1024 }; /* thousands of turns */
void reserve_fill(struct store *s);
bool reserve_release(struct store *s); /* true: try once more */

/* account.c */
enum status account_make(
    struct store *s, struct str id, struct account **out) MUST_CHECK;
enum status account_open(
    struct store *s, struct str id, struct account **out) MUST_CHECK;
/*
 * To look at alone: a folder that holds an account's files, with its database
 * of that name; nothing is recovered, and nothing written. `still`: see
 * store/snapshot.h. `s` must be read_only. ST_READONLY: an older schema.
 */
enum status account_open_still(struct store *s, const char *dir, const char *db,
    bool still, struct account **out) MUST_CHECK;
/* Its mail.db for reading, nothing loaded; the owner has it open (S1). */
enum status account_peek(
    struct store *s, struct str id, struct account **out) MUST_CHECK;
void account_close(struct account **a);

#endif

/*
 * mail.db: the only files that know its SQL are db*.c, one for each noun. A
 * statement is prepared once per connection, and reset by the function that
 * stepped it: nothing stays open (S9), but for the summary that db_message()
 * lends.
 *
 * Writing functions run inside db_begin() .. db_commit(). They have no reason
 * to refuse: the plan has decided. What fails is the disk.
 */
#ifndef STORE_DB_INT_H
#define STORE_DB_INT_H

#include "store/account_int.h"
#include "store/tend.h"
#include "store/view.h"

enum { DB_SCHEMA = 5, DB_APPLICATION = 0x4d53544d /* "MSTM" */ };

enum db_stmt {
	STMT_BEGIN = STMT_ENTRIES + 1,
	STMT_BEGIN_READING,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_ACCOUNT,
	STMT_ACCOUNT_SET,
	STMT_APPLIED_SET,
	STMT_MAILBOXES,
	STMT_MAILBOX_SET,
	STMT_MAILBOX_DIED,
	STMT_MAILBOX_DIED_GET,
	STMT_SUBSCRIPTIONS,
	STMT_SUBSCRIBE,
	STMT_UNSUBSCRIBE,
	STMT_KEYWORDS,
	STMT_KEYWORD_ADD,
	STMT_FLAGSETS,
	STMT_FLAGSET_ADD,
	STMT_ORIGINS,
	STMT_ORIGIN_ADD,
	STMT_MESSAGE_ADD,
	STMT_UIDL_ADD,
	STMT_UIDL,
	STMT_UIDL_ANY,
	STMT_EMAILIDS,
	STMT_KNOWN,
	STMT_KNOWN_ADD,
	STMT_ENTRY_ADD,
	STMT_ENTRY_FLAGS,
	STMT_ENTRY_GONE,
	STMT_SHARED,
	STMT_SHARED_SET,
	STMT_SHARED_DROP,
	STMT_RETAIN,
	STMT_UNRETAIN,
	STMT_THREAD,
	STMT_THREAD_ADD,
	STMT_HISTORY_ADD,
	STMT_HISTORY_DOWN,
	STMT_HISTORY_UP,
	STMT_HISTORY_AT,
	STMT_CLOCK_ADD,
	STMT_CLOCK_BEFORE,
	STMT_LOST_ADD,
	STMT_LOST_HAS,
	STMT_ENTRY_HAS,
	STMT_DEAD_NAME,
	STMT_ORIGIN,
	STMT_MAILBOX_DEAD,
	STMT_MAILBOX_KEYWORDS,
	STMT_DEAD_RAISE,
	STMT_HISTORY_NEXT,
	STMT_HISTORY_DROP,
	STMT_CLOCK_FORGET,
	STMT_LOST_FORGET,
	STMT_UNRETAIN_OLD,
	STMT_MESSAGE_DROP,
	STMT_PACK_DEAD,
	STMT_DROPPABLE,
	STMT_PACK_DEAD_OF,
	STMT_PURGED_ADD,
	STMT_PURGED_HAS,
	STMT_PURGED_ANY,
	STMT_DEAD_BYTES,
	STMT_PACK_GONE,
	STMT_ANY_IN_PACK,
	STMT_MESSAGE_MOVE,
	STMT_FLAG_COUNTS,
	STMT_PLACES,
	STMT_SHOWN,
	STMT_USED_FLAGSETS,
	STMT_USED_THREADS,
	STMT_FLAGSET_IDS,
	STMT_ORIGIN_IDS,
	STMT_THREAD_IDS,
	STMT_THREAD_JOINED,
	STMT_THREAD_DROP,
	STMT_FLAGSET_DROP,
	STMT_ORIGIN_DROP,
	STMT_VACUUM_MODE,
	STMT_FREE_PAGES,
	STMT_ALL_PAGES,
	STMT_GIVE_PAGES,
	STMT_END
};
_Static_assert((int)STMT_END <= (int)STMT_COUNT_OF, "account_int.h: stmts");

/* db.c */
/* Opens mail.db, makes or upgrades its tables. ST_NOT_FOUND without create. */
enum status db_open(struct account *a, bool create) MUST_CHECK;
/* For account_open_still(). */
enum status db_open_still(
    struct account *a, const char *name, bool still) MUST_CHECK;
void db_close(struct account *a); /* truncates the WAL (S1) */
enum status db_status(int rc);    /* of an SQLite result code */
enum status db_begin(struct account *a) MUST_CHECK;
enum status db_commit(struct account *a) MUST_CHECK;
void db_rollback(struct account *a);
/* Commits when st is ST_OK, else rolls back; the status of the whole. */
enum status db_finish(struct account *a, enum status st) MUST_CHECK;
/* One snapshot for many reads; false when a transaction runs already. */
bool db_begin_reading(struct account *a);
void db_end_reading(struct account *a);
/* The whole file anew: nothing of what was deleted is left in it (S33). */
enum status db_write_anew(struct account *a) MUST_CHECK;

/* db_schema.c: an older store is brought up to date, a newer one is refused
 * (S13). */
enum status db_upgrade(struct account *a) MUST_CHECK;

/* db_look.c: databases that are looked at beside their owner, or at rest
 * (store/snapshot.h). */
struct snapshot_row;
enum status db_look(struct str path, bool still, sqlite3 **out) MUST_CHECK;
/* One moment of it, from now on. */
enum status db_look_begin(sqlite3 *db) MUST_CHECK;
enum status db_look_row(sqlite3 *db, struct snapshot_row *out) MUST_CHECK;
enum status db_look_counts(sqlite3 *db, uint64_t *mailboxes_out,
    uint64_t *entries_out, uint64_t *messages_out) MUST_CHECK;
enum status db_look_check(sqlite3 *db, struct buf *found) MUST_CHECK;
/* A new file that is to become a copy. To be closed in any case. */
enum status db_look_copy(const char *to, sqlite3 **out) MUST_CHECK;

/* db_wal.c */
void db_watch_wal(struct account *a);
/* All of the WAL into mail.db, both synced, the WAL emptied. */
enum status db_checkpoint(struct account *a) MUST_CHECK;
/* After a commit: says that the WAL has grown, or has it start anew (S8). */
void db_tend_wal(struct account *a);
/* store_checkpoint(), by a connection of the keeper. */
struct checkpoint;
enum status db_move_wal(sqlite3 *db, struct checkpoint *out) MUST_CHECK;

/* db_stmt.c */
/* The statement, prepared. NULL when that fails: the schema is damaged. */
sqlite3_stmt *db_stmt(struct account *a, int id);
/* Steps: true on a row; otherwise resets and *st says whether it went well. */
bool db_row(sqlite3_stmt *s, enum status *st);
/* Binds n numbers, steps to the end, resets. */
enum status db_run(
    struct account *a, int id, const int64_t *v, int n) MUST_CHECK;
enum status db_run_key(struct account *a, int id, uint64_t key) MUST_CHECK;
/* Its number is bound first, unless it is NULL, and its text behind it. */
enum status db_run_text(struct account *a, int id, const int64_t *number,
    struct str text) MUST_CHECK;
/* One number of the row of that key; ST_NOT_FOUND. */
enum status db_number(
    struct account *a, int id, uint64_t key, uint64_t *out) MUST_CHECK;
/* One blob or text of it, in the arena; "" without it. */
struct str db_text(
    struct account *a, int id, uint64_t key, struct arena *arena);
/* Is there a row for these keys? The second may be 0: then there is one. */
bool db_has(struct account *a, int id, uint64_t key, uint64_t key2);
void db_bind(sqlite3_stmt *s, int at, struct str blob);
struct str db_column(sqlite3_stmt *s, int column);
/* SQL that is not a statement of the table; how many rows it changed. */
enum status db_exec(
    struct account *a, const char *sql, uint64_t *n_out) MUST_CHECK;

static inline uint64_t
db_u64(sqlite3_stmt *s, int column)
{
	return (uint64_t)sqlite3_column_int64(s, column);
}

static inline uint32_t
db_u32(sqlite3_stmt *s, int column)
{
	return (uint32_t)sqlite3_column_int64(s, column);
}

/* db_account.c */
struct db_account { /* the account row as it shall be */
	uint64_t modseq, next_id, epoch, quota, bytes, messages, retained;
	uint32_t last_uidvalidity;
	struct place applied;
	uint64_t history_from;
	int64_t last_wall;
};
void db_account_of(const struct account *a, struct db_account *out);
void db_account_to(const struct db_account *row, struct account *a);
/* All that is read at open. */
enum status db_load_account(struct account *a) MUST_CHECK;
/* The account row alone, into the account. */
enum status db_load_row(struct account *a) MUST_CHECK;
enum status db_set_account(
    struct account *a, const struct db_account *row) MUST_CHECK;
/* Where it is applied to, and nothing else. */
enum status db_set_applied(struct account *a, struct place end) MUST_CHECK;

/* db_mailbox.c */
enum status db_set_mailbox(struct account *a, const struct mailbox *m,
    uint64_t gone_modseq) MUST_CHECK;
/* A deleted mailbox keeps its row: name away, UIDNEXT stays (S30). */
enum status db_mailbox_died(
    struct account *a, uint64_t mailbox, uint64_t modseq) MUST_CHECK;
/* Was there such a mailbox that is deleted now? */
bool db_died(struct account *a, uint64_t mailbox);
/* A deleted mailbox's row: its identity, UIDNEXT, special use, recent_from.
 * The name is in the arena. ST_NOT_FOUND when there is no such row. */
enum status db_dead_mailbox(struct account *a, uint64_t id, struct arena *arena,
    struct mailbox *out, uint64_t *gone_modseq_out) MUST_CHECK;
/* The name a deleted mailbox bore last; "" when it is not known. */
struct str db_dead_name(
    struct account *a, uint64_t mailbox, struct arena *arena);
/* S22: UIDNEXT of the deleted, which may come back, unless >= `below`. */
enum status db_raise_dead(
    struct account *a, uint32_t uids, uint32_t below) MUST_CHECK;
/* What a mailbox has borne, deleted or not. */
enum status db_keywords(struct account *a, uint64_t mailbox,
    struct arena *arena, struct str **out, size_t *n_out) MUST_CHECK;
enum status db_add_keyword(
    struct account *a, uint64_t mailbox, struct str keyword) MUST_CHECK;
enum status db_subscribe(
    struct account *a, struct str name, bool on) MUST_CHECK;

/* db_entry.c */
enum status db_load_columns(
    struct account *a, uint64_t mailbox, struct columns *into) MUST_CHECK;
bool db_has_entry(struct account *a, uint64_t mailbox, uint32_t uid);
enum status db_add_entry(struct account *a, uint64_t mailbox,
    const struct entry *e, uint64_t size) MUST_CHECK;
enum status db_set_flags(
    struct account *a, uint64_t mailbox, const struct entry *e) MUST_CHECK;
enum status db_drop_entry(
    struct account *a, uint64_t mailbox, uint32_t uid) MUST_CHECK;
enum status db_add_flagset(
    struct account *a, uint32_t id, struct str text) MUST_CHECK;
/* How many entries show a message: 0 is never stored, 1 has no row. */
enum status db_shared(
    struct account *a, uint64_t message, uint64_t *n_out) MUST_CHECK;
enum status db_set_shared(
    struct account *a, uint64_t message, uint64_t n) MUST_CHECK;
enum status db_retain(struct account *a, uint64_t message, uint64_t modseq,
    uint64_t size) MUST_CHECK;
/* `size_out` is 0 when history alone did not hold it. */
enum status db_unretain(
    struct account *a, uint64_t message, uint64_t *size_out) MUST_CHECK;
/* ST_NOT_FOUND unless history alone holds it, and since modseq or before. */
enum status db_unretain_old(struct account *a, uint64_t message,
    uint64_t modseq, uint64_t *size_out) MUST_CHECK;
/* At most `max` messages, ascending from behind `after`, that were shown last
 * at or before modseq. */
enum status db_droppable(struct account *a, uint64_t modseq, uint64_t after,
    uint64_t *ids, size_t max, size_t *n_out) MUST_CHECK;

/* db_message.c; account_int.h has those that look up rows. */
enum status db_add_message(struct account *a, const struct message_row *row,
    const unsigned char emailid[ID_BYTES],
    const unsigned char threadid[ID_BYTES]) MUST_CHECK;
enum status db_move_message(struct account *a, uint64_t message,
    struct place to, uint64_t stored) MUST_CHECK;
enum status db_drop_message(struct account *a, uint64_t message) MUST_CHECK;
/* Adds the unique-id of a former POP3 server, if the message has one. */
enum status db_uidl(
    struct account *a, uint64_t message, struct buf *out) MUST_CHECK;
enum status db_add_uidl(
    struct account *a, uint64_t message, struct str uidl) MUST_CHECK;
/* Does a message have that EMAILID, of those that came with one? */
bool db_known(struct account *a, const unsigned char emailid[ID_BYTES]);
enum status db_add_known(struct account *a,
    const unsigned char emailid[ID_BYTES], uint64_t message) MUST_CHECK;
/* EMAILIDs, 16 bytes each, of messages with ids >= from; at most so many.
 * *next_out: the id to go on from, 0 at the end. */
enum status db_emailids(struct account *a, uint64_t from, size_t most,
    struct buf *out, uint64_t *next_out) MUST_CHECK;
bool db_thread(struct account *a, uint64_t hash, unsigned char out[ID_BYTES]);
enum status db_add_thread(struct account *a, uint64_t hash,
    const unsigned char threadid[ID_BYTES]) MUST_CHECK;
/* It was purged: history may name it, nothing shows it. */
enum status db_purge(struct account *a, uint64_t message) MUST_CHECK;
bool db_purged(struct account *a, uint64_t message);
bool db_any_purged(struct account *a);

/* db_history.c */
struct history_row {
	uint64_t modseq;
	uint32_t part;
	uint32_t kind; /* history_int.h */
	uint64_t mailbox;
	uint64_t origin;
	int64_t wall;
	struct str data;
};
/*
 * Walks history rows, `down` from the newest to > modseq, or up from the
 * first > modseq. fn returns false to stop. data is borrowed for the call.
 */
enum status db_history(struct account *a, bool down, uint64_t modseq,
    bool (*fn)(void *ctx, const struct history_row *row), void *ctx) MUST_CHECK;
enum status db_add_history(
    struct account *a, const struct history_row *row) MUST_CHECK;
enum status db_drop_history(struct account *a, uint64_t modseq) MUST_CHECK;
/* The newest row at or before modseq; ST_NOT_FOUND. */
enum status db_history_at(struct account *a, uint64_t modseq,
    uint64_t *modseq_out, int64_t *wall_out) MUST_CHECK;
/* The oldest row behind modseq; ST_NOT_FOUND. */
enum status db_history_next(struct account *a, uint64_t modseq,
    uint64_t *modseq_out, int64_t *wall_out) MUST_CHECK;
/* The newest clock segment that begins at or before modseq. */
enum status db_clock_before(struct account *a, uint64_t modseq,
    uint64_t *start_out, int64_t *wall_out) MUST_CHECK;
enum status db_add_clock(
    struct account *a, uint64_t modseq, int64_t wall) MUST_CHECK;
enum status db_origin(struct account *a, uint64_t id, struct arena *arena,
    struct origin *out) MUST_CHECK;
enum status db_add_origin(
    struct account *a, uint64_t id, struct str encoded) MUST_CHECK;
enum status db_add_lost(
    struct account *a, uint64_t first, uint64_t last, int64_t wall) MUST_CHECK;
bool db_lost(struct account *a, uint64_t modseq);
/* What only told of times and modseqs before that one. */
enum status db_forget_times(struct account *a, uint64_t modseq) MUST_CHECK;

/* db_pack.c */
/* A message that stands in that pack; all rows are read. ST_NOT_FOUND. */
enum status db_any_in_pack(
    struct account *a, uint32_t pack, uint64_t *message_out) MUST_CHECK;
/* Bytes of that pack belong to no message any more. */
enum status db_pack_dead(
    struct account *a, uint32_t pack, uint64_t bytes) MUST_CHECK;
enum status db_pack_dead_of(
    struct account *a, uint32_t pack, uint64_t *bytes_out) MUST_CHECK;
/* Of all packs together. */
enum status db_dead_bytes(struct account *a, uint64_t *out) MUST_CHECK;
enum status db_pack_gone(struct account *a, uint32_t pack) MUST_CHECK;

/* db_proof.c: for check and repair. */
/* Rows that no other row explains, each told in words. */
void db_contradictions(
    struct account *a, void (*fn)(void *ctx, struct str what), void *ctx);
/* Per set of flags, how many entries of a mailbox have it, and their bytes. */
enum status db_flag_counts(struct account *a, uint64_t mailbox,
    void (*fn)(void *ctx, uint32_t flagset, uint64_t n, uint64_t size),
    void *ctx) MUST_CHECK;
/* Id, size, place and stored bytes of every message, by place. */
enum status db_places(struct account *a,
    void (*fn)(void *ctx, const struct message_row *row), void *ctx) MUST_CHECK;
/* The living mailboxes, and uids in them, that show a message. */
enum status db_shown(struct account *a, uint64_t message,
    void (*fn)(void *ctx, uint64_t mailbox, uint32_t uid, struct str name),
    void *ctx) MUST_CHECK;

/*
 * db_shrink.c: pages that hold nothing, and all. None when they cannot be
 * given back: a file of before the program did that, until it is written anew.
 */
enum { DB_VACUUM_INCREMENTAL = 2 };
enum status db_free_pages(
    struct account *a, uint64_t *free_out, uint64_t *all_out) MUST_CHECK;
/* A few of them, in a transaction; how many. */
enum status db_give_pages(struct account *a, uint64_t *n_out) MUST_CHECK;

/*
 * db_unused.c: what is referred to, from behind a place on, at most so many
 * rows; of threads the first 8 bytes of their id.
 */
enum status db_used_flagsets(struct account *a, uint64_t *mailbox,
    uint32_t *uid, unsigned most, struct map *used, bool *more_out) MUST_CHECK;
enum status db_used_threads(struct account *a, uint64_t *message, unsigned most,
    struct map *used, bool *more_out) MUST_CHECK;
/* Rows behind `after` whose keys are not in `used`. */
enum { UNUSED_LOOKED = 2048 /* rows at a time */ };
struct unused_ids {
	uint64_t ids[TEND_ITEMS_MAX];
	size_t n;
	bool more;
};
enum status db_unused(struct account *a, enum tend_kind kind, int64_t *after,
    const struct map *used, struct unused_ids *out) MUST_CHECK;
/* Is a message with that id, or a later one, in the thread of the hash? */
bool db_thread_joined(struct account *a, uint64_t hash, uint64_t since);
enum status db_drop_thread(struct account *a, uint64_t hash) MUST_CHECK;
enum status db_drop_flagset(struct account *a, uint32_t id) MUST_CHECK;
enum status db_drop_origin(struct account *a, uint64_t id, struct arena *arena,
    struct str *encoded_out) MUST_CHECK;

#endif

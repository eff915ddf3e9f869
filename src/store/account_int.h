/*
 * The inside of an open account, shared by the files of store/ alone. What is
 * here is the published state: sessions see nothing else. Only turn_publish.c
 * changes it, after the transaction that holds the same change has committed.
 *
 * Who does what: db*.c knows the SQL; pack*.c the bytes; columns.c a mailbox
 * in memory; flagset.c the interned flags; turn*.c decides and persists.
 */
#ifndef STORE_ACCOUNT_INT_H
#define STORE_ACCOUNT_INT_H

#include <sqlite3.h>

#include "base/map.h"
#include "store/mailbox.h"
#include "store/message.h"

struct columns;   /* store/columns.h */
struct flagsets;  /* store/flagset.h */
struct pack;      /* store/pack.h */
struct turn;      /* store/turn_int.h */
struct past_kept; /* store/past_view.c */
struct tending;   /* store/tend.c */

enum { ID_BYTES = 16 }; /* EMAILID and THREADID: 128 random bits */

/* Where bytes stand: a record's first byte. Ordered by (pack, offset). */
struct place {
	uint32_t pack;
	uint64_t offset;
};

/* In a compacted pack (store/keep.h): no place of the redo log. */
static inline bool
place_kept(struct place p)
{
	return p.pack >> 31;
}

static inline int
place_cmp(struct place a, struct place b)
{
	if (a.pack != b.pack)
		return a.pack < b.pack ? -1 : 1;
	return a.offset < b.offset ? -1 : a.offset > b.offset;
}

/* A mailbox, and the columns of it when somebody needed them. */
struct mbox {
	struct mailbox pub;      /* name is owned (str_dup) */
	uint64_t gone_modseq;    /* the last expunge: nothing vanished since */
	struct columns *columns; /* NULL until mbox_columns() loads them */
	struct str *keywords;    /* borne so far (owned strings) */
	size_t n_keywords, cap_keywords;
};

enum stmt_id {
	STMT_MESSAGE,       /* one message without its summary */
	STMT_MESSAGE_WHOLE, /* with it */
	STMT_MESSAGES,      /* those of a range of ids, with it */
	STMT_MESSAGE_IDS,
	STMT_MESSAGES_PLACES, /* those from an id on, without it */
	STMT_ENTRIES,
	STMT_COUNT_OF = 96 /* db_int.h names the rest */
};

struct account {
	struct store *store;
	struct str id;
	char *dir; /* DATA/accounts/ab/<id> */
	int dir_fd;
	unsigned refs;
	struct account *lru_prev, *lru_next;

	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT_OF];
	bool reading;            /* message_reading() */
	uint32_t wal_pages;      /* after the last commit */
	uint32_t wal_pages_told; /* when wal_grown() was called last */
	struct pack *pack;
	struct flagsets *flagsets;
	uint32_t flagsets_saved; /* ids up to here are in mail.db */

	struct map boxes;     /* id -> struct mbox, those that exist */
	struct map by_name;   /* name -> struct mbox */
	struct mailbox *list; /* sorted copies for account_mailboxes() */
	size_t n_list, cap_list;
	bool list_old;
	struct str *subscriptions; /* owned, sorted */
	size_t n_subscriptions, cap_subscriptions;
	struct str *lost; /* of those, the ones without a mailbox */
	size_t n_lost, cap_lost;

	/* The account row. */
	uint64_t modseq;
	uint64_t next_id;
	uint64_t text_told;     /* next_id when text_behind() was called last */
	struct map text_proven; /* sums of segments that are sound */
	uint32_t last_uidvalidity;
	uint64_t epoch;
	struct place applied;
	uint64_t quota, bytes, messages, retained_bytes;
	uint64_t history_from; /* states before this modseq are gone */
	int64_t last_wall;     /* of the newest history row (S23) */

	struct past_kept *past; /* NULL: nobody looks there */

	struct map origins; /* encoded origin -> id */
	uint64_t last_origin;
	/* What rows that were written since then refer to: id -> the modseq
	 * that they have at least (store/tend_unused.c). */
	uint64_t opened_modseq;
	struct map used_flagsets, used_origins;
	bool broken;    /* S4: readable only until reopened */
	bool damaged;   /* S3: or until repaired */
	bool has_uidls; /* of a former POP3 server */

	struct turn *turn;                /* in flight, or NULL */
	struct ask *ask_first, *ask_last; /* waiting for the next turn */
	size_t n_asks;
	struct tending *tending; /* waits for the turn's end (tend.c) */
	bool ready;              /* is in the store's queue */
	int64_t unsynced_since;  /* mono ms of the first unsynced commit */
	struct account *dirty_prev, *dirty_next; /* in the store's list */
	bool dirty;
	int64_t wall_offset; /* wall - mono, to notice a step (S23) */
};

/*
 * Opens a file of the account (S12): the only place where store/ opens one,
 * SQLite's own apart. -1 and errno on failure.
 */
int account_open_file(const struct account *a, const char *name, int flags);

/* A row that refers to that id is written. */
void account_used(struct account *a, struct map *used, uint64_t id);

/* Takes a mailbox into the published table / out of it and frees it. */
void mbox_enter(struct account *a, struct mbox *b);
void mbox_leave(struct account *a, struct mbox *b);

/* Lets go of what past_view_open() has kept. */
void past_forget(struct account *a);

/* The mailbox with its columns loaded. ST_NOT_FOUND when it does not exist. */
enum status mbox_columns(
    struct account *a, uint64_t mailbox, struct mbox **out) MUST_CHECK;
struct mbox *mbox_get(const struct account *a, uint64_t mailbox);

/* A message's row. The summary is borrowed until db_message_done(). */
struct message_row {
	struct message pub;
	struct place place;
	uint64_t stored; /* bytes of the record */
	struct str summary;
};
enum status db_message(struct account *a, uint64_t id, bool with_summary,
    struct message_row *out) MUST_CHECK;
void db_message_done(struct account *a);
/*
 * The same for ids that ascend from first to last: begin, take some of them,
 * done. A summary is borrowed until the next call.
 */
void db_messages(struct account *a, uint64_t first, uint64_t last);
enum status db_messages_next(struct account *a, uint64_t id,
    struct message *out, struct str *summary_out) MUST_CHECK;
void db_messages_done(struct account *a);
/* The message and those behind it, at most n, without summaries. */
enum status db_messages_from(struct account *a, uint64_t id,
    struct message_row *rows, size_t n, size_t *n_out) MUST_CHECK;
/* The ids of all messages behind `after`, ascending, at most n. */
enum status db_message_ids(struct account *a, uint64_t after, uint64_t *ids,
    size_t n, size_t *n_out) MUST_CHECK;

/* The name as we keep it (NFC, INBOX), in the arena; the name's own check. */
enum status mailbox_name_canonical(
    struct str name, struct arena *a, struct str *out) MUST_CHECK;

/* For qsort: struct mailbox by name, INBOX first. */
int mailbox_by_name(const void *a, const void *b);

/* 16 bytes as 26 characters of base32 after a letter ('M', 'T'), NUL-ended. */
void id_text(char letter, const unsigned char id[ID_BYTES], char out[33]);

/* S9: no statement is open, no transaction runs. */
void account_assert_idle(const struct account *a);

#endif

/*
 * An account's packs: append-only files of records, the redo log of its
 * deliveries (DESIGN 4; S2-S6). A record is a header and, for a message, its
 * frames. docs/store-format.md has the bytes.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "store/account_int.h"

struct incoming;

enum pack_kind { PACK_MESSAGE = 1, PACK_CREATE, PACK_RENAME, PACK_DELETE };

struct pack_record {
	enum pack_kind kind;
	uint64_t id; /* the account's sequence: of the message */
	/* Records that count together or not at all: the id of the first. */
	uint64_t group;
	bool last_of_group;
	uint64_t mailbox;
	int64_t saved_ms;
	/* PACK_MESSAGE. The sizes and `apart` are set by the pack. */
	uint32_t uid;
	unsigned char emailid[ID_BYTES], threadid[ID_BYTES];
	int64_t internaldate_ms;
	int32_t zone;
	struct str flags; /* text */
	struct str uidl;  /* of a former POP3 server, or "" */
	uint64_t size, header_size;
	bool apart; /* the frames stand in a file of their own (S6) */
	/* PACK_CREATE, PACK_RENAME (the new name), PACK_DELETE. */
	uint32_t uidvalidity;
	unsigned special_use;
	struct str name;
};

/*
 * Opens the packs that are there, or makes the first one. ST_CORRUPT when
 * they end before `applied`: then *out is open for reading alone (S3).
 */
enum status pack_open(
    struct account *a, struct place applied, struct pack **out) MUST_CHECK;
/*
 * At open, when all is replayed: the files of large messages go that no row
 * and no record names. A power cut leaves one between its linking and the
 * sync of the record.
 */
void pack_apart_sweep(struct pack *p);
void pack_close(struct pack **p);

/* Appends at pack_end(). `in` is the message of a PACK_MESSAGE, else NULL. */
enum status pack_append(struct pack *p, const struct pack_record *r,
    struct incoming *in, struct place *place_out,
    uint64_t *stored_out) MUST_CHECK;
/* Where the next record goes: what is before it may be called applied. */
struct place pack_end(const struct pack *p);
/*
 * What a turn has appended is synced in steps: each a descriptor opened for
 * the sync host (S12), -1 and errno on failure; large messages first, then
 * the folder that names new files, then the pack. Until pack_unsynced() says
 * that nothing is left. pack_sync_again() begins once more.
 */
bool pack_unsynced(const struct pack *p);
int pack_sync_fd(struct pack *p);
void pack_sync_again(struct pack *p);

/*
 * S10: a new pack begins, so that the one before may be compacted. Between
 * turns. The name of the new one is not synced.
 */
enum status pack_roll(struct pack *p) MUST_CHECK;
/* That file is about to go: nothing of it stays open. ST_STATE: it is in use. */
enum status pack_forget(struct pack *p, uint32_t no) MUST_CHECK;
/* Likewise of a large message. */
void pack_forget_apart(struct pack *p, uint64_t id);

/* S4: cuts back to `applied` and syncs; gives this pack up at `applied` and
 * goes on in a new one. */
enum status pack_cut(struct pack *p, struct place applied) MUST_CHECK;
enum status pack_give_up(struct pack *p, struct place applied) MUST_CHECK;

/*
 * Calls fn for each record of whole groups at or behind `from`, in order;
 * `end` is the place behind it; `summary` (encoded) is computed again from
 * the bytes. A torn tail is copied to lost-<time> and cut, damage is skipped
 * (S3). fn ends the replay with a status that is not ST_OK.
 */
enum status pack_replay(struct pack *p, struct place from,
    enum status (*fn)(void *ctx, const struct pack_record *r,
	struct place place, uint64_t stored, struct place end,
	struct str summary),
    void *ctx) MUST_CHECK;
/*
 * Appends bytes [at, at + n) of the message whose record stands at `place`,
 * cut at its end. Decodes only the frames that hold them; the last is kept.
 */
enum status pack_read(struct pack *p, struct place place, uint64_t at,
    uint64_t n, struct buf *out) MUST_CHECK;

/* A record, read whole: all its sums are right. ST_CORRUPT: they are not, or
 * there is none. */
struct pack_checked {
	enum pack_kind kind;
	uint64_t id, size; /* of the message */
	uint64_t stored;   /* the next record stands behind so many bytes */
};
enum status pack_verify(
    struct pack *p, struct place place, struct pack_checked *out) MUST_CHECK;
/* Where records begin in a pack, and where they end. */
enum { PACK_FIRST = 64 };
enum status pack_bounds(
    struct pack *p, uint32_t no, uint64_t *end_out) MUST_CHECK;
/* The numbers of the packs, ascending; the caller frees. */
enum status pack_numbers(
    const struct account *a, uint32_t **out, size_t *n_out) MUST_CHECK;

/* Forgets what was read ahead while account.reading. */
void pack_read_done(struct pack *p);

/* Is there any pack in the account's folder? For a mail.db that is lost. */
bool pack_any(const struct account *a);

#endif

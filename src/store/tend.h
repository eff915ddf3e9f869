/*
 * Tending an account: what the keeper has found out from a snapshot is handed
 * to the account's owner in small pieces, which checks each again and applies
 * it between two turns, in a transaction of its own (S10, S11). A piece takes
 * a few milliseconds and no sync; it is no change: it has no modseq, no
 * origin, no history, and nobody's view shows it.
 */
#ifndef STORE_TEND_H
#define STORE_TEND_H

#include "store/store.h"

enum tend_kind {
	TEND_HOLD = 1, /* the account is open from now on; nothing is done */
	/* History rows up to `modseq` go, as many as there is time for;
	 * states from there on stay exact. `more`: ask again. */
	TEND_HORIZON,
	/* `messages`: those go that no entry shows and no history needs. */
	TEND_DROP,
	/* `messages`: those go that no entry shows, whatever history needs. */
	TEND_PURGE,
	/* The active pack is sealed and a new one begun. */
	TEND_ROLL,
	/* `moves`: what stood in pack `source` stands in `file` as well; as
	 * many as there is time for, `count` says how many. */
	TEND_MOVE,
	TEND_UNLINK, /* pack `source`, which no row names; ST_BUSY: leased */
	TEND_LARGE,  /* files of `messages` that are gone, likewise */
	/* `messages` are ids of rows that nothing referred to at `modseq`;
	 * of threads, hashes, and `modseq` is next_id. Those go to which
	 * nothing refers now. */
	TEND_FLAGSETS,
	TEND_ORIGINS,
	TEND_THREADS,
	TEND_SHRINK, /* mail.db, by as many free pages as there is time for */
	TEND_KINDS
};

struct tend_move {
	uint64_t message, offset, stored;
};

enum {
	TEND_MS = 4,         /* for the work of a piece */
	TEND_ITEMS_MAX = 256 /* and however fast it is */
};

struct tend {
	enum tend_kind kind;
	uint64_t modseq;
	const uint64_t *messages;
	size_t n_messages;
	uint32_t source, file;
	const struct tend_move *moves;
	size_t n_moves;
};

struct tended {
	bool more;      /* not all of it was done, for want of time */
	uint64_t count; /* rows, messages, files that went; moves */
};

/*
 * Waits for the end of the turn under way, then answers by host.tended(). The
 * piece stays valid until then. One at a time per account: else ST_BUSY.
 */
void store_tend(
    struct store *s, struct account *a, const struct tend *t, uint64_t ask);
/* At once, turns included, for the command line and tests. */
enum status store_tend_do(struct store *s, struct account *a,
    const struct tend *t, struct tended *out) MUST_CHECK;

void tend_encode(const struct tend *t, struct buf *out);
enum status tend_decode(
    struct str in, struct arena *a, struct tend *out) MUST_CHECK;

#endif

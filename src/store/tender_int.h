#ifndef STORE_TENDER_INT_H
#define STORE_TENDER_INT_H

#include "store/db_int.h"
#include "store/keep.h"
#include "store/store_int.h"
#include "store/tender.h"

enum { TENDER_LARGE_MAX = 16 }; /* files at a time */

enum tender_phase {
	PHASE_LOOK,       /* where is the horizon? */
	PHASE_HORIZON,    /* rows of the history go */
	PHASE_DROP,       /* messages that only they needed */
	PHASE_UNUSED,     /* and what only these referred to */
	PHASE_CHOOSE,     /* is there a pack worth the work? */
	PHASE_ROLL,       /* it is the active one */
	PHASE_COPY,       /* what is alive */
	PHASE_MOVE,       /* the rows are told */
	PHASE_CHECKPOINT, /* durably */
	PHASE_UNLINK,     /* the pack goes */
	PHASE_LARGE,      /* files of large messages that are gone */
	PHASE_SHRINK,     /* mail.db, when most of it is free */
	PHASE_DONE
};

struct tender {
	struct tender_config cfg; /* strings are owned */
	struct store *store;      /* for reading alone */
	struct account *a;        /* its mail.db, and the folder */
	int lock;                 /* one tender at a time */
	enum tender_phase phase;
	enum status st;
	bool later; /* something is in the way */
	struct tender_report report;
	struct tend piece;
	struct db_account row; /* when the phase began */
	uint64_t horizon;
	bool had_history;
	uint64_t after; /* DROP: ids up to here are done */
	uint64_t ids[TEND_ITEMS_MAX];
	struct tender_unused *unused;
	/* The pack at work. */
	uint32_t source, kept;
	uint32_t sources[PACK_SOURCES]; /* that are copied to one; `source` */
	size_t n_sources, at_source;    /* is one of them */
	bool rolled;
	bool merged; /* `kept` has several sources, this the last: */
	uint32_t last_source;
	struct pack_map from, to;
	struct keep *keep;
	uint64_t at;    /* in `from`: copied up to here */
	uint64_t moved; /* in `to`: in `moves` up to here */
	struct tend_move moves[TEND_ITEMS_MAX];
	size_t n_moves;
	uint64_t freeing;
	bool shrinking;
	int large[TENDER_LARGE_MAX];
	size_t n_large;
};

void tender_fail(struct tender *t, enum status st);
/* Reads the row of now: what the owner has committed since is in it. */
bool tender_refresh(struct tender *t);

/* tender_horizon.c: the newest modseq whose row is old enough; 0: none. */
enum status tender_horizon(struct tender *t, uint64_t *out) MUST_CHECK;

/* tender_merge.c: compacted packs to be copied to one, into `sources`. */
bool tender_merge(struct tender *t, const struct pack_list *packs,
    const struct pack_list *keeps);

bool tender_file_size(const struct tender *t, const char *name, uint64_t *out);
bool tender_is_damaged(const struct tender *t, uint32_t no);

/* tender_compact.c: a step of each phase, and after the owner's answer. */
enum tender_next tender_choose(struct tender *t);
enum tender_next tender_copy(struct tender *t);
enum tender_next tender_move(struct tender *t);
enum tender_next tender_checkpoint(struct tender *t);
enum tender_next tender_unlink(struct tender *t);
void tender_rolled(struct tender *t);
void tender_moved(struct tender *t, uint64_t done);
void tender_unlinked(struct tender *t);
bool tender_checkpointed(struct tender *t);

/* tender_unused.c: likewise. */
enum tender_next tender_unused(struct tender *t);
void tender_unused_told(struct tender *t, const struct tended *tended);
void tender_unused_end(struct tender *t);

/* tender_shrink.c */
enum tender_next tender_shrink(struct tender *t);
void tender_shrunk(struct tender *t, const struct tended *tended);

/* tender_large.c */
enum tender_next tender_large(struct tender *t);
void tender_large_end(struct tender *t);

#endif

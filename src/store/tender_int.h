#ifndef STORE_TENDER_INT_H
#define STORE_TENDER_INT_H

#include "store/db_int.h"
#include "store/store_int.h"
#include "store/tender.h"

enum tender_phase {
	PHASE_LOOK,    /* where is the horizon? */
	PHASE_HORIZON, /* rows of the history go */
	PHASE_DROP,    /* messages that only they needed */
	PHASE_DONE
};

struct tender {
	struct tender_config cfg; /* strings are owned */
	struct store *store;      /* for reading alone */
	struct account *a;        /* its mail.db, and the folder */
	enum tender_phase phase;
	enum status st;
	struct tender_report report;
	struct tend piece;
	struct db_account row; /* when the phase began */
	uint64_t horizon;
	uint64_t after; /* DROP: ids up to here are done */
	uint64_t ids[TEND_ITEMS_MAX];
};

/* tender_horizon.c: the newest modseq whose row is old enough; 0: none. */
enum status tender_horizon(struct tender *t, uint64_t *out) MUST_CHECK;

#endif

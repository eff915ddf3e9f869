#ifndef STORE_TEND_INT_H
#define STORE_TEND_INT_H

#include "store/db_int.h"
#include "store/tend.h"

/* A piece at work, in its transaction. */
struct tend_work {
	struct account *a;
	struct db_account row;
	int64_t until; /* mono ms */
	struct tended done;
};

bool tend_time_is_up(const struct tend_work *w);

/* tend_unused.c */
enum { UNUSED_ARRIVED = 64 /* messages, while the keeper looked */ };
enum status tend_unused(struct tend_work *w, const struct tend *t) MUST_CHECK;

#endif

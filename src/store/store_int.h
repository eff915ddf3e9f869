/*
 * What the turns need of the store they run in.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "store/account_int.h"

struct store {
	struct store_config cfg;              /* root is owned */
	struct map accounts;                  /* id -> struct account */
	struct account *lru_first, *lru_last; /* most recently used first */
	size_t n_open;
	uint64_t last_token;
	struct map syncs; /* token -> struct account */
	uint64_t n_syncs; /* asked for so far: tests count them (S42) */
};

#endif

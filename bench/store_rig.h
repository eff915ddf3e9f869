/*
 * For the benchmarks of the store by itself: one account in a store of its
 * own, and the clocks.
 */
#ifndef BENCH_STORE_RIG_H
#define BENCH_STORE_RIG_H

#include <ftw.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "store/incoming.h"
#include "store/store.h"

static struct store_config cfg;
static struct store *store;
static struct account *account;
static struct arena arena;
static struct changed done; /* of the last ask() */
static size_t n_answers;    /* of those that were submitted */
static const struct origin origin = {.protocol = STR_INIT("bench")};
static char root[256];

static inline void
must(enum status st, const char *what)
{
	if (st == ST_OK)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, status_text(st));
	exit(1);
}

static inline double
ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline void
answered(void *ctx UNUSED, uint64_t ask UNUSED, enum status st,
    const struct changed *changed UNUSED)
{
	must(st, "answer");
	n_answers++;
}

static inline void
ask(const struct change *c, const char *what)
{
	must(store_do(store, account, c, &arena, &done), what);
}

static inline void
open_store(void)
{
	must(store_open(&cfg, &store), "store");
	must(store_account(store, S("anna"), &account), "account");
}

static inline void
close_store(void)
{
	account_unref(&account);
	store_close(&store);
}

/* In a new folder below `folder`. */
static inline void
make_store(const char *folder, const struct clock *clock)
{
	(void)snprintf(root, sizeof(root), "%s/store-bench-XXXXXX", folder);
	if (!mkdtemp(root))
		must(ST_IO, root);
	cfg = (struct store_config){
	    .root = str_from(root),
	    .clock = clock,
	    .random = &random_system,
	    .host.answered = answered,
	    .epoch = 1,
	    .max_open = 4,
	};
	must(store_open(&cfg, &store), "store");
	must(store_create_account(store, S("anna"), &origin), "account");
	must(store_account(store, S("anna"), &account), "account");
}

static inline int
remove_one(const char *path, const struct stat *sb UNUSED, int flag UNUSED,
    struct FTW *ftw UNUSED)
{
	return remove(path);
}

static inline void
remove_store(void)
{
	close_store();
	arena_release(&arena);
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif

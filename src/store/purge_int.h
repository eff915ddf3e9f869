/* A purge that has begun (purge_mark.c). */
#ifndef STORE_PURGE_INT_H
#define STORE_PURGE_INT_H

#include "store/account_int.h"
#include "store/purge.h"

#define PURGING_MARK "purging"

/* Adds what it names; ST_OK also when there is none. */
enum status purge_mark_read(
    struct account *a, struct purge_found *into) MUST_CHECK;
/* On the disk when it returns. */
enum status purge_mark_write(
    struct account *a, const struct purge_found *f) MUST_CHECK;
enum status purge_mark_clear(struct account *a) MUST_CHECK;

#endif

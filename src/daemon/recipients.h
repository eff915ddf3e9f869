/*
 * The recipients that auth has found lately, for `deliver`: true as long as
 * the directory's counter on the board (daemon/board.h) stands where it stood
 * before auth was asked. Who is not found is asked for each time.
 */
#ifndef DAEMON_RECIPIENTS_H
#define DAEMON_RECIPIENTS_H

#include "base/map.h"
#include "proto/proto.h"

enum { RECIPIENTS_MOST = 1024 };

struct recipients {
	struct map known; /* by address as it was given */
	uint64_t at;      /* the counter they were asked at */
};

/* NULL: ask auth. `now` is the directory's counter. */
const struct recipient *recipients_find(
    struct recipients *r, struct str address, uint64_t now);
/* What auth has said; `asked_at` is the counter before it was asked. */
void recipients_add(struct recipients *r, struct str address, uint64_t asked_at,
    const struct recipient *who);
void recipients_release(struct recipients *r);

#endif

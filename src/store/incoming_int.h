/*
 * What the turns need of a received message beside its public face.
 */
#ifndef STORE_INCOMING_INT_H
#define STORE_INCOMING_INT_H

#include "store/incoming.h"

const struct flags *incoming_flags(const struct incoming *in);
/* INTERNALDATE; `now_ms` (UTC) when nobody set one. */
void incoming_date(const struct incoming *in, int64_t now_ms, int64_t *ms_out,
    int32_t *zone_out);
uint64_t incoming_header_size(const struct incoming *in);

#endif

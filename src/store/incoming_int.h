/*
 * What the turns and the pack need of a received message beside its public
 * face.
 */
#ifndef STORE_INCOMING_INT_H
#define STORE_INCOMING_INT_H

#include "store/frame.h"
#include "store/incoming.h"

/* An encoded summary: 100,000 parts and long header texts fit. */
enum { SUMMARY_MAX = 64 * 1024 * 1024 };

const struct flags *incoming_flags(const struct incoming *in);
/* INTERNALDATE; `now_ms` (UTC) when nobody set one. */
void incoming_date(const struct incoming *in, int64_t now_ms, int64_t *ms_out,
    int32_t *zone_out);
/* NULL when it is to get a new one. */
const unsigned char *incoming_emailid(const struct incoming *in);
struct str incoming_uidl(const struct incoming *in); /* "" without one */
uint64_t incoming_header_size(const struct incoming *in);

/* "" without one; a raw frame of its own in front of all frames. */
struct str incoming_prefix(const struct incoming *in);
const struct frames *incoming_frames(const struct incoming *in);
/* A file that has all frames from its start on, or -1. It stays ours. */
int incoming_whole_file(struct incoming *in);
/* Stored bytes [at, at + n) of all frames but the prefix, appended to out. */
enum status incoming_stored(const struct incoming *in, uint64_t at, size_t n,
    struct buf *out) MUST_CHECK;

#endif

/*
 * The file `text-index`, shared by text_index*.c. All integers are
 * little-endian; sums are SipHash-2-4 with a key of zeros.
 *
 *	file     header (64)  segment*
 *	header   "MSTEXT01"  end (u64)  last id (u64)  messages (u64)
 *	         sum of these (u64)  trying (u64)  died (u64)
 *	         counted (u64)
 *	segment  fixed (64)  table  sets
 *	fixed    "MSTS"  messages (u32)  first id (u64)  last id (u64)
 *	         bytes of table (u32)  zero (u32)  bytes of sets (u64)
 *	         sum of table (u64)  sum of sets (u64)  sum of these (u64)
 *	table    for each message: id, from the one before (var)
 *	         size of its set for headers, for all (u8 each)
 *	sets     for headers, then for all; for each size that occurs, ascending:
 *	         1 << size rows of a bit for each message of that size
 *
 * The header is written when all before its end is on the disk: what stands
 * behind that is not there. `trying` is the message that is being read, 0 when
 * none is: if the keeper dies of it, it is left out the next time, and the
 * whole segment at the time after that (P10). `counted` is the account's
 * history_from of when it was found that few of the messages are gone: none
 * goes before that rises.
 */
#ifndef STORE_TEXT_INDEX_INT_H
#define STORE_TEXT_INDEX_INT_H

#include "base/buf.h"
#include "store/account_int.h"
#include "store/grams.h"
#include "store/text_index.h"

#define TEXT_INDEX_NAME "text-index"

enum {
	TEXT_HEADER = 64,
	TEXT_FIXED = 64,
	TEXT_TRYING = 40, /* where it stands */
	TEXT_KINDS = 2,   /* enum text_where */
	/* Of a segment. Fewer than the least are not worth one: they are
	 * looked at faster than the keeper is asked. */
	TEXT_SEGMENT = 512,
	TEXT_SEGMENT_LEAST = 256,
};

struct text_header {
	uint64_t end, last, messages;
	uint64_t trying, died, counted;
};

struct text_fixed {
	uint32_t messages, table;
	uint64_t first, last, sets;
	uint64_t sum_table, sum_sets;
	uint64_t sum; /* of these: says what the whole segment is */
};

/* A segment in the file. */
struct text_place {
	struct text_fixed f;
	uint64_t at; /* of its table */
};

struct text_layout {
	struct text_place *places;
	size_t n_places, cap_places;
};

void text_header_put(const struct text_header *h, struct buf *out);
bool text_header_get(struct str bytes, struct text_header *out) MUST_CHECK;
void text_fixed_put(const struct text_fixed *f, struct buf *out);
bool text_fixed_get(struct str bytes, struct text_fixed *out) MUST_CHECK;

/*
 * When the account is opened: an index that speaks of ids to come, because an
 * older mail.db was put in place, goes before those ids are given.
 */
void text_index_check(struct account *a);

/* The descriptor and its header; -1: there is none that can be used. */
int text_index_file(struct account *a, int flags, struct text_header *out);

/*
 * The segments that stand before `end`, ascending, `out` zeroed. ST_CORRUPT:
 * there is something else behind those that were found.
 */
enum status text_layout_read(
    int fd, uint64_t end, struct text_layout *out) MUST_CHECK;
/*
 * Table and sets, as their sums say they shall be. By read(): a bad place on
 * the disk is ST_CORRUPT too, and no signal.
 */
enum status text_place_read(
    int fd, const struct text_place *p, struct buf *out) MUST_CHECK;
/* The table alone. */
enum status text_place_table(
    int fd, const struct text_place *p, struct buf *out) MUST_CHECK;
/* When all that stands before the end is on the disk. */
enum status text_header_write(int fd, const struct text_header *h) MUST_CHECK;
enum { TEXT_PLACE_MAX = 64 * 1024 * 1024 }; /* bytes of one */

#endif

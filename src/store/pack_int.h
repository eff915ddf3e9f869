/*
 * The bytes of a pack, shared by pack*.c. All integers are little-endian.
 *
 *	pack    header (64)  record*
 *	keep    the same, of what was alive of packs (store/keep.h)
 *	header  "MSPACK01"  salt (16)  end of the pack before (u64)
 *	        sum (u64, keyed by the salt)  zeros
 *	record  fixed (32)  meta  frames
 *	fixed   "MSRC"  meta bytes (u32)  frame bytes (u64)
 *	        sum of meta (u64)  sum of pack number, offset and the 24 bytes
 *	        before (u64)
 *
 * The end of the pack before is less than its size when that pack was given
 * up: nothing behind it is ever read as a record (S4).
 */
#ifndef STORE_PACK_INT_H
#define STORE_PACK_INT_H

#include "store/incoming_int.h"
#include "store/pack.h"

enum {
	PACK_HEADER = 64,
	PACK_SALT = 16,
	PACK_SOURCES = 5, /* that fit into a header */
	RECORD_FIXED = 32,
	RECORD_META_MAX = 32 * 1024 * 1024,
	PACK_APART_MIN = INCOMING_LARGE,
	PACK_FILE_MAX = 256 * 1024 * 1024, /* then a new one begins */
	PACK_WINDOW = 16 * 1024,      /* read ahead: a few small messages */
	PACK_WINDOW_FIRST = 4 * 1024, /* the same, when none was read before */
};

#define PACK_KEPT (UINT32_C(1) << 31) /* of a number: it is a keep */

struct pack_header {
	unsigned char salt[PACK_SALT];
	uint64_t before_end;
	/* Of a keep: the pack its first records came to, and what was copied,
	 * with zeros behind it. */
	uint32_t origin, sources[PACK_SOURCES];
};

/* A record as it stands: its message's frames and their sums, too. */
struct pack_place {
	struct pack_record r;
	struct frames frames;
	uint64_t *sums;   /* of each frame; with `frames` on the heap */
	uint64_t head;    /* bytes of fixed and meta */
	uint64_t content; /* bytes of the frames */
	void *names;      /* heap: what the strs of r point into */
};

struct pack {
	struct account *a;
	uint32_t no; /* the active pack */
	int fd;
	uint64_t end;
	struct pack_header header;
	bool dirty;        /* records that are not synced */
	bool folder_dirty; /* a new file whose name is not synced */
	/* Files of large messages made in this turn; the first are synced. */
	uint64_t *apart;
	size_t n_apart, cap_apart, n_apart_synced;
	/* For reading: another pack, the last record and its last frame. */
	uint32_t read_no;
	int read_fd;
	struct pack_header read_header;
	struct place last;
	struct pack_place at;
	bool at_valid;
	int apart_fd; /* of `at`, when it is apart */
	size_t frame;
	struct buf frame_bytes;
	/* Bytes read ahead; for one slice, while account.reading. */
	uint32_t window_no; /* 0: they are no pack's, or too old */
	uint64_t window_at;
	struct buf window;
};

/* A pack in memory, to be looked through. */
struct pack_map {
	const struct account *a;
	uint32_t no;
	int fd;
	struct pack_header header;
	struct str bytes; /* up to where the pack counts */
	void *map;        /* NULL: none */
	size_t map_n;
};

struct pack_found {
	struct pack_place at;
	struct str content; /* the frames, in the pack or in a file apart */
	void *map;          /* of that file, or NULL */
	size_t map_n;
	struct place place, end;
};

/* pack_map.c */
enum status pack_map(
    const struct account *a, uint32_t no, struct pack_map *out) MUST_CHECK;
void pack_unmap(struct pack_map *m); /* none: nothing */
/* What the head of a record at `at` says; its frames are not looked at. */
bool pack_head_at(
    const struct pack_map *m, uint64_t at, struct pack_found *out);
/* Is there a whole record at `at`, its frames too? Release it then. */
bool pack_record_at(
    const struct pack_map *m, uint64_t at, struct pack_found *out);
/* The next place from `at` on where a whole record stands. */
bool pack_find_record(
    const struct pack_map *m, uint64_t at, struct pack_found *out);
void pack_found_release(struct pack_found *f);
/* Where pack `no` ends: by its size, or by what the next one says of it. */
uint64_t pack_counted_end(const struct account *a, uint32_t no, uint64_t size);

/* pack_record.c */
void pack_header_put(const struct pack_header *h, struct buf *out);
enum status pack_header_get(
    struct str bytes, struct pack_header *out) MUST_CHECK;
uint64_t pack_sum(const struct pack_header *h, struct str bytes);
void pack_meta_put(const struct pack_record *r, const struct frames *frames,
    const uint64_t *sums, struct buf *out);
void pack_fixed_put(const struct pack_header *h, struct place place,
    struct str meta, uint64_t content, struct buf *out);
/* Checks the fixed part; says how many bytes of meta and content follow. */
bool pack_fixed_get(const struct pack_header *h, struct place place,
    struct str fixed, uint32_t *meta_out, uint64_t *content_out,
    uint64_t *sum_out);
enum status pack_meta_get(struct str meta, struct pack_place *out) MUST_CHECK;
void pack_place_release(struct pack_place *p);

/* pack_apart.c */
void pack_apart_name(uint64_t id, char out[static 32]);
/* Links the message's file into the folder; false: it must be copied. */
bool pack_apart_link(struct pack *p, uint64_t id, struct incoming *in);
/* Does a record say that its frames stand in this file? Also when that cannot
 * be known. pack_replay.c */
bool pack_names_apart(struct pack *p, uint64_t id);
int pack_apart_open(const struct account *a, uint64_t id);
/* The turn has failed: its files go / it was applied: they stay. */
void pack_apart_drop(struct pack *p);
void pack_apart_keep(struct pack *p);

/* pack.c */
/* The next pack becomes the active one; its name is synced with its data. */
enum status pack_begin(
    struct pack *p, uint32_t no, uint64_t before_end) MUST_CHECK;
void pack_name(uint32_t no, char out[static 16]);
enum status pack_read_header(int fd, struct pack_header *out) MUST_CHECK;
enum status pack_pread(
    int fd, uint64_t at, size_t n, struct buf *out) MUST_CHECK;
/* The numbers of the packs that are there, ascending. */
struct pack_list {
	uint32_t *nos;
	size_t n_nos, cap_nos;
};
enum status pack_list(
    const struct account *a, struct pack_list *out) MUST_CHECK;

#endif

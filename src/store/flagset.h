/*
 * The flag sets of an account, interned: an entry holds an id, the id holds
 * the flags and their ready-made text. Ids are given from 1 upwards and stay.
 * A keyword is one whatever its case; its first spelling in the account wins.
 */
#ifndef STORE_FLAGSET_H
#define STORE_FLAGSET_H

#include "store/flags.h"

enum {
	FLAGS_PER_MESSAGE_MAX = 64, /* S41; system flags count */
	KEYWORD_BYTES_MAX = 256,    /* longer than any client's */
};

struct flagsets;

/* Set 1 is the empty one. */
struct flagsets *flagsets_new(void);
void flagsets_free(struct flagsets **fs);

/* A row of mail.db: `id` must be the next one. ST_CORRUPT otherwise. */
enum status flagset_load(
    struct flagsets *fs, uint32_t id, struct str text) MUST_CHECK;

uint32_t flagsets_count(const struct flagsets *fs);
const struct flagset *flagset_get(const struct flagsets *fs, uint32_t id);

/* ST_LIMIT over FLAGS_PER_MESSAGE_MAX, ST_INVALID for what is no keyword. */
enum status flagset_intern(struct flagsets *fs, const struct flags *flags,
    uint32_t *id_out) MUST_CHECK;

/* The set that `op` makes of set `id`. */
enum status flagset_apply(struct flagsets *fs, uint32_t id, enum flags_op op,
    const struct flags *flags, uint32_t *id_out) MUST_CHECK;

/* "\Seen $Forwarded" as text_of a set; unknown \Words are ST_INVALID. */
enum status flags_parse(
    struct str text, struct arena *a, struct flags *out) MUST_CHECK;

#endif

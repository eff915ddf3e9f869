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
	FLAGSETS_MAX = 1 << 22,     /* of an account, since it was made */
};

struct flagsets;

/* Set 1 is the empty one. */
struct flagsets *flagsets_new(void);
void flagsets_free(struct flagsets **fs);

/* A row of mail.db: ids ascend, some may have gone. ST_CORRUPT otherwise. */
enum status flagset_load(
    struct flagsets *fs, uint32_t id, struct str text) MUST_CHECK;

/* The last id. */
uint32_t flagsets_count(const struct flagsets *fs);
/* False for an id whose row went before the account was opened. */
bool flagset_has(const struct flagsets *fs, uint32_t id);
const struct flagset *flagset_get(const struct flagsets *fs, uint32_t id);

/* ST_LIMIT over these limits, ST_INVALID for what is no keyword. */
enum status flagset_intern(struct flagsets *fs, const struct flags *flags,
    uint32_t *id_out) MUST_CHECK;

/*
 * The row of that set goes from mail.db. When the set is asked for again it is
 * among those to be saved, once more under its id, until so many of them are.
 */
void flagset_unsaved(struct flagsets *fs, uint32_t id);
size_t flagsets_to_save(const struct flagsets *fs, const uint32_t **ids_out);
void flagsets_are_saved(struct flagsets *fs, size_t n);

/* The set that `op` makes of set `id`. */
enum status flagset_apply(struct flagsets *fs, uint32_t id, enum flags_op op,
    const struct flags *flags, uint32_t *id_out) MUST_CHECK;

/* "\Seen $Forwarded" as text_of a set; unknown \Words are ST_INVALID. */
enum status flags_parse(
    struct str text, struct arena *a, struct flags *out) MUST_CHECK;

#endif

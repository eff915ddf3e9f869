/*
 * The packed form of an effect in the history table: what is needed to undo
 * it, and what people want to read of it. docs/store-format.md has the bytes.
 */
#ifndef STORE_HISTORY_INT_H
#define STORE_HISTORY_INT_H

#include "base/wire.h"
#include "store/turn_int.h"

static inline uint32_t
history_kind(enum change_kind change, enum effect_kind effect)
{
	return (uint32_t)change << 4 | (uint32_t)effect;
}

static inline enum change_kind
history_change(const struct history_row *r)
{
	return (enum change_kind)(r->kind >> 4);
}

static inline enum effect_kind
history_effect(const struct history_row *r)
{
	return (enum effect_kind)(r->kind & 15);
}

/* Does it speak of messages? */
static inline bool
history_has_entries(enum effect_kind kind)
{
	return kind == EFFECT_ADD || kind == EFFECT_FLAGS ||
	    kind == EFFECT_GONE || kind == EFFECT_BACK;
}

void history_encode(const struct effect *e, struct buf *out);

/*
 * Reads the entries of an ADD or BACK (uid alone), a FLAGS (uid, flagset before) or a
 * GONE (all but modseq) one by one: false at the end, or when it is damaged
 * (wire_ok() of `w` tells).
 */
struct history_reader {
	struct wire w;
	enum effect_kind kind;
	uint32_t uid, left, flagset;
	uint64_t message;
	int64_t saved_ms;
};
void history_read(struct history_reader *r, const struct history_row *row);
bool history_next(struct history_reader *r, struct entry *out, uint64_t *size);
/* How many messages the row speaks of. */
uint64_t history_count(const struct history_row *row);

/* Where the messages of an ADD were copied from; false when they were not. */
bool history_source(const struct history_row *row, uint64_t *mailbox_out);

/* Is it an ADD of what the row before it, a GONE, took from elsewhere? */
bool history_moved(const struct history_row *row);

/* A folder operation. Strings are borrowed from the row. */
struct history_folder {
	struct str name, new_name;
	bool was_on, was_selectable;
	unsigned was_special_use;
	uint64_t was_quota;
	uint32_t was_uidvalidity, was_uidnext, was_recent_from;
};
enum status history_folder(
    const struct history_row *row, struct history_folder *out) MUST_CHECK;

#endif

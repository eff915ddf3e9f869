/* A segment of the text index that is being made (store/text_index_int.h). */
#ifndef STORE_TEXT_SEGMENT_H
#define STORE_TEXT_SEGMENT_H

#include "store/text_index_int.h"

struct text_segment {
	size_t n;
	uint64_t ids[TEXT_SEGMENT];
	struct text_set {
		unsigned size; /* 0: none */
		size_t at;     /* in `sets` */
	} set[TEXT_KINDS][TEXT_SEGMENT];
	struct buf sets; /* one after the other */
};

void text_segment_init(struct text_segment *s);
void text_segment_release(struct text_segment *s);
void text_segment_clear(struct text_segment *s);

/* Ids ascend. NULL: none that is of use. */
void text_segment_add(struct text_segment *s, uint64_t id,
    const struct grams *const grams[TEXT_KINDS]);
/* Message i of another one, with its sets as they are. */
struct text_table;
void text_segment_take(struct text_segment *s, const struct text_table *t,
    struct str sets, size_t i);
/* ST_LIMIT: it would be larger than a segment may be. */
enum status text_segment_write(
    const struct text_segment *s, struct buf *out) MUST_CHECK;

#endif

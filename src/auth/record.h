/*
 * Records: named values, the form of every administrative request and answer.
 * One encoding serves all verbs, so that the command line can print any answer
 * as JSON and a new field breaks nobody. An answer is a run of records.
 */
#ifndef AUTH_RECORD_H
#define AUTH_RECORD_H

#include "base/wire.h"

enum record_type {
	RECORD_END, /* ends a record */
	RECORD_STR,
	RECORD_U64,
	RECORD_BOOL,
	RECORD_LIST, /* of texts */
	RECORD_TIME, /* ms since 1970; 0: never */
};

struct record_field {
	struct str key;
	enum record_type type;
	struct str s;    /* STR; LIST: its encoded texts, for wire_str() */
	uint64_t number; /* U64, BOOL, TIME */
};

/* Writing: any number of fields, then record_end. */
void record_str(struct buf *b, const char *key, struct str v);
void record_u64(struct buf *b, const char *key, uint64_t v);
void record_bool(struct buf *b, const char *key, bool v);
void record_time(struct buf *b, const char *key, int64_t ms);
void record_list(struct buf *b, const char *key, struct str texts);
void record_end(struct buf *b);

/*
 * Reading: false at the end of the record (or when it is malformed: then
 * wire_ok is false).
 */
bool record_next(struct wire *w, struct record_field *out);

/* Of the record at the start of `rec`: empty, 0 or false when not there. */
bool record_has(struct str rec, const char *key);
struct str record_get(struct str rec, const char *key);
uint64_t record_number(struct str rec, const char *key);

/* Takes the next record off *run; false at the end or when malformed. */
bool record_take(struct str *run, struct str *out);

#endif

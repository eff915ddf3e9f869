/*
 * The lines of FETCH, "* 5 FETCH (...)", of the messages of a batch: those of
 * short values from inside a walk of the store, others item by item and piece
 * by piece. Which messages, and when a slice is over, is cmd_fetch.c's to say.
 */
#ifndef IMAP_FETCH_LINE_H
#define IMAP_FETCH_LINE_H

#include "imap/fetch.h"

struct fetch_run {
	struct uidset msns;
	size_t pos;
	uint32_t msn; /* last one taken into a batch */

	struct fetch_row batch[FETCH_BATCH];
	bool unseen[FETCH_BATCH]; /* \Seen is being set */
	size_t n_batch, done;     /* done: rows written */

	/* The row that is being written, if it has bytes. */
	bool in_row;
	bool begun;    /* something of its line is written */
	size_t row_at; /* where it began in `out`; SIZE_MAX: it has left */
	size_t item;
	struct message message;
	struct summary parts;
	struct arena arena;
	struct fetch_body body;
	bool undecodable; /* some BINARY could not be: RFC 3516 4.3 */

	struct buf *out;
	size_t out_at; /* where this slice began */
	unsigned work; /* since the clock was looked at */
	int64_t until_ms;
};

/* Lines without bytes of messages, as many as the slice takes. */
enum status fetch_lines_write(
    struct imap_call *call, struct fetch_run *r) MUST_CHECK;
/* One step of the line that is being written. */
enum status fetch_line_step(
    struct imap_call *call, struct fetch_run *r) MUST_CHECK;

#endif

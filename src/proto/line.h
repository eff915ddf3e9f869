/*
 * Lines of text protocols: takes bytes off a buffer until a line is whole,
 * keeps what is not, and passes over a line that is too long without losing
 * its place.
 */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

#include "base/buf.h"

struct line_reader {
	struct buf held;
	bool skipping;
};

enum line_result { LINE_NONE, LINE_WHOLE, LINE_TOO_LONG };

void line_init(struct line_reader *r, size_t max);
void line_release(struct line_reader *r);

/*
 * One line without its CRLF or LF, valid until the next call. LINE_NONE: all
 * of `in` is taken and no line is whole. LINE_TOO_LONG: said once for a line
 * over the limit, when its end has come.
 */
enum line_result line_take(
    struct line_reader *r, struct buf *in, struct str *line_out);

/* Forgets and overwrites what is held: it may have been a password. */
void line_wipe(struct line_reader *r);

#endif

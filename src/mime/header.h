/*
 * The fields of a header block, found in its raw bytes. Nothing is copied:
 * names and values are borrowed from the block.
 */
#ifndef MIME_HEADER_H
#define MIME_HEADER_H

#include "base/buf.h"

struct header_field {
	struct str name;  /* without the white space some put before ":" */
	struct str value; /* raw: folded, without the white space around it */
	struct str raw;   /* all of the field with its line end */
};

/*
 * Takes the next field off *rest; false at the end or at the empty line that
 * ends a header. Lines that are no field are skipped.
 */
bool header_next(struct str *rest, struct header_field *out);

/* The first field of that name; false: there is none. */
bool header_find(struct str header, struct str name, struct str *value_out);

/*
 * RFC 5322 2.2.3: takes the line ends out of a folded value, the white space
 * behind them stays. NUL becomes 0x80, which IMAP strings can hold (V8).
 */
void header_unfold(struct str value, struct buf *out);

#endif

/*
 * The section of BODY[...] and BINARY[...] (RFC 9051 6.4.5.1): which bytes of
 * a message are meant. Parsing borrows from the input; finding looks at the
 * table of parts that was computed at arrival, never at the message.
 */
#ifndef IMAP_SECTION_H
#define IMAP_SECTION_H

#include "imap/parse.h"
#include "store/message.h"

/* Deeper than mime/ parses: a longer path names no part. */
enum { SECTION_DEPTH_MAX = 128, SECTION_FIELDS_MAX = 256 };

enum section_text {
	SECTION_ALL,        /* [] or [1.2] */
	SECTION_HEADER,     /* [HEADER] or [1.HEADER] */
	SECTION_FIELDS,     /* HEADER.FIELDS (...) */
	SECTION_FIELDS_NOT, /* HEADER.FIELDS.NOT (...) */
	SECTION_TEXT,
	SECTION_MIME, /* [1.MIME]: of a part only */
};

struct section {
	uint32_t *path; /* part numbers, none for the message itself */
	size_t n_path;
	enum section_text text;
	struct str *fields; /* names, as the client wrote them */
	size_t n_fields;
};

/* section = "[" [section-spec] "]"; section-binary has part numbers only. */
bool section_parse(struct imap_parse *p, struct section *out);
bool section_parse_binary(struct imap_parse *p, struct section *out);

/* As it stands in the answer, brackets inclusive. */
void section_write(const struct section *s, struct buf *out);

/* Bytes of a message, still as transferred. */
struct section_span {
	uint64_t at, size;
	enum part_encoding encoding; /* of a leaf part's body */
};

/* The table of parts is needed to find it, not only the message's sizes. */
static inline bool
section_needs_parts(const struct section *s)
{
	return s->n_path > 0;
}

/*
 * False when the message has no such part, or has no header or text there
 * (NIL in the answer). Field lists give the whole header they select from.
 * `sum` may be NULL for a section that needs no parts.
 */
bool section_find(const struct section *s, const struct message *m,
    const struct summary *sum, struct section_span *out);

#endif

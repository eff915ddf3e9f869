/*
 * FETCH (RFC 9051 6.4.5): what a client may ask of each message. The items
 * are a table (fetch_item.c); a new one is a row there and a function that
 * writes its value.
 *
 *   parse -> items -> msns in batches -> rows: "* n FETCH (...)"
 *
 * Items whose value is short are written from what the store walks past;
 * those that are bytes of the message (struct fetch_body) are written in
 * pieces, so that no message is ever held whole.
 */
#ifndef IMAP_FETCH_H
#define IMAP_FETCH_H

#include "imap/section.h"
#include "imap/session.h"
#include "mime/transfer.h"
#include "store/message.h"

enum {
	FETCH_SLICE_MS = 2,
	FETCH_ITEMS_MAX = 256, /* one FETCH: no client asks for so many */
	FETCH_BATCH = 256,     /* messages looked up, or made \Seen, at once */
	FETCH_BATCH_BYTES = 1024 * 1024, /* of those that are made \Seen */
	FETCH_PIECE = 32 * 1024,         /* of a message, read at once */
	FETCH_HEADER_MAX = 1024 * 1024,  /* of a header, for HEADER.FIELDS */
};

enum fetch_needs {
	FETCH_MESSAGE = 1 << 0, /* dates */
	FETCH_TEXTS = 1 << 1,   /* envelope, structure, preview */
	FETCH_PARTS = 1 << 2,   /* the table of parts */
	FETCH_BYTES = 1 << 3,   /* bytes of the message */
};

struct fetch_row {
	const struct imap *s;
	uint32_t msn;
	struct entry entry;
	const struct message *message;
	struct summary_texts texts;
};

struct fetch_item;

struct fetch_kind {
	struct str name;
	struct str label; /* in the answer, when it is not the name */
	unsigned needs;
	bool sets_seen;
	enum fetch_form {
		FETCH_PLAIN,       /* nothing follows the name */
		FETCH_SECTION,     /* section [partial] */
		FETCH_BINARY,      /* section-binary [partial] */
		FETCH_BINARY_SIZE, /* section-binary */
		FETCH_FIXED, /* RFC822...: a section that the name implies */
	} form;
	enum section_text text; /* FETCH_FIXED */
	void (*write)(const struct fetch_row *row, struct buf *out);
};

struct fetch_item {
	const struct fetch_kind *kind;
	struct str label; /* "BODY[1.MIME]<0> ", with its space */
	struct section section;
	bool partial;
	uint64_t at, n; /* of partial */
};

struct fetch_args {
	struct imap_set set;
	struct fetch_item *items;
	size_t n_items;
	unsigned needs;
	bool sets_seen;
	bool has_flags;
};

/* fetch-att / macro / "(" fetch-att *(SP fetch-att) ")" */
bool fetch_items_parse(struct imap_parse *p, struct fetch_args *out);

/*
 * The bytes of one item of one message, in slices. What a step adds is about
 * FETCH_PIECE bytes.
 *
 *   CLOSED --open--> READ ------------------------> CLOSED
 *               \--> COUNT (decoded size) --> DECODE --^
 *                \--> READY (all is in `ready`) -------/
 */
struct fetch_body {
	struct account *account;
	uint64_t message;
	const struct fetch_item *item;
	struct section_span span;
	uint64_t at, left; /* of the message: next to be read, still to read */
	uint64_t skip, want; /* of what it gives: left out, to be written */
	uint64_t counted;
	struct transfer transfer;
	struct buf raw, ready;
	enum {
		BODY_CLOSED,
		BODY_READ,
		BODY_COUNT,
		BODY_DECODE,
		BODY_READY,
	} phase;
};

void fetch_body_init(struct fetch_body *b);
void fetch_body_release(struct fetch_body *b);

/*
 * Begins: NIL, or the announcement of the literal if its size is known, are
 * written. ST_CANNOT: an encoding that nobody can decode; nothing is written.
 */
enum status fetch_body_open(struct fetch_body *b, struct account *account,
    const struct message *m, const struct summary *sum,
    const struct fetch_item *item, struct buf *out) MUST_CHECK;
enum status fetch_body_step(struct fetch_body *b, struct buf *out) MUST_CHECK;

static inline bool
fetch_body_done(const struct fetch_body *b)
{
	return b->phase == BODY_CLOSED;
}

/* An error now would leave the client inside a literal. */
static inline bool
fetch_body_inside(const struct fetch_body *b)
{
	return b->phase != BODY_CLOSED && b->phase != BODY_COUNT;
}

/* The lines of `header` that section selects, and its empty line. */
void fetch_fields(const struct section *s, struct str header, struct buf *out);

#endif

/*
 * Assembles commands from bytes, within limits: a line, and the literals and
 * further lines that belong to it. It looks at nothing but line ends and
 * "{n}" in front of them, keeps the bytes as they came, and never writes:
 * whoever owns it decides what becomes of each literal.
 *
 *	feed() --> READ_MORE     wants more bytes
 *	       --> READ_COMMAND  text holds a whole command, line end inclusive
 *	       --> READ_LITERAL  text ends with an announcement: call keep(),
 *	                         stream() or skip(), then feed() again
 *	       --> READ_BYTES    `bytes` is some of a streamed literal, at the
 *	                         front of the input: the caller consumes it
 *	       --> READ_SKIPPED  over a limit, or refused: the rest of the
 *	                         command is gone, text holds how it began
 */
#ifndef IMAP_READER_H
#define IMAP_READER_H

#include "base/buf.h"

enum { READER_TAIL = 32 };

struct imap_reader_limits {
	size_t line;    /* bytes of one line without its literals */
	size_t literal; /* bytes of one kept literal */
	size_t command; /* bytes of all of it */
};

enum imap_read {
	READ_MORE,
	READ_COMMAND,
	READ_LITERAL,
	READ_BYTES,
	READ_SKIPPED,
};

struct imap_reader {
	struct imap_reader_limits limits;
	struct buf text;
	size_t line_at;        /* where the current line begins in text */
	uint64_t literal_left; /* bytes of the literal still to come */
	uint64_t literal_size; /* READ_LITERAL: as announced */
	bool literal_binary;   /* "~{n}" */
	bool literal_sync;     /* the client waits for "+" */
	struct str bytes;      /* READ_BYTES; borrowed from the input */
	bool raw;              /* a continuation: "{n}" means nothing in it */
	enum {
		READER_LINE,
		READER_SKIP_LINE, /* over a limit: to the end of the command */
		READER_DECIDE,    /* a literal is announced, nothing decided */
		READER_KEEP,
		READER_STREAM,
		READER_SKIP_LITERAL,
	} state;
	char tail[READER_TAIL]; /* how a skipped line ends, for its "{n+}" */
	size_t tail_n;
};

void imap_reader_init(
    struct imap_reader *r, const struct imap_reader_limits *limits);
void imap_reader_release(struct imap_reader *r);
/* Forgets the command that was read; gives memory back when it was large. */
void imap_reader_reset(struct imap_reader *r);

/*
 * Lines follow that belong to the command: each is READ_COMMAND, stands in
 * text from line_at on, and "{n}" means nothing in it. Until `raw` is unset.
 */
void imap_reader_continue(struct imap_reader *r);

/* Takes bytes off the front of `in`. */
enum imap_read imap_reader_feed(struct imap_reader *r, struct buf *in);

/* After READ_LITERAL. keep() is false when it is over a limit: then skip(). */
bool imap_reader_keep(struct imap_reader *r);
void imap_reader_stream(struct imap_reader *r);
/*
 * The literal is refused. A client that waits for "+" will send nothing more
 * of the command: true, and all is skipped already. Otherwise the rest is
 * skipped as it comes, until READ_SKIPPED.
 */
bool imap_reader_skip(struct imap_reader *r);

#endif

/*
 * What is computed of a message once, at arrival, and kept with it: the
 * IMAP texts, the table of parts, preview, sort keys and thread references.
 * FETCH copies these bytes; nothing is parsed again.
 *
 * `envelope`, `body` and `bodystructure` are IMAP wire text (RFC 9051 7.5.2)
 * including their outer parentheses; bytes above 127 appear in literals only,
 * so the text is legal for rev1 and rev2 sessions alike.
 */
#ifndef MIME_SUMMARY_H
#define MIME_SUMMARY_H

#include "base/arena.h"

/* What is over one of these makes the message opaque: one text part. */
enum {
	LIMIT_MIME_HEADER = 1024 * 1024, /* kept of each; the rest unread */
	LIMIT_MIME_DEPTH = 100,          /* parts in parts */
	LIMIT_MIME_PARTS = 100 * 1000,
	/* What headers of parts become: an encoded summary is at most three
	 * times this and 100 bytes a part, below 64 MiB. */
	LIMIT_MIME_TEXT = 16 * 1024 * 1024,
	LIMIT_MIME_ADDRESSES = 10000, /* in a list of ENVELOPE; no more */
	LIMIT_MIME_REFERENCES = 1000, /* first and newest ones are kept */
	LIMIT_MIME_KEY = 1000,        /* bytes of a sort key */
	LIMIT_MIME_PREVIEW = 200,     /* characters (RFC 8970 3.2) */
};

struct summary_part {
	uint32_t parent;      /* index; the root names itself */
	uint32_t number;      /* 1-based among its siblings; 0: the root */
	uint32_t first_child; /* index, or 0 when it has none */
	uint32_t n_children;
	uint32_t next_sibling;           /* index, or 0 */
	uint64_t header_at, header_size; /* with its empty line */
	uint64_t body_at, body_size;     /* as transferred, still encoded */
	uint32_t body_lines;
	uint8_t kind;             /* enum part_kind */
	uint8_t encoding;         /* enum part_encoding */
	struct str type, subtype; /* upper case */
	struct str charset;       /* as declared; "" when not */
};

enum part_kind { PART_LEAF, PART_MULTIPART, PART_MESSAGE /* message/rfc822 */ };
enum part_encoding {
	ENC_7BIT,
	ENC_8BIT,
	ENC_BINARY,
	ENC_QP,
	ENC_BASE64,
	ENC_OTHER
};

struct summary {
	struct str envelope, body, bodystructure;
	struct str preview; /* UTF-8, at most 200 characters (RFC 8970) */
	/* RFC 5256 keys: UTF-8, case kept */
	struct str base_subject, from, to, cc, display_from, display_to;
	int64_t sent_ms;   /* Date:, ms since 1970 UTC; INT64_MIN: none */
	int32_t sent_zone; /* minutes east of UTC, for SENTON */
	/* Threads: message-ids without <>, in order; empty when absent */
	struct str message_id, in_reply_to;
	struct str *references;
	uint32_t n_references;
	bool has_attachment;
	bool opaque; /* over a limit: treated as one text/plain part; or
		      * summary_opaque() */
	struct summary_part *parts; /* [0] is the root */
	uint32_t n_parts;
};

/* The stored form; a summary always encodes. Decoding borrows from `in`. */
void summary_encode(const struct summary *s, struct buf *out);
enum status summary_decode(
    struct str in, struct arena *a, struct summary *out) MUST_CHECK;

/*
 * Of a message of `size` bytes that nobody may look into: an envelope of NILs,
 * one part of type application/octet-stream that is all of it. Appends the
 * encoded form.
 */
void summary_opaque(uint64_t size, struct buf *out);

/*
 * Only the fields that FETCH of envelope and structure needs: offsets into
 * the encoded form without building the parts table.
 */
struct summary_texts {
	struct str envelope, body, bodystructure, preview;
};
enum status summary_texts(struct str in, struct summary_texts *out) MUST_CHECK;

/*
 * Computes the summary as bytes arrive, in memory bounded by LIMIT_MIME_*
 * above: feed all bytes in any pieces, then finish. The result does not
 * depend on the pieces. Never fails on content: what is over a limit becomes
 * opaque.
 */
struct summarizer;
struct summarizer *summarizer_new(void);
void summarizer_feed(struct summarizer *z, struct str bytes);
/* The summary lives in `a`. `header_size_out`: bytes of the top header. */
void summarizer_finish(
    struct summarizer *z, struct arena *a, struct summary *out);
void summarizer_free(struct summarizer **z);

#endif

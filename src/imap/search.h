/*
 * SEARCH (RFC 9051 6.4.4): a tree of keys over the messages of a view. The
 * keys are a table (search_key.c) that says what each one takes, how it is
 * decided and what that costs; the children of AND and OR are ordered by
 * cost, so that a message's bytes are looked at only when nothing cheaper
 * has decided.
 */
#ifndef IMAP_SEARCH_H
#define IMAP_SEARCH_H

#include "imap/session.h"
#include "mime/summary.h"
#include "store/message.h"
#include "store/text_index.h"

enum {
	SEARCH_KEYS_MAX = 1024,   /* keys of one command */
	SEARCH_PIECE = 32 * 1024, /* of a body, looked at in one step */
	SEARCH_HEADER_MAX = 1024 * 1024,
	SEARCH_SLICE_MS = 2,
};

enum search_cost {
	SEARCH_ENTRY,   /* number, UID, flags, size: from the view */
	SEARCH_MESSAGE, /* INTERNALDATE */
	SEARCH_SUMMARY, /* Date: */
	SEARCH_HEADER,
	SEARCH_BODY,
};

enum search_answer { SEARCH_NO, SEARCH_YES, SEARCH_UNDECIDED };

struct search_node;
struct search_row; /* search_match.h */

enum search_arg {
	SEARCH_TAKES_NOTHING,
	SEARCH_TAKES_SET,
	SEARCH_TAKES_NUMBER,
	SEARCH_TAKES_DATE,
	SEARCH_TAKES_KEYWORD,
	SEARCH_TAKES_TEXT,
	SEARCH_TAKES_FIELD_AND_TEXT,
	SEARCH_TAKES_KEY,  /* NOT */
	SEARCH_TAKES_KEYS, /* OR */
};

struct search_key {
	struct str name;
	enum search_arg arg;
	enum search_cost cost;
	enum search_answer (*match)(
	    struct search_row *row, const struct search_node *node);
	unsigned flags;     /* ANSWERED...: bits that must be there */
	unsigned not_flags; /* UNANSWERED...: bits that must not */
	bool negate;        /* UNKEYWORD, OLD */
	bool in_header;     /* TEXT: in the message's own header, too */
	enum { SEARCH_LESS, SEARCH_EQUAL, SEARCH_LEAST, SEARCH_MORE } than;
	struct str field; /* FROM...: the field that is looked into */
};

/* What is known of the flag sets, by their ids: 1 no, 2 yes. */
struct search_known {
	uint8_t *sets;
	size_t n;
};

struct search_node {
	const struct search_key *key;
	struct search_node *child, *next; /* AND, OR, NOT */
	enum search_cost cost;            /* of its dearest key */
	struct imap_set set;
	bool by_uid;        /* UID set */
	struct uidset msns; /* of set, resolved */
	uint64_t number;
	int32_t day; /* since 1970-01-01 */
	struct str field;
	struct str text;            /* as sent, then folded */
	struct search_known *known; /* KEYWORD */
	unsigned needle;            /* BODY, TEXT: its number in search_body */
	struct text_probe *probe;   /* what the index says of it; or NULL */
};

struct search_args {
	struct str charset;
	bool has_return;
	bool min, max, all, count, save;
	struct search_node *root; /* AND of the keys */
	unsigned n_bodies;        /* BODY and TEXT: each has its bit */
	size_t n_keys;
};

/* [" RETURN (" ... ")"] SP ["CHARSET" SP charset SP] search-key ... */
bool search_parse(struct imap_parse *p, struct search_args *out);

/* Orders the children by cost. */
void search_plan(struct search_node *node);

/* AND, the key that has no name. */
extern const struct search_key search_and;

#endif

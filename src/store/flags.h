/*
 * Message flags (RFC 9051 2.3.2). System flags are bits; keywords are names.
 * A flag set is interned per account: entries hold its small id.
 */
#ifndef STORE_FLAGS_H
#define STORE_FLAGS_H

#include "base/arena.h"

enum flag_bits {
	FLAG_SEEN = 1 << 0,
	FLAG_ANSWERED = 1 << 1,
	FLAG_FLAGGED = 1 << 2,
	FLAG_DELETED = 1 << 3,
	FLAG_DRAFT = 1 << 4,
	FLAG_SYSTEM = (1 << 5) - 1,
};

/* A value: what a client asked for, or what a set holds. */
struct flags {
	unsigned bits;
	const struct str *keywords; /* no duplicates by ASCII case */
	size_t n_keywords;
};

struct flagset {
	uint32_t id;
	struct flags flags;
	/* "\Answered \Seen $Forwarded": ready to stand in FLAGS (...) */
	struct str text;
};

enum flags_op { FLAGS_SET, FLAGS_ADD, FLAGS_REMOVE };

#endif

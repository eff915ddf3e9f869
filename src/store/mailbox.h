/*
 * The mailboxes of an account, as the published columns say: names, counts
 * and identities. Everything here is a plain read; changes are change.h.
 *
 * Names are UTF-8 (NFC), levels are parted by '/', INBOX is written so.
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include "store/store.h"

enum { MAILBOX_KEYWORDS_MAX = 1000 }; /* S41 */

struct mailbox {
	uint64_t id; /* MAILBOXID: survives rename */
	struct str name;
	bool selectable; /* false: a name that only has children */
	bool subscribed;
	unsigned special_use; /* enum special_use bits */
	uint32_t uidvalidity, uidnext;
	uint64_t highestmodseq;
	uint32_t messages, unseen, deleted;
	uint64_t size, deleted_size; /* bytes (STATUS SIZE, DELETED-STORAGE) */
	uint32_t recent_from;        /* uids from here on are \Recent (V6) */
};

/* Sorted by name, INBOX first; borrowed until the next change or run. */
const struct mailbox *account_mailboxes(
    struct account *a, const struct viewer *v, size_t *n_out);

enum status mailbox_find(struct account *a, const struct viewer *v,
    struct str name, const struct mailbox **out) MUST_CHECK;
enum status mailbox_by_id(struct account *a, const struct viewer *v,
    uint64_t id, const struct mailbox **out) MUST_CHECK;

/* Names that are subscribed but do not exist, for LSUB and LIST (SUBSCRIBED). */
const struct str *account_lost_subscriptions(
    struct account *a, const struct viewer *v, size_t *n_out);

/* ST_OK, or ST_INVALID / ST_LIMIT for a name nobody may create (S41). */
enum status mailbox_name_check(struct str name) MUST_CHECK;

/* The keywords that mailbox has borne, for FLAGS at SELECT; they only grow. */
enum status mailbox_keywords(struct account *a, uint64_t mailbox,
    struct arena *arena, struct str **out, size_t *n_out) MUST_CHECK;

size_t mailbox_n_keywords(const struct account *a, uint64_t mailbox);

struct account_usage {
	uint64_t bytes, messages; /* live, counted against the quota */
	uint64_t quota;           /* bytes; 0: none */
	uint64_t retained_bytes;  /* kept by history only (S25) */
	uint64_t modseq;
	/* account_space() alone says these. */
	uint64_t dead; /* in packs, and in no message any more */
	uint64_t disk; /* all files */
};
void account_usage(struct account *a, struct account_usage *out);
/* The same, and what stands on the disk. */
enum status account_space(
    struct account *a, struct account_usage *out) MUST_CHECK;

#endif

/*
 * Changes: everything that can happen to an account, as values that can be
 * sent to its home worker. A session fills a struct change, asks, and gets a
 * struct changed with the answer. All pointers in a change stay valid until
 * it is answered; what a changed points at is valid during the answer only.
 *
 * Each change that has an effect gets one modseq (S21); every entry it
 * touched carries that modseq, and history holds who did it (origin).
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "base/uidset.h"
#include "store/flags.h"

/* Who looks or acts. Personal \Seen and rights hang on the person (S35). */
enum right_bits { /* RFC 4314 letters in order l r s w i p k x t e a */
	RIGHT_LOOKUP = 1 << 0,
	RIGHT_READ = 1 << 1,
	RIGHT_SEEN = 1 << 2,
	RIGHT_WRITE = 1 << 3,
	RIGHT_INSERT = 1 << 4,
	RIGHT_POST = 1 << 5,
	RIGHT_CREATE = 1 << 6,
	RIGHT_DELETE_MAILBOX = 1 << 7,
	RIGHT_DELETE_MESSAGE = 1 << 8,
	RIGHT_EXPUNGE = 1 << 9,
	RIGHT_ADMIN = 1 << 10,
	RIGHT_ALL = (1 << 11) - 1,
};

struct viewer {
	struct str person; /* address of the person; the owner's own too */
	unsigned rights;   /* over the account as a whole */
};

/* Where a change came from; interned in the account's origin table. */
struct origin {
	struct str person;
	struct str credential; /* its id or name: "iPhone", "password" */
	struct str protocol;   /* "imap", "pop3", "lmtp", "cli", "jmap" */
	struct str client;     /* from ID or HELO, shortened */
	struct str peer;       /* network address */
};

enum change_kind {
	CHANGE_APPEND,  /* messages[] into `mailbox`; COPYUID-like answer */
	CHANGE_DELIVER, /* messages[0] into the mailbox called `name`, or into
			 * INBOX when that is empty or absent; never over it */
	CHANGE_FLAGS,   /* uids, op, flags, unchanged_since */
	CHANGE_COPY,    /* uids from mailbox to target */
	CHANGE_MOVE,
	CHANGE_EXPUNGE,   /* uids; only those with \Deleted unless `forced` */
	CHANGE_POP3_QUIT, /* seen: uids get \Seen; gone: expunged; one change */
	CHANGE_CREATE,    /* name, special_use; parents come into being */
	CHANGE_DELETE,    /* mailbox */
	CHANGE_RENAME,    /* mailbox, name: with all below it; INBOX: S20 */
	CHANGE_SUBSCRIBE, /* name, on */
	CHANGE_SPECIAL_USE,  /* mailbox, special_use */
	CHANGE_QUOTA,        /* quota (bytes; 0: none) */
	CHANGE_CLAIM_RECENT, /* mailbox: what is \Recent is now told (V6) */
	CHANGE_RESTORE,      /* `at` and a scope, move_back, flags_back: what
			      * was there comes back (store/restore.h) */
	CHANGE_UNDO,         /* events, or first..last and `by`: their effects
			      * are taken back (store/restore.h) */
	CHANGE_KINDS
};

enum special_use { /* RFC 6154; a mailbox may bear several */
	USE_ARCHIVE = 1 << 0,
	USE_DRAFTS = 1 << 1,
	USE_FLAGGED = 1 << 2,
	USE_JUNK = 1 << 3,
	USE_SENT = 1 << 4,
	USE_TRASH = 1 << 5,
	USE_ALL = 1 << 6,
	USE_IMPORTANT = 1 << 7,
};

struct incoming; /* store/incoming.h: a message that has been received */

struct change {
	enum change_kind kind;
	const struct viewer *viewer;
	const struct origin *origin;
	uint64_t mailbox, target; /* MAILBOXIDs as numbers */
	struct str name;          /* UTF-8, levels parted by '/' */
	struct uidset uids;       /* CHANGE_POP3_QUIT: those to expunge */
	struct uidset seen;       /* CHANGE_POP3_QUIT only */
	enum flags_op op;
	struct flags flags;
	bool conditional; /* unchanged_since is given (RFC 7162) */
	uint64_t unchanged_since;
	bool forced;
	/* APPEND: no change when the account or its history knows the messages
	 * already, by EMAILIDs that were given (incoming_set_emailid). */
	bool once;
	bool on;
	unsigned special_use;
	uint64_t quota;
	struct incoming *const *messages;
	size_t n_messages;
	/*
	 * CHANGE_RESTORE. The scope: `uids` of `mailbox`; or the folder that
	 * was called `name` at that time, with those below it; or, without
	 * either, the whole account.
	 */
	uint64_t at;     /* the state right after this modseq; COPY: what
			  * `mailbox` held then; 0: holds now */
	bool move_back;  /* what was moved elsewhere since, renamed folders */
	bool flags_back; /* flags of messages that are still there */
	/* CHANGE_UNDO: events[] (modseqs), or all in first..last. */
	uint64_t first, last;
	uint64_t by; /* of this origin alone (past_event.origin_id); 0: any */
	const uint64_t *events;
	size_t n_events;
};

/* What RESTORE and UNDO did, in messages unless it says folders. */
struct brought {
	uint32_t folders;    /* that did not exist and do now */
	uint32_t kept;       /* came back under their UIDs (S30) */
	uint32_t fresh;      /* came back under new UIDs */
	uint32_t moved_back; /* from where they had been moved to */
	uint32_t flags;      /* got their flags back */
	uint32_t removed;    /* UNDO: went, as nothing else touched them */
	uint32_t names;      /* other effects on folders and names */
	/* What was not done, and why. */
	uint32_t there;     /* is there already */
	uint32_t elsewhere; /* had been moved, and move_back is not set */
	uint32_t skipped;   /* UNDO: something else touched it since */
	uint32_t refused;   /* UNDO: events of arrival (APPEND, DELIVER) */
};

struct changed {
	uint64_t modseq;        /* of this change; 0: nothing had to change */
	uint64_t mailbox;       /* created, renamed, or delivered into */
	uint32_t uidvalidity;   /* of the target of APPEND, COPY, MOVE */
	struct uidset from, to; /* COPYUID: from[i] became to[i], ascending */
	struct uidset modified; /* UNCHANGEDSINCE failed for these */
	uint32_t recent_from;   /* CLAIM_RECENT: uids >= this were \Recent */
	uint32_t recent_to;
	struct brought brought; /* RESTORE, UNDO */
	bool more; /* RESTORE, UNDO: a turn was full (S40): ask once more */
};

/* The form that crosses processes; incoming messages travel beside it. */
void change_encode(const struct change *c, struct buf *out);
enum status change_decode(
    struct str in, struct arena *a, struct change *out) MUST_CHECK;
void changed_encode(const struct changed *c, struct buf *out);
enum status changed_decode(
    struct str in, struct arena *a, struct changed *out) MUST_CHECK;

#endif

/*
 * An IMAP session, its calls, and what a command is.
 *
 *   bytes -> reader -> one command -> .parse -> .ask/.answer or .run -> news
 *                                                  -> tagged reply
 *
 * A command is one file with one struct imap_cmd and one line in cmd_table.c.
 * It changes something: `.ask` fills a struct change, the host answers, and
 * `.answer` says what was done. Or it only reads: `.run` does one slice. A
 * command that does both returns IMAP_ASK from `.run`. It never writes its
 * tagged reply: it returns a status (imap/status.c has the words), and may
 * set the response code of the OK.
 */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include "imap/parse.h"
#include "imap/reader.h"
#include "proto/config.h"
#include "proto/limits.h"
#include "proto/proto.h"
#include "store/view.h"

enum imap_state {
	IMAP_NONAUTH = 1 << 0, /* the login machine is always here */
	IMAP_AUTHED = 1 << 1,
	IMAP_SELECTED = 1 << 2,
	IMAP_ANY = IMAP_NONAUTH | IMAP_AUTHED | IMAP_SELECTED,
	IMAP_LOGGED_IN = IMAP_AUTHED | IMAP_SELECTED,
};

enum imap_cmd_flags {
	IMAP_USES_SEQ = 1 << 0,     /* no EXPUNGE in its reply, unless UID */
	IMAP_HAS_UID_FORM = 1 << 1, /* UID name ... is legal, too */
	IMAP_ONLY_UID_FORM = 1 << 2,
	IMAP_NEEDS_WRITE = 1 << 3, /* refused in a mailbox opened by EXAMINE */
	IMAP_TRYCREATE = 1 << 4,   /* ST_NOT_FOUND says [TRYCREATE] */
	IMAP_STREAMS_LITERAL = 1 << 5, /* `.literal` is asked at each literal */
	IMAP_READS_LINES = 1 << 6, /* `.line` takes what comes while it runs */
	IMAP_NO_NEWS = 1 << 7,     /* no untagged updates before its reply */
	IMAP_SECRET = 1 << 8,      /* its text is wiped after use */
};

/* What one slice of `.run` ends with. */
enum imap_step {
	IMAP_DONE,  /* call->status holds the result */
	IMAP_AGAIN, /* more to do at once: the next slice */
	IMAP_FLUSH, /* more to do when the output has left */
	IMAP_ASK,   /* call->change is to be asked; run() after the answer */
	IMAP_WAIT,  /* for a line, an answer to an own question, news */
};

/* What becomes of a literal that the client has announced. */
enum imap_literal {
	IMAP_LITERAL_KEEP,   /* an argument: into the text, for `.parse` */
	IMAP_LITERAL_STREAM, /* a message: its bytes go to `.bytes` */
	IMAP_LITERAL_REFUSE, /* call->status says why; nothing of it is kept */
};

struct imap;
struct imap_call;

struct imap_cmd {
	const char *name;       /* upper case */
	const char *rfc;        /* "RFC 9051 6.4.7" */
	const char *capability; /* announced because this command is there */
	unsigned states;
	unsigned flags;
	size_t args_size; /* zeroed, in the call's arena */
	/* From behind the name to the CRLF inclusive. */
	bool (*parse)(struct imap_parse *p, void *args);
	enum status (*ask)(struct imap_call *call, struct change *ask_out);
	void (*answer)(struct imap_call *call, const struct changed *done);
	/* The change was not made. NULL: the call ends with that status. */
	void (*refused)(struct imap_call *call, enum status st);
	enum imap_step (*run)(struct imap_call *call);
	/*
	 * IMAP_STREAMS_LITERAL: p stands behind the name, and its end is the
	 * announcement of the literal, CRLF inclusive, so that a literal not
	 * yet read makes a token fail with p->truncated. When all is read,
	 * `.parse` gets the whole text, in which a streamed literal is its
	 * announcement alone. `args` are the same all along.
	 */
	enum imap_literal (*literal)(struct imap_call *call,
	    struct imap_parse *p, uint64_t size, bool binary);
	void (*bytes)(struct imap_call *call, struct str bytes);
	/* One line without its CRLF, while the command waits. */
	void (*line)(struct imap_call *call, struct str line);
	/* The answer to an ASK_AUTH of its own; reply is NULL unless ST_OK. */
	void (*auth)(struct imap_call *call, enum status st,
	    const struct auth_reply *reply);
	/* Always the last thing called, however the call ends; may be NULL. */
	void (*end)(struct imap_call *call);
};

/* One command being executed; lives in its own arena. */
struct imap_call {
	struct imap *s;
	const struct imap_cmd *cmd;
	struct str tag;
	bool uid;       /* UID form */
	void *args;     /* filled by parse */
	size_t args_at; /* where they begin in the reader's text */
	void *state;    /* the command's own, from the arena, NULL at first */
	struct arena *arena;
	struct buf *out; /* where untagged lines go; changes between calls */
	enum status status;
	struct str code; /* "COPYUID 1 2 3": goes into the tagged reply */
	struct str text; /* instead of "NAME completed" */
	struct change change;
	struct uidset uids; /* for the change; released with the call */
	enum {
		CALL_READING, /* its literals are still to come */
		CALL_RUNNING,
		CALL_NEWS, /* it has ended, news comes before its reply */
	} phase;
	enum imap_step step; /* what the last slice ended with */
	bool asked;          /* the generic run of .ask has asked */
	bool bye;            /* LOGOUT: the session ends after the reply */
	bool starttls;       /* TLS begins after the reply */
	bool compress;       /* DEFLATE begins after the reply */
	bool unauthenticate; /* the login ends after the reply */
};

struct imap_selected {
	struct view *view; /* NULL: nothing selected */
	uint64_t mailbox;  /* 0: one of the past */
	uint64_t past_mailbox, past_modseq;
	bool read_only;
	struct uidset saved;  /* SEARCHRES, as UIDs */
	struct uidset recent; /* what is \Recent for this session (V6) */
	size_t keywords;      /* as many of its keywords were told */
};

/* News being written (imap/updates.c); lives from slice to slice. */
struct imap_news {
	enum {
		NEWS_NONE,
		NEWS_CLAIM, /* the answer to CLAIM_RECENT is awaited */
		NEWS_CLAIMED,
		NEWS_WRITE,
	} phase;
	struct change claim;
	struct view_news news;
	struct arena arena;
	size_t expunged, changed; /* written so far */
	bool counts_told;
};

struct imap {
	const struct host *host;
	const struct tls_facts *tls;
	enum imap_state state;
	struct viewer viewer;
	struct origin origin;
	struct imap_selected selected;
	struct imap_news news;
	bool rev2; /* ENABLE IMAP4rev2: no RECENT, ESEARCH, UTF-8 names */
	bool utf8; /* names go as UTF-8: rev2, or UTF8=ACCEPT */

	struct imap_reader reader;
	enum imap_read got; /* what the reader has found for the next run */
	struct arena arena; /* of the call */
	struct imap_call *call;
	struct buf said;   /* written outside of run: goes out first */
	uint32_t question; /* id of the open question, or 0 */
	bool question_is_news, question_is_change;

	unsigned commands, bad_commands, login_failures;
	int64_t active_ms; /* mono: when the client last sent something */
	int64_t opened_ms;
	bool greeted, eof, drain, revoked, timeout, closing;
	bool handed_over, securing;
	bool compressed;   /* or will be, behind the reply */
	unsigned want;     /* WANT_HANDOVER and the like: to be told once */
	struct buf client; /* what ID said: "name/version" */
};

static inline struct account *
imap_account(const struct imap_call *call)
{
	return call->s->host->account;
}

static inline struct view *
imap_view(const struct imap_call *call)
{
	return call->s->selected.view;
}

/*
 * A set of message numbers (or UIDs, in the UID form) as the UIDs of the
 * selected view. ST_SYNTAX for a number beyond the last message; UIDs that
 * are not there are no error (RFC 9051 6.4.9).
 */
enum status imap_resolve(struct imap_call *call, const struct imap_set *set,
    struct uidset *uids_out) MUST_CHECK;

/* \Recent for this uid, in this session (never with IMAP4rev2). */
bool imap_is_recent(const struct imap *s, uint32_t uid);

/*
 * "* n FETCH (UID u FLAGS (...))" as an untagged update of message msn; UID
 * only if asked for (RFC 9051 7.5.2: rev2 and UID commands want it).
 */
void imap_write_flags_update(
    struct imap *s, struct buf *out, uint32_t msn, bool uid);

/* STORE, EXPUNGE and MOVE ask for this many messages at once (S40). */
enum { IMAP_TURN = 10000 };

/*
 * Those of the set that a change can still reach; *gone_out: some others are
 * expunged already, but not yet told to the client.
 */
enum status imap_resolve_live(struct imap_call *call,
    const struct imap_set *set, struct uidset *uids_out,
    bool *gone_out) MUST_CHECK;

/* Moves the first IMAP_TURN of `rest` to `turn`, which is cleared first. */
void imap_next_turn(struct uidset *rest, struct uidset *turn);

/* Closes the view, forgets what belonged to it; back to IMAP_AUTHED. */
void imap_deselect(struct imap *s);

/* `.ask` found nothing to change: the kind it leaves. */
#define IMAP_NOTHING CHANGE_KINDS

/* Puts a change into the outbox; the engine does so for IMAP_ASK. */
void imap_ask_change(struct imap *s, const struct change *c, bool is_news);

/* Fills a change's viewer, origin and kind. */
void imap_change_init(
    struct imap_call *call, struct change *c, enum change_kind kind);

#endif

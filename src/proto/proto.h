/*
 * The session interface (DESIGN 3). A protocol is a pure state machine: bytes
 * and events in, bytes and questions out. No socket, file, clock, randomness,
 * environment or mutable global in here: what a session needs, its host gives.
 *
 *          event()                        run()
 *   host ----------> session machine ----------> out (bytes), outbox
 *     ^                                             |
 *     |  wants: INPUT FLUSH AGAIN STARTTLS HANDOVER CLOSE, deadline
 *     +---------------------------------------------+
 *
 * The host's loop for one session:
 *   - an event is delivered with event(), then run() is called until it no
 *     longer wants AGAIN;
 *   - bytes of `out` are sent; with FLUSH set, run() is not called again until
 *     they have left (back-pressure); the host never lets `out` grow past
 *     PROTO_OUT_HIGH: it stops calling run();
 *   - EVENT_INPUT is delivered only while INPUT is wanted. The session takes
 *     bytes off the front of the buffer. What it leaves, it leaves because it
 *     is busy: the host delivers the rest when INPUT is wanted again. An
 *     incomplete line is taken and kept by the session, within its limits.
 *   - questions in the outbox are taken by the host after each run() and
 *     answered by EVENT_ANSWER, in any order, each exactly once, unless the
 *     session is closed before.
 *   - after CLOSE the output is sent, and the session closed.
 *
 * Every reply of the session goes to `out`, in order. Reading the store is a
 * plain call; everything that changes it is a question.
 */
#ifndef PROTO_PROTO_H
#define PROTO_PROTO_H

#include "auth/grant.h"
#include "auth/outcome.h"
#include "base/clock.h"
#include "store/store.h"

enum {
	PROTO_OUT_SLICE = 64 * 1024, /* a slice's output, about */
	PROTO_OUT_HIGH = 256 * 1024, /* run() is not called above it */
	PROTO_OUTBOX_MAX = 16,       /* open questions of a session */
};

/* What TLS said of the connection; all empty without it. */
struct tls_facts {
	bool on;
	struct str version; /* "TLSv1.3" */
	struct str cipher;
	struct str sni;
	struct str exporter; /* channel bindings (RFC 5929, RFC 9266) */
	struct str unique;
	struct str endpoint;
};

struct peer {
	struct str address; /* "192.0.2.1", "2001:db8::1", "unix" */
	uint16_t port;
	bool loopback;    /* or a Unix socket */
	bool proxied_tls; /* a proxy in front has ended TLS */
};

/*
 * What goes from the pre-login machine to the post-login one. Unread bytes
 * travel beside it: they are what the host still holds.
 */
struct handover {
	struct str tag;    /* IMAP: of the command to be answered OK */
	struct str client; /* IMAP: what ID said, "name/version" */
	bool sasl_final;   /* IMAP: AUTHENTICATE rather than LOGIN */
	bool returned;     /* IMAP, to the login machine: UNAUTHENTICATE */
	bool utf8;         /* POP3: UTF8 was asked for */
	struct str lang;   /* POP3: LANG */
};

enum question_kind {
	ASK_AUTH,      /* a step of an authentication: struct auth_step */
	ASK_CHANGE,    /* struct change; answer: struct changed */
	ASK_RECIPIENT, /* LMTP RCPT; answer: struct recipient */
	ASK_DELIVER,   /* LMTP: hand a message to one recipient */
};

/* One step of SASL. LOGIN and USER/PASS are asked as PLAIN. */
struct auth_step {
	struct str mechanism; /* set in the first step of an exchange */
	bool has_response;    /* an initial response, perhaps empty, is there */
	struct str response;  /* decoded */
	bool cancel;          /* "*": forget the exchange */
};

struct auth_reply {
	enum auth_outcome outcome;
	struct str data;
};

struct recipient {
	struct str account; /* the store's id */
	struct str address; /* the account's main address */
	struct str detail;  /* of anna+detail@ */
	uint32_t home;
};

struct deliver_ask {
	const struct recipient *to;
	const struct incoming *message;
	struct str return_path;
	struct str trace; /* Return-Path and Received lines, CRLF-ended */
};

struct question {
	uint32_t id; /* given by outbox_ask */
	enum question_kind kind;
	union {
		struct auth_step auth;
		const struct change *change;
		struct str recipient; /* the address, without <> */
		struct deliver_ask deliver;
	};
};

struct outbox {
	struct question q[PROTO_OUTBOX_MAX];
	size_t n;
	uint32_t last_id;
};

/* A free place with its id set; NULL when the outbox is full. */
struct question *outbox_ask(struct outbox *o, enum question_kind kind);

struct answer {
	uint32_t id;
	enum status status;
	union { /* by the kind of the question, if ST_OK */
		struct auth_reply auth;
		const struct changed *changed;
		const struct recipient *recipient;
	};
};

enum event_kind {
	EVENT_INPUT,
	EVENT_EOF,
	EVENT_TIMER,
	EVENT_ANSWER,
	EVENT_CHANGED,
	EVENT_SECURED,
	EVENT_REVOKED,
	EVENT_DRAIN,
};

struct event {
	enum event_kind kind;
	union {
		struct buf *input;
		const struct answer *answer;
		const struct tls_facts *tls;
	};
};

enum want_bits {
	WANT_INPUT = 1 << 0,
	WANT_FLUSH = 1 << 1,
	WANT_AGAIN = 1 << 2,
	WANT_STARTTLS = 1 << 3, /* once out is sent, then EVENT_SECURED */
	WANT_HANDOVER = 1 << 4, /* login only: host->handover is filled */
	WANT_CLOSE = 1 << 5,
	WANT_COMPRESS = 1 << 6, /* after out is sent: deflate both ways */
	WANT_RETURN = 1 << 7,   /* UNAUTHENTICATE: back to login */
};

struct wants {
	unsigned bits;
	int64_t deadline; /* mono ms for EVENT_TIMER; INT64_MAX: none */
};

struct proto_config; /* proto/config.h: what the settings let a session do */

/* What a session is given. Outlives the session; the session's to read. */
struct host {
	const struct clock *clock;
	const struct random *random;
	const struct proto_config *config;
	const struct peer *peer;
	const struct tls_facts *tls;
	struct outbox *outbox;
	struct handover *handover; /* login fills it, the next machine reads */
	/* After login only: */
	const struct grant *grant;
	struct store *store;
	struct account *account;
	/* The command that is now carried out, a static name; NULL: nobody
	 * wants to know (P10). */
	void (*doing)(void *ctx, const char *command);
	int (*spool)(void *ctx); /* a descriptor for store/incoming.h, or -1 */
	void *ctx;
};

struct proto {
	const char *name;
	void *(*open)(const struct host *h);
	void (*event)(void *s, const struct event *e);
	struct wants (*run)(void *s, struct buf *out);
	void (*close)(void *s);
};

#endif

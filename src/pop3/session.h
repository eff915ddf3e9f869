/* What the two POP3 machines and their commands share. */
#ifndef POP3_SESSION_H
#define POP3_SESSION_H

#include "pop3/pop3.h"
#include "proto/config.h"
#include "proto/limits.h"
#include "proto/line.h"
#include "store/view.h"

struct pop3;

struct pop3_cmd {
	struct str name;
	void (*run)(struct pop3 *s, struct str args, struct buf *out);
};

enum pop3_state {
	POP3_LINE,       /* waits for a command */
	POP3_ASKED,      /* waits for an answer */
	POP3_SASL,       /* waits for a line of a SASL exchange */
	POP3_SASL_FINAL, /* success, when the client has confirmed */
	POP3_TLS,        /* waits for TLS */
	POP3_SENDING,    /* RETR, TOP, LIST, UIDL go out in slices */
	POP3_CLOSING,
};

/* A listing or a message on its way out. */
struct pop3_sending {
	void (*slice)(
	    struct pop3 *s, struct buf *out); /* POP3_LINE at its end */
	uint32_t msn; /* LIST, UIDL: the next one; RETR, TOP */
	uint64_t message, at, size;
	uint64_t header_size;
	uint32_t lines_left; /* TOP: of the body */
	bool top;
	bool line_start, after_cr; /* of what was sent last */
};

struct pop3 {
	const struct host *host;
	struct line_reader lines;
	struct arena arena; /* of one command */
	enum pop3_state state;
	unsigned want;
	struct buf said; /* by events, until run() hands it out */
	bool utf8;
	int64_t active_ms; /* of the last command; login: of the connection */

	/* Before the login. */
	const struct tls_facts *tls;
	struct buf user;
	unsigned failures, commands, bad;
	uint32_t question;
	struct arena exchange; /* a SASL exchange or a PASS */

	/* After it. */
	struct viewer viewer;
	struct origin origin;
	struct view *view;
	uint32_t n;
	uint64_t total;             /* bytes */
	uint64_t *messages, *sizes; /* by msn - 1 */
	uint32_t *first_copy; /* UIDL: the msn that shows the same message */
	bool *deleted;
	uint32_t n_deleted;
	uint64_t deleted_bytes;
	struct uidset seen, gone; /* at QUIT */
	struct change change;
	bool greeted;
	struct pop3_sending sending;
};

struct pop3 *pop3_new(const struct host *h, size_t line_max);
void pop3_free(struct pop3 *s);

/* Finds and runs a command; false: there is none of that name. */
bool pop3_dispatch(struct pop3 *s, const struct pop3_cmd *table, size_t n,
    struct str line, struct buf *out);

/* -ERR with the response code that a status has, if any (RFC 2449, 3206). */
void pop3_error(enum status st, struct buf *out);
void pop3_capabilities(const struct pop3 *s, bool logged_in, struct buf *out);
/* USER, PASS and PLAIN may be used here (auth.cleartext). */
bool pop3_cleartext(const struct pop3 *s);
void pop3_lang(struct pop3 *s, struct str args, struct buf *out);

/* transfer.c: commands that send messages or lists. */
void pop3_list(struct pop3 *s, struct str args, struct buf *out);
void pop3_uidl(struct pop3 *s, struct str args, struct buf *out);
void pop3_retr(struct pop3 *s, struct str args, struct buf *out);
void pop3_top(struct pop3 *s, struct str args, struct buf *out);
/* A message number that is there and not deleted, or -ERR is written. */
bool pop3_msn(struct pop3 *s, struct str args, uint32_t *out, struct buf *err);

#endif

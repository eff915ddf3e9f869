/*
 * A POP3 session: one command at a time, each a row of cmd_table.c.
 *
 *            line                 answer of a question
 *   (idle) -------> run() --WAIT-----------------------> run() ...
 *      ^              |  \--LINE-----the client's line--> run() ...
 *      |              |   \-AGAIN----after this slice---> run() ...
 *      +----DONE------+
 *
 * run() is called again and again until it is DONE; `phase` is its own
 * memory of where it is, 0 at first.
 */
#ifndef POP3_SESSION_H
#define POP3_SESSION_H

#include "proto/config.h"
#include "proto/limits.h"
#include "proto/line.h"
#include "proto/proto.h"
#include "store/message.h"
#include "store/view.h"

enum pop3_state { POP3_AUTHORIZATION = 1 << 0, POP3_TRANSACTION = 1 << 1 };

enum pop3_step { POP3_DONE, POP3_WAIT, POP3_LINE, POP3_AGAIN };

struct pop3;

struct pop3_cmd {
	struct str name;
	unsigned states;      /* enum pop3_state bits */
	unsigned least, most; /* arguments */
	bool rest;            /* one argument, the whole rest of the line */
	enum pop3_step (*run)(struct pop3 *s, struct buf *out);
};

struct pop3_message {
	uint64_t id;
	uint64_t size;
	uint32_t uid;
	uint32_t copy_of;   /* UIDL: the first that shows it; 0: this one */
	bool deleted, seen; /* in this session */
};

struct pop3_drop {
	uint64_t mailbox;
	struct view *view; /* keeps what is expunged meanwhile readable */
	struct pop3_message *messages;
	uint32_t n;
	bool copies_known;
	uint32_t left; /* not deleted */
	uint64_t size; /* of those */
};

struct pop3 {
	const struct host *host;
	const struct tls_facts *tls;
	enum pop3_state state;
	struct line_reader reader;
	enum line_result got; /* LINE_NONE: there is no line */
	struct str line;

	const struct pop3_cmd *cmd; /* NULL: idle */
	struct str args[2];         /* valid in phase 0 only */
	unsigned n_args;
	int phase;
	enum pop3_step step;
	struct arena arena; /* of the command */

	uint32_t question; /* its answer is awaited; 0: none */
	enum status answer;
	struct auth_reply reply; /* in the arena */
	struct change change;    /* what is asked */

	int64_t opened_ms, active_ms;
	unsigned commands, bad_commands, failures;
	bool greeted, closing, securing, handed_over, eof, drain, revoked;
	unsigned want; /* for the next return of run() */

	struct buf user; /* what USER said */
	bool has_user, utf8;
	const char *success; /* AUTH: the state behind the final data */

	struct viewer viewer;
	struct origin origin;
	struct pop3_drop drop;
	struct pop3_sending {
		uint32_t msn;
		struct buf head; /* goes in front, in place of the header */
		size_t head_at;
		uint64_t at; /* of the message's bytes */
		uint64_t lines_left;
		bool limited; /* TOP */
		bool body;    /* the header has been sent */
		bool line_start;
		bool line_empty; /* nothing but CR in this line so far */
	} sending;
	uint32_t listed; /* LIST, UIDL: up to here */
};

/* "+OK text"; "-ERR [code] text", the code without brackets or NULL. */
void pop3_ok(struct buf *out, const char *text);
enum pop3_step pop3_err(struct buf *out, const char *code, const char *text);
enum pop3_step pop3_err_status(struct buf *out, enum status st);

/* Asks; the answer is in s->answer (and s->reply) when run() is next called. */
enum pop3_step pop3_ask_auth(struct pop3 *s, const struct auth_step *step);

/* cmd_table.c */
const struct pop3_cmd *pop3_cmd_find(struct str name);

/* drop.c */
enum status pop3_drop_open(struct pop3 *s);
void pop3_drop_release(struct pop3 *s);
/* Fills copy_of. */
void pop3_drop_copies(struct pop3 *s);
/* The message an argument names; otherwise writes why not and gives NULL. */
struct pop3_message *pop3_drop_find(
    struct pop3 *s, struct str arg, struct buf *out);

#endif
